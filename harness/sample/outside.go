package sample

import (
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// standard are the units that package testing prints.
var standard = []wire.Metric{
	{Unit: "ns/op", Better: wire.Lower, Primary: true, Doc: "time of an operation, by package testing"},
	{Unit: "MB/s", Better: wire.Higher, Doc: "throughput in 10^6 bytes a second, where the benchmark sets its bytes"},
	{Unit: "B/op", Better: wire.Lower, Doc: "bytes allocated by an operation"},
	{Unit: "allocs/op", Better: wire.Lower, Doc: "allocations of an operation"},
}

// Outside is what is known of an outside program before it runs: the metrics that
// the experiment says how to find, or the units that any benchmark may have.
func Outside(w spec.Workload) wire.Description {
	d := wire.Description{
		Name: w.Name(), Doc: "an outside program, from exec to exit",
		Roles: []wire.Role{{Name: wire.RoleMain, Doc: "the program"}}, Metrics: standard,
		KernelWork: "not known: it may read, write and map files",
	}
	if w.Metrics == nil {
		return d
	}
	d.Metrics = nil
	for i, m := range w.Metrics {
		how := m.Regexp + m.JSON
		if m.Counted() {
			how = "counted by the harness"
		}
		d.Metrics = append(d.Metrics, wire.Metric{Unit: m.Unit.Text, Better: wire.Better(m.Better), Primary: i == 0, Doc: how})
	}
	return d
}
