package driver

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/assaylab/assay/workloads/wire"
)

// Units that the driver itself reports, for every workload.
const (
	unitOp   = "ns/op"
	unitCPU  = "cpu-ns/op"
	unitPeak = "peak-RSS-bytes"
)

// Description is all that a harness has to know of w, in a stable order.
func (w Workload) Description() wire.Description {
	var params Params
	w.Declare(&params)
	d := wire.Description{
		Name: w.Name, Doc: w.Doc, Roles: w.roles(), Params: []wire.Param{}, Metrics: w.metrics(),
		KernelWork: w.KernelWork, NoCourse: w.NoCourse,
	}
	for _, p := range params.list {
		d.Params = append(d.Params, p.Param)
	}
	return d
}

// metrics are ns/op and cpu-ns/op, the workload's own, and the peak.
func (w Workload) metrics() []wire.Metric {
	op := wire.Metric{
		Unit: unitOp, Better: wire.Lower,
		Doc: "wall time of the window over its operations, slowdown by -inject included",
	}
	cpu := wire.Metric{
		Unit: unitCPU, Better: wire.Lower,
		Doc: "CPU time of the whole process in the window over its operations: steadier than ns/op where others want the CPU too; slowdown by -inject included",
	}
	own := w.beside(cpu)
	if len(own) > 0 { // the slowdown is of the process that prints
		cpu.Doc = "CPU time in the window of the role under test, all of its process, over the operations: what one costs it, whatever else wants the CPU"
	}
	// The kernel keeps RSS in per-CPU batches of at least 32 pages for each kind of page
	// (percpu_counter, kernel/fork.c): what it shows can lag by that on each CPU.
	peak := wire.Metric{
		Unit: unitPeak, Better: wire.Lower,
		Doc:        "most memory resident at once since the process started: VmHWM of /proc/PID/status after the window",
		Resolution: wire.Resolution{Absolute: 2 * 32 * 4096},
	}
	return w.markPrimary(slices.Concat([]wire.Metric{op, cpu}, own, w.Metrics, []wire.Metric{peak}, w.beside(peak)))
}

// beside is a metric of the role that prints, where another one is under test.
func (w Workload) beside(m wire.Metric) []wire.Metric {
	d := w.cast()
	if own := d.Printer().Name; own != d.UnderTest().Name {
		return []wire.Metric{m.Prefixed(own)}
	}
	return nil
}

// markPrimary marks the metric that w.Primary names. Where it names none, that
// is one of the workload's own that is marked already, or else ns/op.
func (w Workload) markPrimary(metrics []wire.Metric) []wire.Metric {
	unit := w.Primary
	if unit == "" {
		if slices.ContainsFunc(metrics, func(m wire.Metric) bool { return m.Primary }) {
			return metrics
		}
		unit = unitOp
	}
	for i := range metrics {
		metrics[i].Primary = metrics[i].Unit == unit
	}
	return metrics
}

// describe prints the description as JSON.
func (w Workload) describe(out io.Writer) error {
	text, err := json.MarshalIndent(w.Description(), "", "  ")
	if err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	if _, err := out.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	return nil
}
