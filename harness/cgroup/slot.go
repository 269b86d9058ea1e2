package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

// A Slot is the groups that last for one run, one in each hierarchy that can
// be used: <parent>/assay/<run>. Where none can, it has no groups and its
// leaves have none either; processes are then held by their process group alone.
// Its methods may be called from several goroutines.
type Slot struct {
	tree *Tree
	in   []*hierarchy // where it has groups; unified last
	dirs []string     // its groups, parallel to in
	undo []func() error
}

// Would says what NewSlot would make and switch on, in order, and changes nothing.
func (t *Tree) Would(run string) (dirs []string, on []Switch, err error) {
	if err := checkName("run", run); err != nil {
		return nil, nil, err
	}
	for _, h := range t.usable() {
		parent := filepath.Join(h.base, folder)
		if !exists(parent) {
			dirs = append(dirs, parent)
		}
		dirs = append(dirs, filepath.Join(parent, run))
		on = append(on, h.switches()...)
	}
	return dirs, on, nil
}

// usable lists the hierarchies in which groups can be made.
func (t *Tree) usable() []*hierarchy {
	var usable []*hierarchy
	for _, h := range t.all {
		if h.why == nil {
			usable = append(usable, h)
		}
	}
	return usable
}

// NewSlot makes the groups of a run. Before anything is touched it hands note,
// in one call, every directory that it will make and every switch that it will
// turn, so that they can be written down. The switches are to be written first:
// a journal undone in reverse then removes the directories (RemoveTree) before
// it switches off (SwitchOff) what groups below would still be using. An error
// of note ends it. On any error what was made is removed again. note may be nil.
func (t *Tree) NewSlot(run string, note func(dirs []string, on []Switch) error) (*Slot, error) {
	dirs, on, err := t.Would(run)
	if err != nil {
		return nil, err
	}
	if note != nil && len(dirs) > 0 {
		if err := note(dirs, on); err != nil {
			return nil, fmt.Errorf("cgroup: note what will be made: %w", err)
		}
	}
	s := &Slot{tree: t}
	for _, h := range t.usable() {
		if err := s.enter(h, run); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// enter makes the run's group in one hierarchy. Each step that succeeded leaves
// its undoing behind, for Close.
func (s *Slot) enter(h *hierarchy, run string) error {
	k := s.tree.k
	parent := filepath.Join(h.base, folder)
	if h.moves {
		if err := s.tree.moveOut(h); err != nil {
			return err
		}
		s.later(func() error { return s.tree.moveBack(h) })
	}
	for _, each := range h.switches() {
		if err := each.on(k); err != nil {
			return err
		}
		s.later(func() error { return each.off(k) })
	}
	if err := k.mkdir(parent); err != nil && !errors.Is(err, syscall.EEXIST) {
		return refused(err)
	}
	s.later(func() error { return k.removeIfEmpty(parent) })
	if err := h.passOn(k, parent); err != nil {
		return err
	}
	dir := filepath.Join(parent, run)
	if err := k.mkdir(dir); err != nil {
		return refused(err)
	}
	s.later(func() error { return k.remove(dir) })
	s.in, s.dirs = append(s.in, h), append(s.dirs, dir)
	return h.passOn(k, dir)
}

func (s *Slot) later(undo func() error) { s.undo = append(s.undo, undo) }

// passOn makes the controllers of a group available to those made in it: on v2
// by switching them on, in a v1 cpuset by filling it from its parent and having
// its children filled likewise as they are made (clone_children in
// admin-guide/cgroup-v1/cgroups.rst), as an empty one takes no process.
func (h *hierarchy) passOn(k kernel, group string) error {
	var err error
	switch {
	case h.unified && len(h.holds) > 0:
		err = k.write(group, subtreeControl, "+"+strings.Join(h.holds, " +"))
	case !h.unified && h.holding("cpuset"):
		if err = fillCpuset(k, group); err == nil {
			err = k.write(group, "cgroup.clone_children", "1")
		}
	}
	if err != nil {
		return fmt.Errorf("cgroup: set up %s: %w", group, err)
	}
	return nil
}

// refill gives a run's v1 cpuset back what a CPU that was offline has taken. A run
// that has what base has lacks nothing, and neither does the folder between them.
func (h *hierarchy) refill(k kernel, dir string) error {
	if h.unified || !h.holding("cpuset") || sameCpuset(dir, h.base) {
		return nil
	}
	for _, group := range []string{filepath.Dir(dir), dir} {
		if err := fillCpuset(k, group); err != nil {
			return fmt.Errorf("cgroup: set up %s: %w", group, err)
		}
	}
	return nil
}

func (h *hierarchy) holding(controller string) bool {
	for _, name := range h.holds {
		if name == controller {
			return true
		}
	}
	return false
}

var cpusetFiles = []string{"cpuset.cpus", "cpuset.mems"}

func sameCpuset(a, b string) bool {
	for _, file := range cpusetFiles {
		one, err := read(a, file)
		other, err2 := read(b, file)
		if err != nil || err2 != nil || one != other {
			return false
		}
	}
	return true
}

// fillCpuset gives a group what its parent has.
//
// A CPU that goes offline leaves every v1 cpuset for good, the root's excepted, so
// that groups of ours are filled again when it is back.
func fillCpuset(k kernel, group string) error {
	for _, file := range cpusetFiles {
		has, err := read(group, file)
		if err != nil {
			return err
		}
		value, err := read(filepath.Dir(group), file)
		if err != nil {
			return err
		}
		if strings.TrimSpace(has) == strings.TrimSpace(value) {
			continue
		}
		if err := k.write(group, file, value); err != nil {
			return err
		}
	}
	return nil
}

// Close removes the run's groups and puts back what NewSlot changed, trying
// all of it. A parent folder stays where another run has groups in it. Leaves
// have to be removed before: one that is left is an error that names it.
func (s *Slot) Close() error {
	var errs []error
	for len(s.undo) > 0 {
		last := len(s.undo) - 1
		errs = append(errs, s.undo[last]())
		s.undo = s.undo[:last]
	}
	return errors.Join(errs...)
}

// refused adds the next step to an error from making a group.
func refused(err error) error {
	switch {
	case errors.Is(err, syscall.EEXIST):
		return fmt.Errorf("cgroup: %w (left by a run that was killed: assay restore removes it)", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("cgroup: %w (run as root)", err)
	case errors.Is(err, syscall.EAGAIN):
		return fmt.Errorf("cgroup: %w (cgroup.max.depth or cgroup.max.descendants of a group above is reached)", err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("cgroup: %w (the kernel's number of groups is used up: remove groups that are no longer used, see /proc/cgroups)", err)
	}
	return fmt.Errorf("cgroup: %w", err)
}

// checkName keeps names to one plain path component. The kernel itself refuses
// a name that a control file has.
func checkName(what, name string) error {
	plain := name != "" && len(name) <= 128 && name[0] != '.'
	for _, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		plain = plain && (letter || '0' <= c && c <= '9' || strings.IndexByte("-_.", c) >= 0)
	}
	if !plain || name == folder {
		return fmt.Errorf("cgroup: %s name %q: use 1 to 128 letters, digits, -, _ and dots, not a dot first, and not %q", what, name, folder)
	}
	return nil
}
