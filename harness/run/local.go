package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/workloads/wire"
)

// A Local makes attempts on this machine. The order of one attempt: apply
// changed host knobs, settle, verify, make the leaf, start, window, counters,
// verify, remove.
type Local struct {
	FS      sysfs.FS
	Name    string              // of this environment: "host"
	Knobs   *knob.Session       // machine knobs, journalled
	Groups  *cgroup.Slot        // where leaves are made
	Cells   map[int]Setup       // testable cells
	User    *launch.User        // whom workloads run as; nil for the harness's own user
	Scratch string              // where the folder of the trials is made
	Watch   func(pid int) error // tell the guardian of a process outside cgroups; nil where the leaf holds it
	Expect  []int               // exit statuses that are no failure

	// Measure are the groups of counters that stand on the lines; nil is all.
	Measure []string

	homed bool // the trials' folder is there, as new
}

// A Setup is what a cell means here.
type Setup struct {
	Cell    plan.Cell
	Levels  map[string]string // every key, fixed ones included
	Effects knob.Effects
	Causes  []string // kinds of taint that are evidence here
	Binary  build.Binary
	Layouts map[uint64]build.Binary // the same, linked in the orders that blocks draw
	Args    []string
	CPUs    []int // measured CPUs
	Talks   bool  // the program knows the control channel
}

// paramPrefix marks a key that is a param of the workload.
const paramPrefix = "param."

// Args gives a workload's arguments for a cell: its params, sorted, and the
// injected slowdown.
func Args(levels map[string]string, inject float64) []string {
	var args []string
	for _, key := range slices.Sorted(maps.Keys(levels)) {
		if name, ok := strings.CutPrefix(key, paramPrefix); ok {
			args = append(args, "-"+name+"="+levels[key])
		}
	}
	if inject > 0 {
		args = append(args, "-"+wire.FlagInject+"="+strconv.FormatFloat(100*inject, 'f', -1, 64)+"%")
	}
	return args
}

// settle is how long a changed machine knob is left alone before the next
// trial, for the kernel's own threads (khugepaged, kswapd) to see it.
const settle = 20 * time.Millisecond

// Try makes one attempt.
func (l *Local) Try(ctx context.Context, a Attempt) (sample.Sample, error) {
	setup, ok := l.Cells[a.Cell.Index]
	if !ok {
		return sample.Sample{}, fmt.Errorf("cell %d was not prepared", a.Cell.Index)
	}
	if laid, ok := setup.Layouts[a.Nuisance[spec.NuisanceLayout]]; ok {
		setup.Binary = laid
	}
	t := &trial{Local: l, Setup: setup, attempt: a, s: sample.Sample{Env: l.Name}}
	if err := l.apply(setup.Effects.Host); err != nil {
		return t.s, err
	}
	t.s.Start = time.Now().UTC()
	if t.disturbed("before the start") {
		return t.s, nil
	}
	if err := t.begin(); err != nil {
		return t.broken(err), t.end()
	}
	t.converse(ctx)
	t.judge()
	return t.s, t.end()
}

func (l *Local) apply(want []sysfs.Write) error {
	if l.Knobs == nil {
		return nil
	}
	changed, err := l.Knobs.Apply(want)
	if changed && err == nil {
		time.Sleep(settle)
	}
	return err
}

// begin makes the leaf and starts the process in it.
func (t *trial) begin() (err error) {
	name := fmt.Sprintf("%d.%d", t.attempt.Trial.N, t.attempt.Number)
	if t.leaf, err = t.Groups.Leaf(name, wire.RoleMain, t.Effects.Cgroup); err != nil {
		return err
	}
	dir, err := t.home()
	if err != nil {
		return err
	}
	if err := t.open(); err != nil {
		return err
	}
	cmd := launch.Command{
		Path: t.Binary.Path, Args: t.Args, Env: t.environ(dir), Dir: dir,
		Stdout: t.stdout.child, Stderr: t.stderr.child, Control: t.control.child,
		User: t.User, Settings: t.Effects.Process,
		Tasks: t.leaf.Tasks(), Cgroup: t.leaf.Dir(),
	}
	if t.process, err = launch.Start(cmd); err != nil {
		return err
	}
	t.closeChildEnds()
	if t.Watch != nil {
		return t.Watch(t.process.PID)
	}
	return nil
}

// environ is the whole environment of a trial: four names, the knobs, and as much
// of nothing as the block drew.
func (t *trial) environ(dir string) []string {
	env := map[string]string{"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": dir, "TMPDIR": dir, "LANG": "C"}
	maps.Copy(env, t.Effects.Env)
	if size, drawn := t.attempt.Nuisance[spec.NuisanceEnvSize]; drawn {
		env[padding] = strings.Repeat("x", int(size))
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(env)) {
		out = append(out, key+"="+env[key])
	}
	return out
}

// padding is the variable by which the size of the environment varies.
const padding = "ASSAY_PADDING"

// end takes away what the attempt made. A leaf that can't be removed stops the
// run: it would be found by no one.
func (t *trial) end() error {
	t.closeAll()
	var err error
	if t.leaf != nil {
		err = t.leaf.Remove()
	}
	return errors.Join(err, t.clean())
}

// broken is a sample of an attempt that the harness itself could not make.
func (t *trial) broken(err error) sample.Sample {
	t.s.Outcome, t.s.Error = sample.Broken, err.Error()
	if t.process != nil {
		t.kill()
		t.process.Wait()
	}
	return t.s
}

// kill ends the whole tree: the leaf's where there is one, else the group's.
func (t *trial) kill() {
	t.process.Kill()
	if t.leaf != nil {
		t.leaf.Kill()
	}
}
