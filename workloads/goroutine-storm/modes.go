package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// The modes.
const (
	spawnExit    = "spawn"
	parkWake     = "park-wake"
	pingPong     = "ping-pong"
	fanOutIn     = "fan"
	mutex        = "mutex"
	rwMutex      = "rwmutex"
	timers       = "timers"
	selectMany   = "select"
	lockOSThread = "lockosthread"
	system       = "syscall"
)

// A mode is one thing that goroutines can do.
type mode struct {
	op      string // what one operation is, in words
	ops     int64  // of the window by default, where it doesn't go by the clock
	pairs   bool   // needs an even number of goroutines
	threads bool   // holds an OS thread for each
	build   func(*config, *driver.Shards) storm
}

var modes = map[string]mode{
	spawnExit:    {op: "a goroutine that starts and ends", ops: 3e6, build: newSpawn},
	parkWake:     {op: "a parked goroutine woken through its channel", ops: 3e6, build: newPark},
	pingPong:     {op: "a pass of a token within a pair", ops: 6e6, pairs: true, build: newPairs},
	fanOutIn:     {op: "an item from one producer through a worker to one consumer", ops: 3e6, build: newFan},
	mutex:        {op: "a lock and unlock of the one mutex", ops: 10e6, build: newMutex},
	rwMutex:      {op: "a lock and unlock, one of ten for writing", ops: 15e6, build: newRWMutex},
	timers:       {op: "a timer that fired, or was reset", ops: 2e6, build: newTimers},
	selectMany:   {op: "a goroutine woken out of a select over several channels", ops: 2e6, build: newPark},
	lockOSThread: {op: "a pass within a pair whose goroutines are locked to threads", ops: 100e3, pairs: true, threads: true, build: newPairs},
	system:       {op: "a system call", ops: 10e6, threads: true, build: newSystem},
}

// defaults says for each mode how many operations its window has by default.
func defaults() string {
	var parts []string
	for _, name := range modeNames() {
		switch text := fmt.Sprintf("%s %d", name, modes[name].ops); name {
		case timers:
			parts = append(parts, fmt.Sprintf("%s (reset %d times that; with -period a second of the clock)", text, resetShare))
		case system:
			parts = append(parts, text+" (with -block a second of the clock)")
		default:
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// A storm is a mode that is set up. A phase of it is: every member of the crew
// runs body with the same share of operations while lead, if there is one, runs
// on the phase's own goroutine.
type storm struct {
	body func(member int, share int64) error // nil: no crew, lead makes its own goroutines
	lead func(share int64) error

	// check looks at the outcome of all phases; ops counts the operations of all.
	check func(ops int64) error
	// locked says that each member has a thread of its own, warm-up and window through.
	locked bool
	// everyOp says that each operation is one latency event.
	everyOp bool
	// whole says that a phase is not divided: it goes by the clock, which is all
	// that the times of its parts would show.
	whole bool
}

func modeNames() []string { return slices.Sorted(maps.Keys(modes)) }

// operations says for each mode what it counts.
func operations() string {
	var parts []string
	for _, name := range modeNames() {
		parts = append(parts, name+": "+modes[name].op)
	}
	return strings.Join(parts, "; ")
}
