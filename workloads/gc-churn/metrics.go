package main

import (
	"math"
	"runtime"
	"runtime/metrics"
	"slices"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// What a trial reports beside ns/op and the peak RSS.
const (
	unitMark      = "gc-mark-cpu-ns/cycle"
	unitDedicated = "gc-mark-dedicated-ns/cycle"
	unitIdle      = "gc-mark-idle-ns/cycle"
	unitAssist    = "gc-assist-ns/cycle"
	unitWall      = "gc-mark-wall-ns/cycle"
	unitPauses    = "gc-pauses"
	unitPauseMax  = "gc-pause-max-ns"
	unitPauseP50  = "p50-gc-pause-ns"
	unitPauseP90  = "p90-gc-pause-ns"
	unitAlloc     = "alloc-B/s"
	unitCycles    = "gc-cycles"
	unitLive      = "live-heap-bytes"
	unitGoal      = "heap-goal-bytes"
	unitReleased  = "released-heap-bytes"
	unitScavenge  = "scavenge-cpu-ns"
	unitStacks    = "stack-bytes"
	unitCleanups  = "cleanups"
	unitFinals    = "finalizers"
)

// gcMetrics in the order of the line. CPU time of the collector is what the
// runtime counts: the wall time that its workers held a P, so a worker that
// the kernel descheduled still counts.
var gcMetrics = []wire.Metric{
	{Unit: unitMark, Better: wire.Lower, Primary: true,
		Doc: "mark CPU time per cycle: /cpu/classes/gc/mark/{assist,dedicated,idle} of runtime/metrics over whole cycles"},
	{Unit: unitDedicated, Better: wire.Lower, Doc: "the part of it by dedicated and fractional workers"},
	{Unit: unitIdle, Better: wire.Lower, Doc: "the part of it on processors that were idle"},
	{Unit: unitAssist, Better: wire.Lower, Doc: "the part of it by goroutines that allocate"},
	{Unit: unitWall, Better: wire.Lower, Resolution: wire.Resolution{Relative: maxRelative, Absolute: maxAbsolute},
		Doc: "wall time of the concurrent mark phase per cycle, from gctrace: middle of what the printed digits allow"},
	{Unit: unitPauses, Doc: "events behind the pause metrics: one a cycle, its stop-the-world phases added up (MemStats.PauseNs)"},
	{Unit: unitPauseMax, Better: wire.Lower, Doc: "longest stop-the-world total of a cycle, exact"},
	{Unit: unitPauseP50, Better: wire.Lower, Doc: "median stop-the-world total of a cycle, exact, from 10 cycles on"},
	{Unit: unitPauseP90, Better: wire.Lower, Doc: "90th percentile of the stop-the-world total of a cycle, exact, from 50 cycles on"},
	{Unit: unitAlloc, Better: wire.Higher, Doc: "heap allocation per wall second of the window: /gc/heap/allocs:bytes, size classes included"},
	{Unit: unitCycles, Doc: "collections that ended in the window"},
	{Unit: unitLive, Doc: "heap marked live by the last collection of the window, young objects caught by it included"},
	{Unit: unitGoal, Doc: "heap size that the collector aims at after the window"},
	{Unit: unitReleased, Better: wire.Higher, Doc: "heap memory given back to the kernel, at the end of the window: /memory/classes/heap/released:bytes"},
	{Unit: unitScavenge, Better: wire.Lower, Doc: "CPU time in giving it back, in the window: /cpu/classes/scavenge/total; as of the last collection"},
	{Unit: unitStacks, Doc: "memory of goroutines' stacks at the end of the window: /memory/classes/heap/stacks:bytes"},
	{Unit: unitCleanups, Doc: "cleanups that ran in the window; not set without -cleanups"},
	{Unit: unitFinals, Doc: "finalizers that ran in the window; not set without -finalizers"},
}

// A reading is the runtime's counters at one moment. Times are ns since the start.
type reading struct {
	cycles                  uint64
	assist, dedicated, idle float64
	allocated               uint64
	live, goal              uint64
	released, stacks        uint64
	scavenge                float64

	cleanups, finalizers int64 // that ran
}

// read costs some microseconds and allocates nothing worth speaking of.
func read() reading {
	s := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/idle:cpu-seconds"},
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/heap/goal:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/cpu/classes/scavenge/total:cpu-seconds"},
	}
	metrics.Read(s)
	ns := func(i int) float64 { return math.Round(s[i].Value.Float64() * 1e9) }
	return reading{
		cycles: s[0].Value.Uint64(),
		assist: ns(1), dedicated: ns(2), idle: ns(3),
		allocated: s[4].Value.Uint64(), live: s[5].Value.Uint64(), goal: s[6].Value.Uint64(),
		released: s[7].Value.Uint64(), stacks: s[8].Value.Uint64(), scavenge: ns(9),
	}
}

