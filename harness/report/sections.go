package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/verdict"
)

// A section is one part of a report for people. What it says is settled here;
// a renderer only chooses how a grid, an item or a code block looks.
type section struct {
	title  string
	prose  []string // paragraphs
	grid   *grid
	items  []item
	code   string // fixed width, as it is
	images []string
}

// A grid is a table. Columns whose head begins with ">" hold numbers.
type grid struct {
	heads []string
	rows  [][]string
}

// An item is one thing with what there is to say of it.
type item struct {
	head  string
	lines []string
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// number says whether a column holds numbers, and name is its head.
func (g *grid) number(col int) bool { return strings.HasPrefix(g.heads[col], ">") }
func (g *grid) name(col int) string { return strings.TrimPrefix(g.heads[col], ">") }

// sections lays the report out, in the order in which a reader asks.
func sections(r Report) []section {
	all := []section{
		runSection(r), verdictSection(r), reasonSection(r), effectSection(r), exploratorySection(r), variationSection(r), controlSection(r),
		benchstatSection(r), cellSection(r), checkSection(r), untestableSection(r), healthSection(r), thresholdSection(r),
		warningSection(r), plotSection(r), commandSection(r),
	}
	for i := range all {
		all[i].clean()
	}
	return slices.DeleteFunc(all, section.empty)
}

// empty says that there is nothing to show.
func (s section) empty() bool {
	return len(s.prose) == 0 && (s.grid == nil || len(s.grid.rows) == 0) && len(s.items) == 0 && s.code == "" && len(s.images) == 0
}

// clean folds what others wrote into lines that draw nothing on a terminal:
// a workload's stderr, a claim's words and a level can hold anything.
func (s *section) clean() {
	fold := func(texts []string) {
		for i, t := range texts {
			texts[i] = oneLine(t)
		}
	}
	fold(s.prose)
	if s.grid != nil {
		for _, row := range s.grid.rows {
			fold(row)
		}
	}
	for i := range s.items {
		s.items[i].head = oneLine(s.items[i].head)
		fold(s.items[i].lines)
	}
	lines := strings.Split(s.code, "\n")
	for i, l := range lines {
		lines[i] = strings.Map(printable, l)
	}
	s.code = strings.Join(lines, "\n")
}

// oneLine folds text into one line of printable characters.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(printable, s)), " ")
}

// printable puts a blank for a control character.
func printable(r rune) rune {
	if r < ' ' || 0x7f <= r && r < 0xa0 {
		return ' '
	}
	return r
}

func runSection(r Report) section {
	h := r.Header
	s := section{title: "Run", grid: &grid{heads: []string{"", ""}}}
	add := func(key, text string) {
		if text != "" {
			s.grid.add(key, text)
		}
	}
	add("workload", h.Workload)
	add("iterations", h.Iterations)
	if h.Window == sample.Whole {
		add("window", string(h.Window)+": the harness counts from exec to exit, start-up included; "+shared(h.Benchmarks)+"such counters are never compared with those of a measured window")
	}
	for _, f := range h.Factors {
		add("factor", f.Key+": "+strings.Join(f.Levels, ", "))
	}
	add("held fixed", settings(h.Fixed))
	for _, x := range h.Hosts {
		add(x.Env, x.Text)
	}
	add("blocks", fmt.Sprintf("%d of at most %d; %s, %s, %s", h.Blocks, h.Planned, prose.Plural(h.Cells, "cell"), r.trials(), prose.Plural(h.Sessions, "session")))
	if len(h.WholePlots) > 0 {
		add("whole plots", strings.Join(h.WholePlots, ", ")+": trials that share their levels ran together, in an order drawn for each block")
	}
	if h.Duet != "" {
		add("duet", "both levels of "+h.Duet+" ran at once, on sides drawn for each block")
	}
	if len(h.Nuisance) > 0 {
		add("nuisance", strings.Join(h.Nuisance, ", ")+": drawn anew for every block, equal within it")
	}
	if took := h.took(); took != "" {
		add("when", h.Started.Format("2006-01-02 15:04:05 UTC")+", "+took)
	}
	add("stopped", h.Stopped)
	add("restored", h.Restored)
	add("declared", "before the first trial: "+h.declared(r.Verdicts))
	if len(h.Recorded) > 0 {
		add("recorded", strings.Join(h.Recorded, ", ")+": by trials of their own, which stand in no table (the number is the cell's in plan.json)")
	}
	add("calibrated", h.Calibrated)
	add("seed", strconv.FormatUint(h.Seed, 10))
	add("folder", h.Folder)
	return s
}

