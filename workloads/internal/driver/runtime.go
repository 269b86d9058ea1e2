package driver

import (
	"math"
	"runtime/metrics"
	"slices"
	"strings"

	"github.com/assaylab/assay/workloads/wire"
)

// A figure is one metric of the runtime and the unit that it has in results.
type figure struct {
	name   string // of runtime/metrics, which explains it; seconds become ns
	unit   string
	stands bool // as it stands at the end, not growth
}

// figures are those that every workload can report. Names that this version of Go
// does not have are left out.
var figures = []figure{
	{name: "/gc/cycles/total:gc-cycles", unit: "gc-cycles"},
	{name: "/cpu/classes/gc/total:cpu-seconds", unit: "gc-cpu-ns"},
	{name: "/cpu/classes/scavenge/total:cpu-seconds", unit: "scavenge-cpu-ns"},
	{name: "/gc/heap/allocs:bytes", unit: "alloc-bytes"},
	{name: "/gc/heap/allocs:objects", unit: "alloc-objects"},
	{name: "/sync/mutex/wait/total:seconds", unit: "mutex-wait-ns"},
	{name: "/sched/goroutines-created:goroutines", unit: "goroutines-created"},
	{name: "/gc/heap/live:bytes", unit: "heap-live-bytes", stands: true},
	{name: "/gc/heap/goal:bytes", unit: "heap-goal-bytes", stands: true},
	{name: "/memory/classes/heap/released:bytes", unit: "heap-released-bytes", stands: true},
	{name: "/memory/classes/total:bytes", unit: "runtime-bytes", stands: true},
	{name: "/sched/goroutines:goroutines", unit: "goroutines", stands: true},
	{name: "/sched/latencies:seconds", unit: "sched-latency-ns"},
	{name: "/sched/pauses/total/gc:seconds", unit: "gc-pause-ns"},
	{name: "/sched/pauses/total/other:seconds", unit: "other-pause-ns"},
}

// A stats reads the runtime at both ends of the window. A nil stats does nothing.
//
// The first reading of a histogram makes room for it, which later ones use again:
// newStats reads once, in the set-up, so that the window has none of that.
type stats struct {
	figures       []figure
	before, after []metrics.Sample
}

func newStats() *stats {
	s := &stats{}
	have := metrics.All()
	for _, f := range figures {
		if slices.ContainsFunc(have, func(d metrics.Description) bool { return d.Name == f.name }) {
			s.figures = append(s.figures, f)
			s.before = append(s.before, metrics.Sample{Name: f.name})
			s.after = append(s.after, metrics.Sample{Name: f.name})
		}
	}
	metrics.Read(s.before)
	metrics.Read(s.after)
	return s
}

func (s *stats) begin() {
	if s != nil {
		metrics.Read(s.before)
	}
}

func (s *stats) end() {
	if s != nil {
		metrics.Read(s.after)
	}
}

// result is what happened between begin and end.
func (s *stats) result() wire.Stats {
	r := wire.Stats{Counters: map[string]float64{}, Histograms: map[string][]wire.Bucket{}}
	for i, f := range s.figures {
		before, after := s.before[i].Value, s.after[i].Value
		if after.Kind() == metrics.KindFloat64Histogram {
			if filled := Between(before.Float64Histogram(), after.Float64Histogram()).filled(); filled != nil {
				r.Histograms[f.unit] = filled
			}
			continue
		}
		v := scalar(after)
		if !f.stands {
			v -= scalar(before)
		}
		if strings.HasSuffix(f.name, "seconds") {
			v = math.Round(v * 1e9)
		}
		r.Counters[f.unit] = v
	}
	return r
}

func scalar(v metrics.Value) float64 {
	if v.Kind() == metrics.KindUint64 {
		return float64(v.Uint64())
	}
	return v.Float64()
}

// filled are the buckets that hold anything, in ns.
func (b Buckets) filled() []wire.Bucket {
	var filled []wire.Bucket
	for i, n := range b.counts {
		if n == 0 {
			continue
		}
		low, high := b.bounds(i)
		filled = append(filled, wire.Bucket{Lo: math.Round(low * 1e9), Hi: math.Round(high * 1e9), N: n})
	}
	return filled
}
