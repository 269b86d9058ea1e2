package spec

// alpha is the family-wise error that the sub-claims of an experiment share.
const alpha = 0.05

// alphaOfStopped is that of one which stops on precision; see [Design.Alpha].
const alphaOfStopped = 0.0375

// facts are what a source may have run with besides keys of the experiment.
var facts = []string{"go", "kernel", "arch"}

// A Part is one sub-claim of a claim: a relation with a verdict of its own.
type Part struct {
	Name     string // "direction", "magnitude" or "predict"
	Relation Relation
}

// Parts are the sub-claims of a claim, in that order.
func (c Claim) Parts() []Part {
	var parts []Part
	for _, p := range []struct {
		name string
		r    *Relation
	}{{"direction", c.Direction}, {"magnitude", c.Magnitude}, {"predict", c.Predict}} {
		if p.r != nil {
			parts = append(parts, Part{p.name, *p.r})
		}
	}
	return parts
}

// claims looks at every claim.
func (c *consistency) claims() {
	ids := map[string]Pos{}
	for _, claim := range c.Claims {
		if first, twice := ids[claim.ID.Text]; twice {
			c.fail(claim.ID.Pos, "", "claim %s stands twice (first in line %d)", claim.ID.Text, first.Line)
		}
		ids[claim.ID.Text] = claim.ID.Pos
		c.known("source.at", claim.Source.At, facts...)
		c.compare(claim)
		if len(claim.Parts()) == 0 {
			c.fail(claim.ID.Pos, "direction, magnitude, predict", "claim %s predicts nothing", claim.ID.Text)
		}
		for _, p := range claim.Parts() {
			c.sides(claim, p)
		}
	}
}

// sides notes a relation that the number of sides does not fit.
func (c *consistency) sides(claim Claim, p Part) {
	q := p.Relation.Quantity
	if q.Alone() && len(claim.Compare.To) > 0 {
		c.fail(p.Relation.Pos, "ratio, difference", "claim %s: a %s has one side, and compare has to", claim.ID.Text, q)
	}
	if !q.Alone() && len(claim.Compare.To) == 0 {
		c.fail(p.Relation.Pos, "value, share, or compare with to", "claim %s: a %s has two sides, and compare has no to", claim.ID.Text, q)
	}
}

// compare looks at the two sides of a claim and at what it is split by.
func (c *consistency) compare(claim Claim) {
	where := "claim " + claim.ID.Text
	cmp := claim.Compare
	c.known(where, cmp.Of)
	for i, to := range cmp.To {
		c.known(where, to)
		c.once(where+": to", to, cmp.To[:i])
		c.sameKeys(where, cmp.Of, to)
	}
	for _, key := range cmp.Each {
		h, ok := c.knownKey(where+": each", key)
		_, compared := cmp.Of.level(key.Text)
		switch {
		case !ok:
		case compared:
			c.fail(key.Pos, "", "%s: each splits by %s, which of compares", where, key.Text)
		case !h.varies():
			c.fail(key.Pos, list(c.keys.names(true)), "%s: each splits by %s, which is held at %s", where, key.Text, h.Levels[0].Text)
		}
	}
}

// sameKeys notes a key that one side leaves open: it is neither compared then nor matched.
func (c *consistency) sameKeys(where string, of, to Selection) {
	open := func(side string, a, b Selection) {
		for _, set := range a {
			h, ok := c.keys.get(set.Key.Text)
			if _, named := b.level(set.Key.Text); ok && h.varies() && !named {
				c.fail(b.place(), "", "%s: %s has no level for %s, which the other side names", where, side, set.Key.Text)
			}
		}
	}
	open("to", of, to)
	open("of", to, of)
}

// SubClaims is the number of verdicts that the experiment asks for, and so the
// m of Holm's procedure: every direction, magnitude and predict, times the
// levels of the keys that its claim is split by.
func (e Experiment) SubClaims() int {
	keys, m := ring(e.held()), 0
	for _, claim := range e.Claims {
		n := len(claim.Parts())
		for _, key := range claim.Compare.Each {
			if h, ok := keys.get(key.Text); ok {
				n = min(n*len(h.distinct()), maxTrials) // a long zip named often would overflow
			}
		}
		m += n
	}
	return m
}

// FewestBlocks is the smallest number of blocks at which the hardest judged of m
// sub-claims can have a finite interval. With n blocks the closed signed-rank interval
// is finite at levels up to 1 - 2^(1-n), and the first step of Holm's procedure judges
// at 1 - Alpha/m.
func (d Design) FewestBlocks(m int) int {
	n := 1
	for p := 1.0; p > d.Alpha()/float64(max(m, 1)); p /= 2 {
		n++
	}
	return n
}

// Alpha is the family-wise error that the sub-claims are judged at: 0.05, and
// 0.0375 in a design that stops on precision. A run that stops once its intervals
// are short stops where its spread looks smaller than it is. Of 20,000 runs without a
// difference on each of nine simulated machines, of 10 to 30 blocks and until 1.2 %,
// up to 6.4 % found one where they were judged at 0.05, and at 0.0375 up to 5.03 %
// (exact 95 % bound 4.7 to 5.3), where the noise is a random walk (make simulate).
func (d Design) Alpha() float64 {
	if d.Precision > 0 {
		return alphaOfStopped
	}
	return alpha
}
