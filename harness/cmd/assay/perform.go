package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/setup"
)

// perform has work done by an executor on this stage, the harness kept out of the way
// of what it measures, and only while there is someone to restore after it. The notes
// say who shares a CPU with whom, and what can't be counted here.
func (s *stage) perform(ctx context.Context, p *prepared, cells map[int]run.Setup, folder string, work func(context.Context, *run.Local, []string) error) error {
	keep := setup.Keep(p.host.CPU.Allowed, cells)
	free, err := still(keep.CPUs)
	if err != nil {
		return err
	}
	defer free()
	ctx, cancel := s.whileGuarded(ctx)
	defer cancel()
	executor, err := s.executor(p, cells, folder)
	if err != nil {
		return err
	}
	defer executor.Collectors.Close()
	return work(ctx, executor, append(keep.Crowding(cells), executor.Missing()...))
}

// whileGuarded ends the context where someone kills the guardian: a run goes on
// only while there is someone to restore after it.
func (s *stage) whileGuarded(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-s.guardian.Gone():
			cancel(errors.New("the guardian was killed: the run is stopped and the machine put back"))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// executor is what makes attempts on this stage.
func (s *stage) executor(p *prepared, cells map[int]run.Setup, folder string) (*run.Local, error) {
	find, err := sample.NewFinder(p.plan.Spec.Workload)
	if err != nil {
		return nil, err
	}
	measure := p.plan.Spec.Measure
	e := &run.Local{
		Collectors: collect.New(machine),
		FS:         machine, Name: environment, Knobs: s.knobs, Provide: s.provide, Groups: s.slot, Cells: cells,
		User: launch.Caller(), Scratch: s.scratch, Expect: p.plan.Spec.Workload.Expect,
		Measure: measure, Find: find, Folder: folder,
	}
	if sample.Asked(measure, sample.Perf) {
		e.Perf = collect.NewPerf(machine)
	}
	if len(p.groups.Controllers()) == 0 {
		e.Watch, e.Unwatch = s.guardian.Watch, s.guardian.Unwatch
	}
	return e, nil
}

// environment is the name of this machine among the environments of a run.
const environment = "host"

// still keeps the harness to CPUs of its own, out of the way of what it measures,
// until free is called.
func still(cpus []int) (free func(), err error) {
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, fmt.Errorf("keep the harness to CPUs %v: %w", cpus, err)
	}
	var own unix.CPUSet
	for _, cpu := range cpus {
		own.Set(cpu)
	}
	if err := pin(&own); err != nil {
		return nil, fmt.Errorf("keep the harness to CPUs %v: %w", cpus, err)
	}
	return func() { pin(&before) }, nil
}

// pin moves every thread of this process; later ones inherit.
func pin(set *unix.CPUSet) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		// A thread that ended meanwhile needs none.
		if err := unix.SchedSetaffinity(tid, set); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}
