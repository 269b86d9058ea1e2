package main

import (
	"io"
	"runtime"
	"runtime/debug"
	"runtime/trace"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// triggers are what can go before the spawns.
var triggers = map[string]func() error{
	"none": func() error { return nil },
	"readmemstats": func() error {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return nil
	},
	"setgcpercent": func() error {
		debug.SetGCPercent(debug.SetGCPercent(100)) // what was set stands again
		return nil
	},
	"gc": func() error {
		runtime.GC()
		return nil
	},
	"trace": func() error {
		if err := trace.Start(io.Discard); err != nil {
			return err
		}
		trace.Stop()
		return nil
	},
}

// stopsWorld says that a trigger stops the world in every Go release. That
// SetGCPercent does is often said; stops/op shows whether it is so here.
func stopsWorld(trigger string) bool { return trigger != "none" && trigger != "setgcpercent" }

// pause passes the time until a moment, without stopping the world.
func pause(how string, until int64) {
	if how == "sleep" {
		time.Sleep(time.Duration(until - driver.Nanotime()))
		return
	}
	for driver.Nanotime() < until {
	}
}

// spawns of a probe, one after the other.
const spawns = 10

// A probe spawns goroutines and notes when they start.
type probe struct {
	started chan int64
	ran     uint64
}

func newProbe() probe { return probe{started: make(chan int64, 1)} }

// spawn starts ten goroutines, each after the one before has run, and returns
// how long the first and the last took to start.
func (p *probe) spawn() (first, last int64) {
	for k := range spawns {
		at := driver.Nanotime()
		go func() { p.started <- driver.Nanotime() - at }()
		last = <-p.started
		if k == 0 {
			first = last
		}
		p.ran++
	}
	return first, last
}
