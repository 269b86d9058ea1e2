package sample

import (
	"fmt"
	"slices"

	"github.com/assaylab/assay/workloads/wire"
)

// A Recording is what an experiment's measure list can name beside groups of
// counters: a file that a workload writes over its window, by the flag of the same
// name. It costs the window time, so it is made in trials that are not timed.
type Recording string

const (
	CPUProfile Recording = wire.FlagProfile // for go tool pprof
	Trace      Recording = wire.FlagTrace   // for go tool trace
)

// endings are what the files of recordings are called by.
var endings = map[Recording]string{CPUProfile: ".cpu.pprof", Trace: ".trace"}

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

// File is the recording of a cell, below the folder of its run: "profiles/3.cpu.pprof".
func (r Recording) File(cell int) string { return fmt.Sprintf("profiles/%d%s", cell, endings[r]) }

// Recorded are the files of recordings that samples have, sorted.
func Recorded(samples []Sample) []string {
	var files []string
	for _, s := range samples {
		files = append(files, s.Files...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}
