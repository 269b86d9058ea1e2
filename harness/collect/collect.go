// Package collect reads what the kernel counts while a workload runs.
//
//  1. A [Collector] is one kernel source in one file: the files that it reads, the
//     units that it gives, and a parser that is tested without a kernel.
//  2. A [Set] is the collectors of a run. Files of the whole host are opened once.
//     [Set.Missing] says why a column will be missing, once.
//  3. [Set.Read] takes a [Moment] at each end of the window, while the workload
//     waits. [Between] makes the counters of a sample of two of them.
//  4. [Perf] counts events of the processor, from the workload's birth on.
//
// No collector polls: between the two moments nothing is read. What can't be read
// is absent, which is not zero. Units are those of package sample.
package collect

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/sysfs"
)

// A Collector is one source. What it adds to a Moment grows, unless it stands
// among Stands.
type Collector struct {
	Name   string       // the kernel's: "schedstat"
	Doc    string       // what is read, and where the kernel explains it
	Group  sample.Group // process, cgroup or noise
	Stands []string     // units that are as they stand at the end, not growth
	AtEnd  bool         // it is read at the end only: all its units stand
	Whole  bool         // of the whole machine: read with the role under test alone

	// Read adds counts by unit. Keys that begin with a dot are for Between alone.
	Read func(r *Reader, c Moment)
	// Missing says why this host has none of it; empty where it does. Nil: never asked.
	Missing func(fs sysfs.FS) string
}

var collectors = map[string]Collector{}

func register(c Collector) bool {
	if _, twice := collectors[c.Name]; twice || c.Name == "" || c.Read == nil {
		panic("collect: collector " + c.Name + ": no name, no Read, or registered twice")
	}
	collectors[c.Name] = c
	return true
}

// All lists the collectors by name.
func All() []Collector {
	return slices.SortedFunc(maps.Values(collectors), func(a, b Collector) int { return cmp.Compare(a.Name, b.Name) })
}

// A Moment is what collectors found at one end of the window, by unit.
type Moment map[string]float64

// A Who is the workload that is watched.
type Who struct {
	PID  int
	CPUs []int // that it may use: the measured ones
	// Leaf gives the counters of its cgroup; nil for none.
	Leaf func() (map[string]float64, error)
	// Beside says that this is not the role under test.
	Beside bool
	// KernelWork says that threads of the kernel work for it, on its CPUs.
	KernelWork bool
}

// A Reader is what a collector reads with.
type Reader struct {
	Who
	set *Set
}

// Process reads a file of the workload's process: "status" is proc/PID/status.
func (r *Reader) Process(name string) (string, bool) {
	text, err := r.set.fs.Read(fmt.Sprintf("proc/%d/%s", r.PID, name))
	return text, err == nil
}

// Host reads a file of the host that stays open. The text is valid until it is read again.
func (r *Reader) Host(name string) ([]byte, bool) {
	f, ok := r.set.file(name)
	if !ok {
		return nil, false
	}
	text, err := f.Text()
	return text, err == nil
}

// Head is Host for a file whose first bytes say it all.
func (r *Reader) Head(name string, n int) ([]byte, bool) {
	f, ok := r.set.file(name)
	if !ok {
		return nil, false
	}
	text, err := f.Head(n)
	return text, err == nil
}

// A Set is the collectors of a run. It belongs to one goroutine. The zero Set
// with a root reads everything.
type Set struct {
	fs    sysfs.FS
	files map[string]*sysfs.File // nil for one that can't be opened
	all   []Collector

	states map[int][]string // CPU -> folders of its idle states
	usage  *string          // file of the root group's CPU time; nil until it is looked for
}

// New makes the set of all collectors for what stands below a root.
func New(fs sysfs.FS) *Set {
	return &Set{fs: fs, files: map[string]*sysfs.File{}, all: All(), states: map[int][]string{}}
}

// Missing says, a line for each, which sources this host does not have and why.
func (s *Set) Missing() []string {
	var lines []string
	for _, c := range s.all {
		if c.Missing == nil {
			continue
		}
		if why := c.Missing(s.fs); why != "" {
			lines = append(lines, fmt.Sprintf("not counted here: %s: %s", c.Name, why))
		}
	}
	return lines
}

// Read takes a moment of the given groups; nil is all. end says which end of the
// window this is.
func (s *Set) Read(who Who, end bool, groups []sample.Group) Moment {
	m := Moment{}
	r := &Reader{Who: who, set: s}
	for _, c := range s.all {
		if (end || !c.AtEnd) && !(c.Whole && who.Beside) && (groups == nil || slices.Contains(groups, c.Group)) {
			c.Read(r, m)
		}
	}
	return m
}

func (s *Set) file(name string) (*sysfs.File, bool) {
	f, known := s.files[name]
	if !known {
		f, _ = s.fs.Open(name)
		s.files[name] = f
	}
	return f, f != nil
}

// Close closes the files.
func (s *Set) Close() error {
	var errs []error
	for name, f := range s.files {
		if f != nil {
			errs = append(errs, f.Close())
		}
		delete(s.files, name)
	}
	return errors.Join(errs...)
}

// A Window is what lies between two moments.
type Window struct {
	NS     int64   // its length
	CPUs   []int   // measured ones
	Shared float64 // CPU time, in ns, that other roles of the trial had on these CPUs
}

// whole is the CPU time, in ns, that the measured CPUs could give.
func (w Window) whole() float64 { return float64(w.NS) * float64(len(w.CPUs)) }

// Between gives the counters of a window: growth from begin to end, what stands at
// the end, and shares of the window on the measured CPUs.
func Between(begin, end Moment, w Window) map[string]float64 {
	c := map[string]float64{"window-ns": float64(w.NS)}
	stand := standing()
	for unit, v := range end {
		before, ok := begin[unit]
		switch {
		case strings.HasPrefix(unit, hidden):
		case stand[unit]:
			c[unit] = v
		case ok && v >= before:
			c[unit] = v - before
		}
	}
	for _, derive := range derived {
		derive(begin, end, w, c)
	}
	return c
}

// hidden begins a key that is no unit.
const hidden = "."

// derived are the shares that follow from two moments and what was counted
// between them; each stands beside its collector.
var derived []func(begin, end Moment, w Window, c map[string]float64)

func derive(f func(begin, end Moment, w Window, c map[string]float64)) bool {
	derived = append(derived, f)
	return true
}

// standing are the units that do not grow.
func standing() map[string]bool {
	stand := map[string]bool{}
	for _, c := range collectors {
		for _, unit := range c.Stands {
			stand[unit] = true
		}
	}
	return stand
}

// CPUTime is what a process used between two moments, in ns.
func CPUTime(begin, end Moment) float64 {
	user, _ := grown(begin, end, "cpu-user-ns")
	system, _ := grown(begin, end, "cpu-system-ns")
	return user + system
}

// grown is the growth of a hidden key; ok is false where either end lacks it.
func grown(begin, end Moment, key string) (float64, bool) {
	b, ok := begin[key]
	e, ok2 := end[key]
	return e - b, ok && ok2
}

// absent says why there is no file that matches, or nothing.
func absent(root sysfs.FS, pattern, why string) string {
	names, err := root.Glob(pattern)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err.Error()
	case len(names) == 0:
		return "no " + pattern + " (" + why + ")"
	}
	return ""
}
