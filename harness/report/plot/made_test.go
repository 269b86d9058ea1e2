package plot

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// thp is a run of three cells and a control, with drift from block 12 on.
func thp() Metric {
	return made("gc-mark-cpu-ns/cycle", "thp", []string{"never", "madvise", "always"}, 20, func(cell, block int) float64 {
		base := []float64{98.6e6, 82e6, 124e6}[cell]
		if block >= 12 {
			base *= 1.02
		}
		return base
	})
}

// made draws blocks of trials in random order, 1.5 % of noise on each.
func made(name, factor string, cells []string, blocks int, base func(cell, block int) float64) Metric {
	rng := rand.New(rand.NewPCG(7, 1))
	m := Metric{Name: name, Factor: factor, Subtitle: fmt.Sprintf("thp-gc: %d blocks, n = %d a cell; 2 CPUs, Linux 6.1.0-18-amd64", blocks, blocks)}
	for _, c := range cells {
		m.Cells = append(m.Cells, Cell{Name: c})
	}
	order := 0
	for b := range blocks {
		for _, c := range rng.Perm(len(cells)) {
			v := base(c, b) * math.Exp(0.015*rng.NormFloat64())
			m.Cells[c].Trials = append(m.Cells[c].Trials, Trial{Order: order, Block: b, Value: v})
			order++
		}
	}
	return m
}

func names(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("thp=%s gogc=%d gomaxprocs=%d param.live-heap=%dMiB",
			[]string{"never", "madvise", "always"}[i%3], 50<<(i/3%4), 1+i/12, 64))
	}
	return out
}

func claims() Claims {
	f := func(v float64) *float64 { return &v }
	row := func(claim, part, word string, est float64, lo, hi, rlo, rhi *float64) Row {
		return Row{Claim: claim, Part: part, Of: "thp=madvise", To: "thp=never", Quantity: "ratio", Metric: "gc-mark-cpu-ns/cycle",
			Word: word, Measured: true, Estimate: est, Lo: lo, Hi: hi, RegionLo: rlo, RegionHi: rhi, N: 20}
	}
	c := Claims{Title: "Claims and what the data say", Subtitle: "thp-gc: 20 blocks; intervals at the level each claim was judged at"}
	c.Rows = []Row{
		row("thp-madvise-marks-faster", "direction", "supported", 0.832, f(0.815), f(0.851), nil, f(1)),
		row("thp-madvise-marks-faster", "magnitude", "inconclusive", 0.832, f(0.78), f(0.861), f(0.75), f(0.85)),
		row("thp-always-marks-slowest-of-all-the-levels-there-are", "direction, gomaxprocs=2", "refuted", 1.26, f(1.22), f(1.31), nil, f(1)),
		row("few-blocks", "direction", "inconclusive", 0.97, nil, nil, f(1), nil),
		row("half-open", "direction", "invalid", 1.03, f(0.99), nil, nil, f(0.97)),
		{Claim: "needs-swap", Part: "direction", Of: "swappiness=100", To: "swappiness=0", Quantity: "ratio", Metric: "ns/op",
			Word: "not testable here", Why: "swappiness: this host has no swap", RegionHi: f(1)},
		{Claim: "quota-sets-gomaxprocs", Part: "predict", Of: "cpu.max=2", Quantity: "value", Metric: "gomaxprocs",
			Word: "supported", Measured: true, Estimate: 2, Lo: f(2), Hi: f(2), RegionLo: f(2), RegionHi: f(2), N: 3},
		{Claim: "seldom-killed", Part: "predict", Of: "memory.max=64MiB", Quantity: "share", Metric: "oom-kills",
			Word: "inconclusive", Measured: true, Estimate: 0.1, Lo: f(0.01235), Hi: f(0.3170), RegionHi: f(0.05), N: 20},
		{Claim: "pause-below-a-tick", Part: "predict", Of: "thp=always", To: "thp=never", Quantity: "difference", Metric: "max-pause-ns",
			Word: "supported", Measured: true, Estimate: -31000, Lo: f(-44000), Hi: f(-20000), RegionHi: f(-10000), N: 20},
	}
	return c
}

// varied is thp() with what moves it: gogc turns the effect of thp around.
func varied() Metric {
	m := thp()
	m.Parts = []Part{{"thp", PartFactor, 0.225 + 0.385}, {"gogc", PartFactor, 0.09}, {"thp x gogc", PartInteraction, 0.225}, {"blocks", "blocks", 0.015}, {"noise", "noise", 0.06}}
	m.Pair = &Pair{Names: [2]string{"thp", "gogc"}, Steps: [2][]string{{"thp=never", "thp=madvise", "thp=always"}, {"gogc=50", "gogc=100", "gogc=200"}},
		Means: [][]float64{{98e6, 90e6, 82e6}, {84e6, 80e6, 75e6}, {95e6, 110e6, 128e6}}, Share: 0.225}
	return m
}

// many is a matrix of more factors and levels than a figure shows.
func many() Metric {
	m := thp()
	m.Pair = &Pair{Names: [2]string{"param.live-heap", "gomemlimit"}}
	for i := range 60 {
		m.Parts = append(m.Parts, Part{fmt.Sprintf("param.live-heap-number-%d x godebug.madvdontneed", i), PartInteraction, 1.0 / 60})
		m.Pair.Steps[0] = append(m.Pair.Steps[0], fmt.Sprintf("param.live-heap=%dMiB", 64*i))
		m.Pair.Steps[1] = append(m.Pair.Steps[1], fmt.Sprintf("gomemlimit=%dMiB", 64*i))
		row := make([]float64, 60)
		for j := range row {
			row[j] = 1e6 * float64(1+i+j)
		}
		m.Pair.Means = append(m.Pair.Means, row)
	}
	return m
}
