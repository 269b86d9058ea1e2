package sample

import (
	"fmt"
	"slices"

	"github.com/assaylab/assay/workloads/wire"
)

// A Recording is what an experiment's measure list can name beside groups of
// counters: a file of what the role under test did. It costs the window time, so it
// is made in trials that are not timed.
//
// CPUProfile and Trace are written by the workload, by the flag of the same name: by
// the role that prints over its window, by one that serves for as long as it does. A
// test binary's are of its benchmarks, one file a process where a trial has several.
// SchedTrace is what the runtime prints of its scheduler, from the start of the
// process to its end.
type Recording string

const (
	CPUProfile Recording = wire.FlagProfile // for go tool pprof
	Trace      Recording = wire.FlagTrace   // for go tool trace
	SchedTrace Recording = "schedtrace"     // lines of GODEBUG=schedtrace (pkg.go.dev/runtime)
)

// endings are what the files of recordings are called by.
var endings = map[Recording]string{CPUProfile: ".cpu.pprof", Trace: ".trace", SchedTrace: ".schedtrace.txt"}

// Recordings are those that a measure list names, in its order.
func Recordings(measure []string) []Recording {
	var all []Recording
	for _, word := range measure {
		if _, ok := endings[Recording(word)]; ok {
			all = append(all, Recording(word))
		}
	}
	return all
}

// Flag says whether the workload writes the file itself, by a flag of that name.
func (r Recording) Flag() bool { return r != SchedTrace }

// File is the recording of a cell, below the folder of its run: "profiles/3.cpu.pprof",
// or "profiles/3.server.cpu.pprof" of a role that is not the one that prints.
func (r Recording) File(cell int, role string) string { return r.file(cell, role, "") }

// FileOf is the recording of one of a trial's processes, numbered from 1:
// "profiles/3.process2.cpu.pprof". There is one of all for what the harness writes.
func (r Recording) FileOf(cell, process int) string {
	return r.file(cell, "", fmt.Sprintf(".process%d", process))
}

func (r Recording) file(cell int, role, process string) string {
	if role != "" {
		role = "." + role
	}
	return fmt.Sprintf("profiles/%d%s%s%s", cell, role, process, endings[r])
}

// Among says whether the recording of a cell is among files, in whole or by process.
func (r Recording) Among(files []string, cell int, role string) bool {
	return slices.Contains(files, r.File(cell, role)) || slices.Contains(files, r.FileOf(cell, 1))
}

// Recorder is the role that recordings are of, as File takes it: that under test, ""
// where it is the one that prints.
func Recorder(d wire.Description) string {
	if tested := d.UnderTest().Name; tested != d.Printer().Name {
		return tested
	}
	return ""
}

// Recorded are the files of recordings that samples have, sorted.
func Recorded(samples []Sample) []string {
	var files []string
	for _, s := range samples {
		files = append(files, s.Files...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}
