package plan

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/assaylab/assay/harness/spec"
)

// block draws block b: every cell once, its order from PCG(seed, b) alone.
// Plots are drawn first, then the steps of each, then the sides of each step.
// Without slow knobs a block is one plot, without a duet every step is one trial.
func (p *Plan) block(b int, plots [][]Step) Block {
	src := rand.NewPCG(p.Seed, uint64(b))
	plots = slices.Clone(plots)
	shuffle(src, plots)
	trials := make([]Trial, 0, len(p.Cells))
	at := 0
	for i, steps := range plots {
		steps = slices.Clone(steps)
		shuffle(src, steps)
		for _, s := range steps {
			s = slices.Clone(s)
			shuffle(src, s)
			for side, cell := range s {
				trials = append(trials, Trial{N: b*len(p.Cells) + len(trials), Plot: i, Step: at, Side: side, Cell: cell})
			}
			at++
		}
	}
	return Block{Nuisance: p.nuisance(src), Trials: trials}
}

// A Step is the cells that run at once.
type Step []int

// How many values of a nuisance factor there are to draw from. Layouts are few
// because each is a binary of its own; a page of environment holds every place
// that a stack, which is aligned to 16 bytes, can begin at.
const (
	layouts  = 32
	envBytes = 4096
)

// nuisance draws what is equal for all trials of a block. It is drawn after the
// order, so that a nuisance factor more leaves every order as it was.
func (p *Plan) nuisance(src *rand.PCG) map[string]uint64 {
	var drawn map[string]uint64
	for _, name := range p.Spec.Design.Nuisance {
		if drawn == nil {
			drawn = map[string]uint64{}
		}
		switch name {
		case spec.NuisanceLayout:
			drawn[name] = 1 + below(src, layouts) // the linker takes 0 for no seed
		case spec.NuisanceEnvSize:
			drawn[name] = below(src, envBytes)
		}
	}
	return drawn
}

// Layouts are the orders of functions that some block drew, sorted.
func (p Plan) Layouts() []uint64 {
	drawn := map[uint64]bool{}
	for _, b := range p.Blocks {
		if seed, ok := b.Nuisance[spec.NuisanceLayout]; ok {
			drawn[seed] = true
		}
	}
	return slices.Sorted(maps.Keys(drawn))
}

// plots groups the steps whose cells share the levels of all slow knobs, in the
// order of their first cells. A control arm is a plot of its own: it is there to
// show what equal cells may differ by, and setting the slow knob anew is part of that.
func (p *Plan) plots() [][]Step {
	return grouped(p.steps(), func(s Step) string { return p.plotOf(p.Cells[s[0]]) })
}

// Steps lists what runs at once for whoever goes through the cells outside of the
// blocks: each slow level, whatever the arm, comes once.
func (p *Plan) Steps() []Step {
	return slices.Concat(grouped(p.steps(), func(s Step) string { return p.slow(p.Cells[s[0]]) })...)
}

// steps groups the cells that run at once, by index.
func (p *Plan) steps() []Step {
	var all []Step
	for _, cells := range grouped(p.Cells, p.stepOf) {
		var s Step
		for _, c := range cells {
			s = append(s, c.Index)
		}
		all = append(all, s)
	}
	return all
}

// grouped puts what has the same name together, in the order of the first of each.
func grouped[T any](all []T, name func(T) string) [][]T {
	var groups [][]T
	at := map[string]int{}
	for _, x := range all {
		i, ok := at[name(x)]
		if !ok {
			i = len(groups)
			at[name(x)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], x)
	}
	return groups
}

// stepOf is what the cells of one step have in common: all but the level of the
// duet's key.
func (p *Plan) stepOf(c Cell) string {
	if !p.Duet() {
		return strconv.Itoa(c.Index)
	}
	name := c.Arm
	for _, f := range p.Factors {
		if f.Key != p.Spec.Design.Duet.Text {
			name += "\x00" + c.Levels[f.Key]
		}
	}
	return name
}

// plotOf is what the cells of one plot have in common.
func (p *Plan) plotOf(c Cell) string {
	if len(p.Spec.Design.WholePlot) == 0 {
		return ""
	}
	return c.Arm + "\x00" + p.slow(c)
}

// slow names the levels of the slow knobs in a cell.
func (p *Plan) slow(c Cell) string {
	var name string
	for _, key := range p.Spec.Design.WholePlot {
		name += c.Levels[key.Text] + "\x00"
	}
	return name
}

// shuffle puts a list into a random order, all orders equally likely.
func shuffle[T any](src *rand.PCG, list []T) {
	for i := len(list) - 1; i > 0; i-- {
		j := below(src, uint64(i+1))
		list[i], list[j] = list[j], list[i]
	}
}

// below draws evenly from [0, n). It is written out here, on the generator's
// own bits, so that no release of the standard library can change an order.
func below(src *rand.PCG, n uint64) uint64 {
	limit := -n % n // 2^64 mod n: draws under it would favour small results
	for {
		if v := src.Uint64(); v >= limit {
			return v % n
		}
	}
}
