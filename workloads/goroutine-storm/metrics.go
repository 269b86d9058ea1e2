package main

import (
	"runtime/metrics"
	"slices"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// What a trial reports beside ns/op, the latencies and the peak RSS.
const (
	unitSpawn       = "spawn-ns/goroutine"
	unitThreads     = "threads"
	unitThreadsNew  = "threads-created"
	unitStack       = "stack-bytes"
	unitMutexWait   = "mutex-wait-ns/op"
	unitSchedEvents = "sched-events"
	unitSchedP50    = "p50-sched-latency-ns"
	unitSchedP99    = "p99-sched-latency-ns"
)

// stormMetrics in the order of the line.
var stormMetrics = slices.Concat(
	driver.LatencyMetrics("latency", "wake-ups, each from the moment the goroutine was made ready (send, unlock, "+
		"due time or go statement) to its first clock reading; quantiles over all goroutines"),
	[]wire.Metric{
		{Unit: unitSpawn, Better: wire.Lower, Doc: "before the window: from the first go statement until the whole crew is parked, by goroutine, threads of lockosthread included; not in modes that spawn in the window"},
		{Unit: unitThreads, Doc: "OS threads of the runtime right after the window: /sched/threads/total:threads"},
		{Unit: unitThreadsNew, Better: wire.Lower, Doc: "how many more that is than before the crew was spawned"},
		{Unit: unitStack, Better: wire.Lower, Doc: "growth of stacks, of goroutines and of the threads that the runtime made, from before the crew to after the window: /memory/classes/heap/stacks:bytes"},
		{Unit: unitMutexWait, Better: wire.Lower, Doc: "time that goroutines were blocked on sync.Mutex or RWMutex, or threads on a lock of the runtime (of a channel, of the scheduler), which every mode has, by operation: /sync/mutex/wait/total:seconds",
			Resolution: wire.Resolution{Absolute: 1}},
		{Unit: unitSchedEvents, Doc: "values behind the next two: the runtime looks at one of eight transitions of a goroutine"},
		{Unit: unitSchedP50, Better: wire.Lower, Resolution: driver.RuntimeResolution,
			Doc: "median time from runnable to running, /sched/latencies:seconds over the window, middle of its bucket"},
		{Unit: unitSchedP99, Better: wire.Lower, Resolution: driver.RuntimeResolution, Doc: "its 99th percentile, from 500 values on"},
	})

// A reading is the runtime's counters at one moment.
type reading struct {
	threads, stacks int64
	mutexWait       float64 // ns
	latencies       *metrics.Float64Histogram
}

func read() reading {
	s := []metrics.Sample{
		{Name: "/sched/threads/total:threads"},
		{Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/sync/mutex/wait/total:seconds"},
		{Name: "/sched/latencies:seconds"},
	}
	metrics.Read(s)
	return reading{
		threads: int64(s[0].Value.Uint64()), stacks: int64(s[1].Value.Uint64()),
		mutexWait: s[2].Value.Float64() * 1e9, latencies: s[3].Value.Float64Histogram(),
	}
}

// report sets the metrics from the readings and the histograms.
func (t *trial) report(r *driver.Result) {
	r.SetLatency("latency", t.latency.All()...)
	if t.crew != nil {
		r.Set(unitSpawn, float64(t.spawn)/float64(t.goroutines))
	}
	r.Set(unitThreads, float64(t.after.threads))
	r.Set(unitThreadsNew, float64(t.after.threads-t.atStart.threads))
	r.Set(unitStack, float64(t.after.stacks-t.atStart.stacks))
	r.Set(unitMutexWait, (t.after.mutexWait-t.before.mutexWait)/float64(r.Ops))

	waits := driver.Between(t.before.latencies, t.after.latencies)
	r.Set(unitSchedEvents, float64(waits.Events()))
	if v, ok := waits.Quantile(500); ok {
		r.Set(unitSchedP50, v)
	}
	if v, ok := waits.Quantile(990); ok {
		r.Set(unitSchedP99, v)
	}
}
