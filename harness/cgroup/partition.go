package cgroup

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

const partitionFile = "cpuset.cpus.partition"

// partition makes the leaf a partition of its own CPUs. The kernel takes one only
// from a group that is a partition itself, so every folder of ours above becomes
// one first, with the same CPUs; none of them holds a process
// (admin-guide/cgroup-v2.rst, "cpuset.cpus.partition"). Remove undoes it. The
// file takes what can't be and then says why: hence the look at it.
func (l *Leaf) partition(value string) error {
	k, group := l.slot.tree.k, l.group("cpuset")
	if value == "member" {
		return k.write(group, partitionFile, value)
	}
	cpus, err := read(group, "cpuset.cpus")
	if err != nil {
		return err
	}
	if cpus = strings.TrimSpace(cpus); cpus == "" {
		return fmt.Errorf("cgroup %s=%s: the leaf has no CPUs of its own (set cpus or cpuset.cpus too)", partitionFile, value)
	}
	for _, above := range l.above(group) {
		if err := l.surrender(above, cpus); err != nil {
			return err
		}
	}
	return k.becomes(group, value)
}

// above lists our folders over a leaf, the uppermost first.
func (l *Leaf) above(group string) []string {
	var all []string
	for dir := filepath.Dir(group); ; dir = filepath.Dir(dir) {
		all = append(all, dir)
		if filepath.Base(dir) == folder || len(all) == 2 { // run, assay
			break
		}
	}
	slices.Reverse(all)
	return all
}

// surrender makes a folder a partition of some CPUs, and notes how it was.
func (l *Leaf) surrender(group, cpus string) error {
	k := l.slot.tree.k
	was, err := read(group, partitionFile)
	if err != nil {
		return err
	}
	before, err := read(group, "cpuset.cpus")
	if err != nil {
		return err
	}
	if strings.TrimSpace(was) == "root" && strings.TrimSpace(before) == cpus {
		return nil // by another leaf of the run
	}
	l.later(func() error {
		return errors.Join(k.write(group, partitionFile, "member"), k.write(group, "cpuset.cpus", strings.TrimSpace(before)))
	})
	if err := k.write(group, "cpuset.cpus", cpus); err != nil {
		return fmt.Errorf("cgroup: give %s CPUs %s: %w", group, cpus, err)
	}
	return k.becomes(group, "root")
}

func (k kernel) becomes(group, kind string) error {
	if err := k.write(group, partitionFile, kind); err != nil {
		return fmt.Errorf("cgroup: make %s a partition: %w (isolated came with Linux 6.1)", group, err)
	}
	now, err := read(group, partitionFile)
	if err == nil && strings.TrimSpace(now) != kind {
		err = fmt.Errorf("it is %q (leave the machine other CPUs, which no partition beside it has, and run assay outside of a scope or a container)", strings.TrimSpace(now))
	}
	if err != nil {
		return fmt.Errorf("cgroup: make %s a partition (%s): %w", group, kind, err)
	}
	return nil
}

func (l *Leaf) later(undo func() error) { l.undo = append(l.undo, undo) }

// rejoin undoes what partition did above the leaf, which is gone.
func (l *Leaf) rejoin() error {
	var errs []error
	for len(l.undo) > 0 {
		last := len(l.undo) - 1
		errs = append(errs, l.undo[last]())
		l.undo = l.undo[:last]
	}
	return errors.Join(errs...)
}
