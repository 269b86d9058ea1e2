// Package driver turns a workload into a program: its flags, -describe, its
// talk with the harness, and its line in the Go benchmark format.
//
//  1. A workload is one [Workload] value, and its main is one expression:
//     driver.Main(workload).
//  2. Its Declare names the params, once; flags, -h and -describe follow from
//     that, so they can't differ.
//  3. Its [Setup] does all that is not to be measured and returns a [Trial].
//  4. Trial.Run is the window: a fixed amount of work. Trial.Report checks the
//     outcome and gives the metrics.
//
// A process is one trial and prints one line; -count=N starts N processes.
package driver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/assaylab/assay/workloads/wire"
)

// A Workload is a program that measures one thing.
type Workload struct {
	Name      string   // the folder under workloads/
	Benchmark string   // name on its lines, without "Benchmark": "GCChurn"
	Doc       string   // one line
	Examples  []string // command lines for -h

	Roles   []wire.Role   // nil for wire.RoleMain alone; see the Trial of a role
	Metrics []wire.Metric // all that Report can set; ns/op, cpu-ns/op and peak-RSS-bytes are the driver's own
	Primary string        // unit of the primary metric, where none of Metrics is marked and it is not ns/op

	KernelWork string // what threads of the kernel do for it, on its CPUs; empty for nothing

	// NoCourse says why no Trial of it is a Coursed one, where none is: "its window
	// is one operation".
	NoCourse string

	// GODEBUG are settings that the workload needs from the start: "gctrace=1".
	// Keys that the environment already has are left as they are.
	GODEBUG []string

	Declare func(*Params) Setup // names the params; the Setup is called once they hold their values
}

// Units that a Workload may name as Primary.
const (
	// PrimaryCPU is CPU time an operation: right where a workload only computes,
	// so that wall time adds nothing but other programs.
	PrimaryCPU = unitCPU
	// PrimaryMedian is the median of LatencyMetrics("latency", ...): right where
	// rare long waits rule the mean. Such a workload takes no fewer than ten operations.
	PrimaryMedian = "p50-latency-ns"
)

// A Setup builds what the window needs. It runs before the harness is told
// "ready" and is not measured.
type Setup func(role string) (Trial, error)

// A Trial is a workload that is set up, or the role of it that prints.
//
// The Trial of any other role is ready to serve once its Setup returns: by then it
// has said to the roles after it what they must know ([Publish]). Its Run serves,
// until Close, called meanwhile, ends it: it then returns without an error, and
// how many operations that was is nobody's concern. Its Report is not called.
type Trial interface {
	// Run does the work of the window and returns how many operations that was.
	Run() (ops int64, err error)
	// Report runs after the window is closed: it checks what Run did, a wrong
	// answer being an error, and sets the metrics. No line is printed after an error.
	Report(*Result) error
	// Close runs last, also after errors, before these are written to stderr.
	Close() error
}

// Exit codes of a workload.
const (
	exitOK     = 0
	exitFailed = 1 // a wrong answer, a lost harness, a closed stdout
	exitUsage  = 2 // nothing was started
)

// Main runs w as this process and exits.
func Main(w Workload) {
	signal.Ignore(syscall.SIGPIPE) // a closed stdout is an error to report, not a silent death
	os.Exit(w.main(os.Args[1:], os.Stdout, os.Stderr))
}

func (w Workload) main(args []string, stdout, stderr io.Writer) int {
	o, err := w.parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\nRun '%s -h' for the flags.\n", w.Name, err, w.Name)
		return exitUsage
	}
	if err := w.act(o, args, stdout); err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", w.Name, err)
		if errors.As(err, new(usageError)) {
			return exitUsage
		}
		return exitFailed
	}
	return exitOK
}

// act does the one thing that the flags ask for.
func (w Workload) act(o options, args []string, stdout io.Writer) error {
	switch {
	case o.help:
		return w.usage(stdout)
	case o.describe:
		return w.describe(stdout)
	}
	control, err := wire.OpenControl(wire.ControlFD)
	if err != nil {
		return err
	}
	if o.count > 1 {
		if control != nil {
			return usageError("-count starts processes of its own; a harness starts one a trial")
		}
		if o.role != "" && o.role != w.cast().Printer().Name {
			return usageError("-count starts processes that print a line each, and role " + o.role + " prints none")
		}
		return repeat(o.count, args, stdout)
	}
	if err := ensureGODEBUG(w.GODEBUG, control); err != nil {
		return err
	}
	return w.play(o, args, control, stdout)
}

// A usageError is a wrong command line: nothing was started.
type usageError string

func (e usageError) Error() string { return string(e) }
