package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/report/plot"
)

// CalibrateText writes a calibration for people. width is a terminal's in
// characters, 0 for unlimited.
func CalibrateText(w io.Writer, e profile.Entry, width int) error {
	t := &terminal{width: width}
	t.wrap("", fmt.Sprintf("%s on machine %s: %d identical arms, %s", e.Workload, e.Machine, e.Arms, prose.Plural(e.Blocks, "block")))
	for _, s := range calibrateSections(e) {
		s.clean()
		t.section(s, "")
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

func calibrateSections(e profile.Entry) []section {
	s := section{title: "Calibration", grid: &grid{heads: []string{"", ""}}}
	for _, row := range [][2]string{
		{"held fixed", settings(e.Settings)}, {"kernel", e.Kernel}, {"go", e.Go}, {"load averages", e.Load},
		{"a block of two arms", e.Block.Round(time.Microsecond).String()}, {"folder", e.Folder},
	} {
		if row[1] != "" {
			s.grid.add(row[0], row[1])
		}
	}
	all := []section{s, alarmSection(e), floorSection(e)}
	if e.Tainted.Of > 0 {
		all = append(all, taintSection(e))
	}
	if e.Inject != nil {
		all = append(all, injectSection(*e.Inject))
	}
	return all
}

// alarmSection says how often equals were called different.
func alarmSection(e profile.Entry) section {
	s := section{title: "False alarms", grid: &grid{heads: []string{"metric", ">interleaved", "95 % interval"}}}
	sequential := slices.ContainsFunc(e.Metrics, func(m profile.Metric) bool { return m.Sequential != nil })
	s.prose = []string{fmt.Sprintf("Identical cells, called different at 5 %%. Each comparison is of a disjoint group of %s and a disjoint pair of arms, so that they are independent; metrics of one trial are not, and each has a rate of its own, with its exact (Clopper-Pearson) interval. In %s some metric raised an alarm.",
		prose.Plural(e.Group, "block"), rate(e.Any))}
	if sequential {
		s.grid.heads = append(s.grid.heads, ">all of A, then all of B", "95 % interval")
		s.prose = append(s.prose, "Beside it the usual way on as many trials, group by group in turn with the interleaved ones: all of A, then all of B, Mann-Whitney.")
	}
	for _, m := range byWeight(e.Metrics) {
		row := []string{m.Unit, rate(m.Alarms), span(m.Alarms)}
		if sequential {
			usual := []string{"-", "-"}
			if m.Sequential != nil {
				usual = []string{rate(*m.Sequential), span(*m.Sequential)}
			}
			row = append(row, usual...)
		}
		s.grid.add(row...)
	}
	return s
}

func floorSection(e profile.Entry) section {
	s := section{title: "What can be seen", grid: &grid{heads: []string{"metric", ">noise floor", fmt.Sprintf(">detectable in %d blocks", e.Group)}}}
	s.prose = []string{fmt.Sprintf("Noise floor: identical arms are known to be alike no better than within it, from all %s; a smaller effect can't be told from the instrument's own doing. Detectable: the median half-width of the intervals of a group; with k times the blocks it is smaller by the root of k.", prose.Plural(e.Blocks, "block"))}
	for _, m := range byWeight(e.Metrics) {
		s.grid.add(m.Unit, share(m.Floor), share(m.Smallest))
	}
	if len(e.NoRatio) > 0 {
		s.items = append(s.items, item{head: "no ratio, for values of 0: " + strings.Join(e.NoRatio, ", ")})
	}
	return s
}

// taintSection says how often the thresholds called a trial into doubt.
func taintSection(e profile.Entry) section {
	s := section{title: "False taints", grid: &grid{heads: []string{"taint", ">trials", "95 % interval"}}}
	s.prose = []string{fmt.Sprintf("First attempts at trials of identical cells: %s were tainted (%s) and made again, though nothing in these cells caused it. The intervals (Clopper-Pearson) take trials for independent; what disturbs one often disturbs the next, and the true rate is then known less well.",
		rate(e.Tainted), span(e.Tainted)),
		"A taint is counted among the trials whose record holds its evidence, which need not be all of them: shares of time such as steal and foreign-load are told of windows of 100 ms or more. On a machine with other work these taints are right, not false: they tell of that work, and are false only where the machine was left to itself (see load averages)."}
	for _, x := range e.Taints {
		s.grid.add(x.Kind, rate(x.Rate), span(x.Rate))
	}
	return s
}

func injectSection(x profile.Injected) section {
	s := section{title: "A known slowdown of " + percent(x.Share), grid: &grid{heads: []string{">blocks", ">found", "95 % interval", ">computed power", ">time"}}}
	text := "On " + x.Metric + ": how often comparisons of so many blocks found it, their 95 % interval wholly above 1."
	if x.Effect != nil {
		text += fmt.Sprintf(" Over all blocks it measures %.4f %s.", *x.Effect, plot.Interval(x.Lo, x.Hi, "0", func(v float64) string { return fmt.Sprintf("%.4f", v) }))
	}
	if x.Enough > 0 {
		text += fmt.Sprintf(" %d blocks are enough to find it nine times in ten.", x.Enough)
	} else {
		text += " No number of blocks tried is enough to find it nine times in ten."
	}
	s.prose = []string{text, "Computed power: how often it should be found: in stretches of as many blocks of the identical arms, one of them slowed down on paper."}
	for _, f := range x.Found {
		s.grid.add(strconv.Itoa(f.Blocks), rate(f.Rate), span(f.Rate), percent(f.Power), f.Time.Round(10*time.Millisecond).String())
	}
	return s
}

// byWeight puts primary metrics first.
func byWeight(ms []profile.Metric) []profile.Metric {
	ms = slices.Clone(ms)
	slices.SortStableFunc(ms, func(a, b profile.Metric) int {
		switch {
		case a.Primary == b.Primary:
			return 0
		case a.Primary:
			return -1
		}
		return 1
	})
	return ms
}

func rate(r profile.Rate) string {
	if r.Of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d (%s)", r.Hits, r.Of, percent(r.Share()))
}

func span(r profile.Rate) string {
	return fmt.Sprintf("%s to %s", percent(r.Lo), percent(r.Hi))
}

func share(v *float64) string {
	if v == nil {
		return "-"
	}
	return percent(*v)
}
