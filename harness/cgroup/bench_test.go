package cgroup_test

import (
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/harness/testenv"
)

// What a trial costs in this room and in launch. The three are to be compared
// by their medians: the difference between Leaf and Bare is to stay under 1.2 ms.

const program = "/bin/true"

func BenchmarkBare(b *testing.B) {
	medians(b, func() {
		pid, err := syscall.ForkExec(program, []string{program}, &syscall.ProcAttr{})
		if err != nil {
			b.Fatal(err)
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkStart(b *testing.B) {
	medians(b, func() { run(b, launch.Command{Path: program}) })
}

func BenchmarkLeaf(b *testing.B) {
	testenv.NeedsRoot(b)
	tree, slot := newSlot(b)
	var set []sysfs.Write
	for _, w := range []sysfs.Write{
		{File: "cpu.max", Value: "90000 100000"},
		{File: "cpu.weight", Value: "200"},
		{File: "memory.max", Value: "1073741824"},
		{File: "cpuset.cpus", Value: "0-1"},
		{File: "pids.max", Value: "1000"},
	} {
		if tree.Can(w.File) == nil {
			set = append(set, w)
		}
	}
	trial := 0
	medians(b, func() {
		trial++
		oneTrial(b, slot, strconv.Itoa(trial), set)
	})
}

func oneTrial(b *testing.B, slot *cgroup.Slot, trial string, set []sysfs.Write) {
	leaf, err := slot.Leaf(trial, "main", set)
	if err != nil {
		b.Fatal(err)
	}
	run(b, launch.Command{Path: program, Tasks: leaf.Tasks(), Cgroup: leaf.Dir(), Settings: launch.Settings{Affinity: []int{0, 1}}})
	for _, w := range set {
		if got, err := leaf.Read(w.File); err != nil || got != w.Value {
			b.Fatal(w.File, got, err)
		}
	}
	if _, err := leaf.Counters(); err != nil {
		b.Fatal(err)
	}
	if err := leaf.Remove(); err != nil {
		b.Fatal(err)
	}
}

func run(b *testing.B, c launch.Command) {
	p, err := launch.Start(c)
	if err != nil {
		b.Fatal(err)
	}
	if exit, err := p.Wait(); err != nil || exit.Status != 0 {
		b.Fatal(exit, err)
	}
}

func medians(b *testing.B, act func()) {
	took := make([]time.Duration, 0, b.N)
	for b.Loop() {
		begun := time.Now()
		act()
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2]), "median-ns/op")
}
