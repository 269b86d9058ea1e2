package compare

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// A Side is what one of the two inputs holds.
type Side struct {
	Path     string
	Kind     string            // "results folder" or "benchmark file"
	Facts    map[string]string // what is known of how it came to be: kernel, arch, ...
	Factors  []string          // keys that vary within it, in order
	Fixed    map[string]string // keys that do not, with their level
	Series   []Series          // in order of appearance
	Metrics  map[string]Metric // by tidied unit
	Warnings []string

	file   string // sha256 of a run's experiment file; empty where it is not known, or not all of the experiment
	design string // what the command line changed of it: "--budget 30m0s"
}

// A Series is the values of one metric of one benchmark in one cell, in run order.
type Series struct {
	Benchmark string            // without "Benchmark" and the -N suffix
	Levels    map[string]string // factor -> level
	Tidy      string            // unit as benchunit.Tidy has it: "sec/op"
	Unit      string            // as printed: "ns/op"
	Factor    float64           // a printed value times this is a tidied one
	Values    []float64         // as printed; one a trial of a folder, one a line of a file
	Window    sample.Window     // empty where it is not known
}

// A Metric is what is known of a unit.
type Metric struct {
	Better     wire.Better
	Exact      bool            // no noise: repetitions agree
	Primary    bool            // what a gate looks at, unless it is told
	Resolution wire.Resolution // Absolute in tidied units
}

// The kinds of input.
const (
	folderKind = "results folder"
	fileKind   = "benchmark file"
)

// Read reads a results folder or a file in the Go benchmark format. The error
// names the path.
func Read(path string) (Side, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Side{}, fmt.Errorf("compare: %w", err)
	case info.IsDir() && !results.Is(path):
		return Side{}, fmt.Errorf("compare: %s is not the folder of a run: it holds no %s", path, results.PlanFile)
	case info.IsDir():
		return readFolder(path)
	}
	return readFile(path)
}

// ReadBoth reads both sides at once. The error is of the first that can't be read.
func ReadBoth(a, b string) (x, y Side, err error) {
	var other error
	var wg sync.WaitGroup
	wg.Go(func() { y, other = Read(b) })
	x, err = Read(a)
	wg.Wait()
	return x, y, cmp.Or(err, other)
}

// level is a key's level in a series; "" where this side does not set it.
func (s Side) level(x Series, key string) string {
	if l, ok := x.Levels[key]; ok {
		return l
	}
	return s.Fixed[key]
}

// some lists at most five.
func some(list []Lone) string {
	const most = 5
	var names []string
	for i, l := range list {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		names = append(names, l.String())
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, "; ")
}
