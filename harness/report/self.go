package report

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/report/plot"
)

// SelfText writes for people what watching a workload costs it. width is a
// terminal's in characters, 0 for unlimited.
func SelfText(w io.Writer, s profile.Self, width int) error {
	t := &terminal{width: width}
	t.wrap("", fmt.Sprintf("%s on machine %s: one cell, watched in several manners, in %s", s.Workload, s.Machine, prose.Plural(s.Blocks, "block")))
	for _, section := range []section{selfFacts(s), costSection(s)} {
		section.clean()
		t.section(section, "")
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

func selfFacts(s profile.Self) section {
	facts := section{title: "What was watched", grid: &grid{heads: []string{"", ""}}}
	for _, row := range [][2]string{
		{"held fixed", settings(s.Settings)}, {"median window", length(s.Window)}, {"kernel", s.Kernel}, {"go", s.Go}, {"load averages", s.Load}, {"folder", s.Folder},
	} {
		if row[1] != "" {
			facts.grid.add(row[0], row[1])
		}
	}
	if why := s.Short(); why != "" {
		facts.items = append(facts.items, item{head: "warning: " + why})
	}
	return facts
}

func costSection(s profile.Self) section {
	c := section{title: "What watching costs", grid: &grid{heads: []string{"watched", "metric", ">with over without", "95 % interval"}}}
	c.prose = []string{fmt.Sprintf("Paired within blocks: the pseudo-median and its exact signed-rank interval, as in the judging of claims. Where the interval holds 1 (of a difference 0) no cost was seen. Of %s, each at 95 %%, about one in twenty leaves it out by chance.", prose.Plural(len(s.Costs), "interval"))}
	last := ""
	for _, x := range s.Costs {
		what := x.What
		if what == last {
			what = ""
		}
		last = x.What
		value, show := fmt.Sprintf("%.4f", x.Ratio), ratioText
		if x.Unit == profile.UnitWall {
			value, show = sign(x.Differ), sign
		}
		c.grid.add(what, x.Unit, value, plot.Interval(x.Lo, x.Hi, "-", show))
	}
	return c
}

// length shows a time; nothing for one that is not known.
func length(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.Round(10 * time.Microsecond).String()
}

func ratioText(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

// sign shows ns with a sign: "+1.2ms".
func sign(ns float64) string {
	text := time.Duration(ns).Round(time.Microsecond).String()
	if ns > 0 {
		return "+" + text
	}
	return text
}
