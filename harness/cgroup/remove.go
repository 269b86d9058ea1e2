package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// How long a group may stay busy after its last process was reaped: threads
// leave it one by one as they exit, and a killed process only when the kernel
// has given back its memory.
const busyFor = 2 * time.Second

// Remove removes the leaf. Its processes have to be gone. An error names the
// directory that is left; Remove may be called again. Afterwards the leaf can't be used.
func (l *Leaf) Remove() error {
	if l.slot == nil {
		return nil
	}
	if l.born != nil {
		l.born.Close()
		l.born = nil
	}
	var errs []error
	for i, dir := range l.dirs {
		if !l.slot.in[i].unified && l.slot.in[i].holding("memory") && hasPages(dir) {
			// Page cache that is still charged to the group would keep it in the
			// kernel's memory after rmdir, one more each trial. An error costs just that.
			l.slot.tree.k.write(dir, "memory.force_empty", "0")
		}
		errs = append(errs, l.slot.tree.k.remove(dir))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := l.rejoin(); err != nil {
		return err
	}
	l.dirs, l.slot = nil, nil
	return nil
}

// hasPages says whether pages are charged to a v1 group. To empty a group takes
// a third of a millisecond, as every CPU has to answer; most trials leave none.
// Kernels without NUMA do not tell.
func hasPages(group string) bool {
	stat, err := read(group, "memory.numa_stat") // "total=69 N0=69", then its parts
	return err != nil || !strings.HasPrefix(stat, "total=0 ")
}

// remove removes one group without children. A group that is gone is fine.
func (k kernel) remove(group string) error {
	pause := 20 * time.Microsecond
	for deadline := time.Now().Add(busyFor); ; pause = min(2*pause, 5*time.Millisecond) {
		err := k.rmdir(group)
		switch {
		case err == nil, errors.Is(err, fs.ErrNotExist):
			return nil
		case !errors.Is(err, syscall.EBUSY):
			return fmt.Errorf("cgroup: %w", err)
		case time.Now().After(deadline), hasChildren(group):
			return fmt.Errorf("cgroup: %w, %s", err, occupants(group))
		}
		time.Sleep(pause)
	}
}

// removeIfEmpty leaves a folder alone that others have groups in.
func (k kernel) removeIfEmpty(group string) error {
	err := k.rmdir(group)
	for _, fine := range []error{fs.ErrNotExist, syscall.EBUSY, syscall.ENOTEMPTY} {
		if errors.Is(err, fine) {
			return nil
		}
	}
	return err
}

// occupants says what keeps a group from being removed, and what to do.
func occupants(group string) string {
	procs, _ := words(group, "cgroup.procs")
	inside, _ := children(group)
	switch {
	case len(procs) > 0:
		return fmt.Sprintf("processes %s are in it (kill them, then: rmdir %s)", strings.Join(procs, ", "), group)
	case len(inside) > 0:
		return fmt.Sprintf("groups %s are in it (remove them, then: rmdir %s)", strings.Join(inside, ", "), group)
	}
	return fmt.Sprintf("though it looks empty (try again: rmdir %s)", group)
}

// children lists the groups directly inside one.
func children(group string) ([]string, error) {
	entries, err := os.ReadDir(group)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, filepath.Join(group, entry.Name()))
		}
	}
	return names, nil
}

// hasChildren: such a group stays busy however long one waits.
func hasChildren(group string) bool {
	inside, err := children(group)
	return err == nil && len(inside) > 0
}

// RemoveTree kills every process in a group and below it and removes the
// groups, deepest first. It is how a journal undoes a directory that NewSlot
// noted: idempotent, and safe on a path from a file:
//
//   - a path without a component named "assay", or not on a cgroup file system,
//     is refused;
//   - a folder "assay" itself is removed only if empty, as others' runs may be in it;
//   - the calling process is never killed.
func RemoveTree(path string) error { return linux().removeTree(path) }

func (k kernel) removeTree(path string) error {
	if err := k.ours(path); err != nil {
		return fmt.Errorf("cgroup: remove %s: %w", path, err)
	}
	if !exists(path) {
		return nil
	}
	if filepath.Base(path) == folder {
		return k.removeIfEmpty(path)
	}
	if err := k.empty(path); err != nil {
		return err
	}
	return k.removeAll(path)
}

func (k kernel) ours(path string) error {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return errors.New("not a full, plain path (nothing was touched)")
	}
	if !slices.Contains(strings.Split(path, "/"), folder) {
		return errors.New("not inside a folder named assay (nothing was touched)")
	}
	if exists(path) && !k.isGroup(path) {
		return errors.New("not on a cgroup file system (nothing was touched)")
	}
	return nil
}

// removeAll tries every group even if one fails.
func (k kernel) removeAll(group string) error {
	inside, err := children(group)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, child := range inside {
		errs = append(errs, k.removeAll(child))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return k.remove(group)
}