// report sets the metrics from the two readings, the pauses and the trace.
func (t *trial) report(r *driver.Result) error {
	cycles := t.after.cycles - t.before.cycles
	n := float64(cycles)
	assist := (t.after.assist - t.before.assist) / n
	dedicated := (t.after.dedicated - t.before.dedicated) / n
	idle := (t.after.idle - t.before.idle) / n
	r.Set(unitMark, assist+dedicated+idle)
	r.Set(unitDedicated, dedicated)
	r.Set(unitIdle, idle)
	r.Set(unitAssist, assist)
	r.Set(unitAlloc, float64(t.after.allocated-t.before.allocated)/r.Window.Seconds())
	r.Set(unitCycles, n)
	r.Set(unitLive, float64(t.after.live))
	r.Set(unitGoal, float64(t.after.goal))
	r.Set(unitReleased, float64(t.after.released))
	r.Set(unitScavenge, t.after.scavenge-t.before.scavenge)
	r.Set(unitStacks, float64(t.after.stacks))
	if t.watched.cleanup > 0 {
		r.Set(unitCleanups, float64(t.after.cleanups-t.before.cleanups))
	}
	if t.watched.finalizer > 0 {
		r.Set(unitFinals, float64(t.after.finalizers-t.before.finalizers))
	}

	// ReadMemStats stops the world and so waits until the last cycle, line of
	// its trace included, is over.
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	reportPauses(r, windowPauses(&m, t.before.cycles, t.after.cycles))

	marks, err := t.trace.Marks(t.before.cycles, t.after.cycles)
	if err != nil {
		return err
	}
	if len(marks) > 0 {
		r.Set(unitWall, mean(marks))
	}
	return nil
}

// windowPauses picks the pauses of cycles from+1 to to out of the ring, sorted.
// They are none where the ring no longer holds the first of them.
func windowPauses(m *runtime.MemStats, from, to uint64) []uint64 {
	ring := uint64(len(m.PauseNs))
	if uint64(m.NumGC)-from > ring {
		return nil
	}
	var pauses []uint64
	for c := from + 1; c <= to; c++ {
		pauses = append(pauses, m.PauseNs[(c+ring-1)%ring]) // as runtime.MemStats says of NumGC
	}
	slices.Sort(pauses)
	return pauses
}

// reportPauses sets quantiles only where there are events enough for them.
func reportPauses(r *driver.Result, pauses []uint64) {
	n := len(pauses)
	if n == 0 {
		return
	}
	r.Set(unitPauses, float64(n))
	r.Set(unitPauseMax, float64(pauses[n-1]))
	if v, ok := quantile(pauses, 50); ok {
		r.Set(unitPauseP50, v)
	}
	if v, ok := quantile(pauses, 90); ok {
		r.Set(unitPauseP90, v)
	}
}

// quantile is the smallest of the sorted values with at least percent of them
// at or below it; only from 5/(1-q) events on, else a handful decides.
func quantile(sorted []uint64, percent int) (float64, bool) {
	n := len(sorted)
	if n*(100-percent) < 500 {
		return 0, false
	}
	rank := (n*percent + 99) / 100
	return float64(sorted[rank-1]), true
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
