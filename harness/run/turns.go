package run

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// An Iterations is how many iterations the benchmarks of a gotest make in every
// trial, and how that was found: package testing was given a time, once, in one cell.
type Iterations struct {
	Benchtime string         `json:"benchtime,omitempty"` // "1873x", where one process makes all
	Turns     []Turn         `json:"turns,omitempty"`     // the processes of a trial, where there are several
	Time      string         `json:"time"`                // that was asked for
	Cell      string         `json:"cell"`
	Found     map[string]int `json:"found"` // benchmark -> iterations that took the time
}

// A Turn is one process of a gotest's trial. Package testing has one number of
// iterations for all benchmarks of a process; so benchmarks of 1 ns and of 10 ms,
// none of which shall take long and none measure nothing, are several processes,
// one after the other.
type Turn struct {
	Bench     string `json:"bench"`          // the pattern of -test.bench
	Skip      string `json:"skip,omitempty"` // that of -test.skip; empty: none is left out
	Benchtime string `json:"benchtime"`      // "1873x", or a time by which package testing finds the iterations
}

// spread is how many times more iterations than another of its process a benchmark
// may be in need of. All make as many as the slowest, so each measures for more than
// one part in spread of the time asked for, and none for longer.
const spread = 10

// Count takes the iterations from what [Gauge] had printed.
func Count(lines []sample.Line, g spec.Gotest, cell string) Iterations {
	it := Iterations{Time: g.Time().String(), Cell: cell, Found: map[string]int{}}
	var names []string
	var groups [][]sample.Line // of a turn, the slowest first
	for _, l := range slices.SortedStableFunc(slices.Values(lines), func(a, b sample.Line) int { return cmp.Compare(a.Iters, b.Iters) }) {
		it.Found[l.Name] = l.Iters
		names = append(names, l.Name)
		if last := len(groups) - 1; last >= 0 && l.Iters < spread*groups[last][0].Iters {
			groups[last] = append(groups[last], l)
		} else {
			groups = append(groups, []sample.Line{l})
		}
	}
	if len(groups) == 1 {
		it.Benchtime = benchtime(groups[0])
		return it
	}
	if strings.Contains(g.Bench.Text, "/") {
		names = nil // of a function more may be there than was asked for
	}
	for _, g := range groups {
		it.Turns = append(it.Turns, turns(g, benchtime(g), names)...)
	}
	return it
}

func benchtime(g []sample.Line) string { return fmt.Sprintf("%dx", g[0].Iters) }

// longestPattern bounds a pattern. An argument has a bound: 128 KiB (MAX_ARG_STRLEN,
// execve(2)).
const longestPattern = 64 << 10

// turns are as many as the names need: one, but for thousands of benchmarks.
func turns(g []sample.Line, benchtime string, all []string) []Turn {
	bench := exactly(g, all)
	if half := len(g) / 2; len(bench) > longestPattern && half > 0 {
		return append(turns(g[:half], benchtime, all), turns(g[half:], benchtime, all)...)
	}
	return []Turn{{Bench: bench, Benchtime: benchtime}}
}

// exactly is a pattern that matches these benchmarks and no other of all. It takes a
// whole function of the package where all are known and none of its benchmarks is left
// out.
func exactly(these []sample.Line, all []string) string {
	in := map[string]int{}
	for _, l := range these {
		in[function(l.Name)]++
	}
	for _, name := range all {
		in[function(name)]--
	}
	var parts []string
	for _, l := range these {
		name := l.Name
		if f := function(name); all != nil && in[f] == 0 {
			name = f
		}
		if part := literal(name); !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "|")
}

func function(name string) string {
	f, _, _ := strings.Cut(name, "/")
	return f
}

// literal is a name as a pattern: package testing matches each part between slashes.
func literal(name string) string {
	parts := strings.Split("Benchmark"+name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// Processes are the turns of every trial, where benchmarks were asked for by these
// patterns.
func (it Iterations) Processes(bench, skip string) []Turn {
	turns := slices.Clone(it.Turns)
	if turns == nil {
		turns = []Turn{{Bench: bench, Benchtime: it.Benchtime}}
	}
	for i := range turns {
		turns[i].Skip = skip // a whole function that is asked for has what is left out of it
	}
	return turns
}

// String says what trials make: "1873x", or "20x to 1000000x, in 3 processes one
// after the other".
func (it Iterations) String() string {
	if it.Turns == nil {
		return it.Benchtime
	}
	return fmt.Sprintf("%s to %s, by benchmark, in %d processes one after the other",
		it.Turns[0].Benchtime, it.Turns[len(it.Turns)-1].Benchtime, len(it.Turns))
}
