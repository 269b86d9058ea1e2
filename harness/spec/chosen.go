package spec

import "slices"

// selections gives the experiment with every selection in canonical text, and
// notes levels that their key does not take.
func (k *checker) selections(e Experiment) Experiment {
	e.Include = k.all("include", e.Include)
	e.Exclude = k.all("exclude", e.Exclude)
	e.Design.Controls.AA = k.selection("design.controls.aa", e.Design.Controls.AA)
	if p := e.Design.Controls.Positive; p != nil {
		copied := *p
		copied.At = k.selection("design.controls.positive.at", p.At)
		e.Design.Controls.Positive = &copied
	}
	claims := make([]Claim, len(e.Claims))
	for i, c := range e.Claims {
		where := "claim " + c.ID.Text
		c.Source.At = k.foreign(c.Source.At)
		c.Compare.Of = k.selection(where+": of", c.Compare.Of)
		c.Compare.To = k.all(where+": to", c.Compare.To)
		for j, to := range c.Compare.To {
			k.distinct(where, c.Compare, j, to)
		}
		claims[i] = c
	}
	if e.Claims != nil {
		e.Claims = claims
	}
	return e
}

// distinct notes a side that is compared with itself, or named twice.
func (k *checker) distinct(where string, c Compare, i int, to Selection) {
	if to.equal(c.Of) {
		k.fail(to.place(), "", "%s: of and to are both %s", where, to)
	}
	for _, before := range c.To[:i] {
		if to.equal(before) {
			k.fail(to.place(), "", "%s: to names %s twice", where, to)
		}
	}
}

func (k *checker) all(where string, ss []Selection) []Selection {
	if ss == nil {
		return nil
	}
	out := make([]Selection, len(ss))
	for i, s := range ss {
		out[i] = k.selection(where, s)
	}
	return out
}

// selection is a selection in canonical text; every level must be one that its key takes.
func (k *checker) selection(where string, s Selection) Selection {
	out := k.foreign(s)
	for _, set := range out {
		h, ok := k.keys.get(set.Key.Text)
		if !ok {
			continue // noted when the file was read
		}
		if levels := h.distinct(); !slices.Contains(levels, set.Level.Text) {
			k.fail(set.Level.Pos, list(levels), "%s: %s has no level %s in this experiment", where, set.Key.Text, set.Level.Text)
		}
	}
	return out
}

// foreign is a selection in canonical text whose levels need not be ours.
func (k *checker) foreign(s Selection) Selection {
	if s == nil {
		return nil
	}
	out := make(Selection, len(s))
	for i, set := range s {
		if _, ok := k.keys.get(set.Key.Text); ok {
			set.Level = k.level(set.Key.Text, set.Level)
		}
		out[i] = set
	}
	return out
}