// shared says that what is counted of a process is of all its benchmarks together.
func shared(benchmarks int) string {
	if benchmarks == 0 {
		return ""
	}
	return fmt.Sprintf("what it counts of a trial is of its %d benchmarks together, and alike on the lines of all; ", benchmarks)
}

func settings(m map[string]string) string {
	var out []string
	for k, v := range m {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func verdictSection(r Report) section {
	s := section{title: "Verdicts", grid: &grid{heads: []string{"verdict", "claim", "relation", "measured", ">level", ">n", ">p", ">adjusted p"}}}
	var counts []string
	for _, c := range r.Counts {
		if c.N > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", c.N, c.Word))
		}
	}
	if len(counts) == 0 {
		s.prose = []string{"The experiment makes no claim."}
		return s
	}
	s.prose = []string{fmt.Sprintf("%s. Intervals and p are of within-block effects; Holm's procedure holds the chance of any false decision among the %s at %s.",
		strings.Join(counts, ", "), prose.Plural(r.Verdicts.M, "declared sub-claim"), percent(r.Verdicts.Alpha))}
	if r.Verdicts.Alpha > 0 && r.Verdicts.Alpha < 0.05 {
		s.prose = append(s.prose, fmt.Sprintf("The design may stop on precision, and a run that does stops where its spread looks small: it is judged at %s, so that with that the chance stays at 5 %%.", percent(r.Verdicts.Alpha)))
	}
	for _, v := range r.Verdicts.Verdicts {
		at, n := "-", "-"
		var measured []string
		for _, e := range r.Effects {
			if !e.Exploratory && e.Claim == v.Claim+" "+part(v) {
				measured = append(measured, amount(e, e.Estimate)+" "+interval(e))
				at, n = level(e), strconv.Itoa(e.N)
			}
		}
		s.grid.add(string(v.Word), v.Claim+" "+part(v), v.Metric+": "+v.Relation, orDefault(strings.Join(measured, "; "), "-"), at, n, pvalue(v.P), pvalue(v.Fair))
	}
	for _, x := range r.Verdicts.Short {
		s.items = append(s.items, item{head: strings.TrimSpace(x.Claim+" "+x.Case) + ": " + x.Text})
	}
	return s
}

// firsts are what the first attempts measured of each side: " (0.833 [0.811, 0.856])".
func firsts(v verdict.Verdict) string {
	var parts []string
	for _, s := range v.Sides {
		if f := s.First; f != nil {
			e := Effect{Quantity: quantity(v.Relation), Metric: v.Metric, Estimate: f.Estimate, Lo: f.Lo, Hi: f.Hi}
			parts = append(parts, amount(e, e.Estimate)+" "+interval(e)+" at "+percent(f.Level))
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// reasonSection says for each sub-claim who claims it and what decided.
func reasonSection(r Report) section {
	s := section{title: "Why"}
	for _, v := range r.Verdicts.Verdicts {
		it := item{head: v.Claim + " " + part(v) + ": " + string(v.Word)}
		if v.Says != "" {
			it.lines = append(it.lines, "claim: "+v.Says+" ("+orDefault(v.Source, "no source")+")")
		}
		it.lines = append(it.lines, "why: "+v.Why)
		if v.Sensible != "" {
			it.lines = append(it.lines, "over first attempts only, tainted ones among them: "+v.Sensible+firsts(v))
		}
		for _, x := range v.Remarks {
			it.lines = append(it.lines, "remark: "+x)
		}
		for _, x := range v.Warnings {
			it.lines = append(it.lines, "warning: "+x)
		}
		s.items = append(s.items, it)
	}
	return s
}
