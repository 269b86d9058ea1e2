package plan

import (
	"math/rand/v2"
	"slices"

	"github.com/assaylab/assay/harness/spec"
)

// block draws block b: every cell once, its order from PCG(seed, b) alone.
// Plots are drawn first, then the trials of each, in the order of plots.
// Without slow knobs a block is one plot. Every step holds one trial.
func (p *Plan) block(b int, plots [][]int) Block {
	src := rand.NewPCG(p.Seed, uint64(b))
	plots = slices.Clone(plots)
	shuffle(src, plots)
	trials := make([]Trial, 0, len(p.Cells))
	for i, cells := range plots {
		cells = slices.Clone(cells)
		shuffle(src, cells)
		for _, cell := range cells {
			at := len(trials)
			trials = append(trials, Trial{N: b*len(p.Cells) + at, Plot: i, Step: at, Cell: cell})
		}
	}
	return Block{Nuisance: p.nuisance(src), Trials: trials}
}

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

// plots groups cells that share the levels of all slow knobs, in the order of
// their first cells. A control arm is a plot of its own: it is there to show
// what equal cells may differ by, and setting the slow knob anew is part of that.
func (p *Plan) plots() [][]int {
	var plots [][]int
	at := map[string]int{}
	for _, c := range p.Cells {
		i, ok := at[p.plotOf(c)]
		if !ok {
			i = len(plots)
			at[p.plotOf(c)] = i
			plots = append(plots, nil)
		}
		plots[i] = append(plots[i], c.Index)
	}
	return plots
}

// plotOf is what the cells of one plot have in common.
func (p *Plan) plotOf(c Cell) string {
	if len(p.Spec.Design.WholePlot) == 0 {
		return ""
	}
	name := c.Arm
	for _, key := range p.Spec.Design.WholePlot {
		name += "\x00" + c.Levels[key.Text]
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
