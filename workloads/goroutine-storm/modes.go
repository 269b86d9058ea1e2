package main

import (
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
	pairs   bool   // needs an even number of goroutines
	threads bool   // holds an OS thread for each
	build   func(*config, *driver.Shards) storm
}

var modes = map[string]mode{
	spawnExit:    {op: "a goroutine that starts and ends", build: newSpawn},
	parkWake:     {op: "a parked goroutine woken through its channel", build: newPark},
	pingPong:     {op: "a pass of a token within a pair", pairs: true, build: newPairs},
	fanOutIn:     {op: "an item from one producer through a worker to one consumer", build: newFan},
	mutex:        {op: "a lock and unlock of the one mutex", build: newMutex},
	rwMutex:      {op: "a lock and unlock, one of ten for writing", build: newRWMutex},
	timers:       {op: "a timer that fired, or was reset", build: newTimers},
	selectMany:   {op: "a goroutine woken out of a select over 4 channels", build: newPark},
	lockOSThread: {op: "a pass within a pair whose goroutines are locked to threads", pairs: true, threads: true, build: newPairs},
	system:       {op: "a system call", threads: true, build: newSystem},
}

// A storm is a mode that is set up. A phase of it is: every member of the crew
// runs body with the same share of operations while lead, if there is one, runs
// on the phase's own goroutine.
type storm struct {
	body func(member int, share int64) error // nil: no crew, lead makes its own goroutines
	lead func(share int64) error

	// check looks at the outcome of all phases; ops counts the operations of all.
	check func(ops int64) error
	// everyOp says that each operation is one latency event.
	everyOp bool
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
