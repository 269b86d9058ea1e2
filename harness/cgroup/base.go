package cgroup

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A Switch is one controller that has to be switched on in a group that was
// there before us, so that groups below it can have it (v2 only). It changes
// that group for others too, so it belongs into the journal.
type Switch struct {
	File       string // absolute path of a cgroup.subtree_control
	Controller string
}

// settle chooses the base of a v2 host: the group that we are alone in and may
// change, as systemd-run --scope -p Delegate=yes makes it, else the root.
func (t *Tree) settle(h *hierarchy, own []membership) {
	group, found := unifiedGroup(own)
	if !found {
		return
	}
	seen, ok := h.below(group)
	if !ok {
		return
	}
	place := filepath.Join(h.top, seen)
	if realRoot(place) || t.k.access(place) != nil || !t.alone(place) {
		return
	}
	h.base, h.moves = place, true
}

// realRoot tells the root of the whole hierarchy, which alone may hold
// processes and pass controllers on, from the root of a cgroup namespace.
func realRoot(group string) bool { return !exists(filepath.Join(group, "cgroup.type")) }

func (t *Tree) alone(group string) bool {
	procs, err := words(group, "cgroup.procs")
	return err == nil && len(procs) == 1 && procs[0] == strconv.Itoa(t.pid)
}

// occupied is v2's rule that a group which passes controllers on holds no
// processes itself, the real root excepted.
func (t *Tree) occupied(h *hierarchy) *Blocked {
	if !h.unified || h.moves || realRoot(h.base) || len(h.switches()) == 0 {
		return nil
	}
	procs, err := words(h.base, "cgroup.procs")
	if err != nil || len(procs) == 0 {
		return nil
	}
	return &Blocked{
		Cause: fmt.Sprintf("%d processes are in %s, so it can't pass controllers on", len(procs), h.base),
		Next:  "start assay alone in a group: systemd-run --scope -p Delegate=yes",
	}
}

// switches lists what base does not pass on yet.
func (h *hierarchy) switches() []Switch {
	if !h.unified {
		return nil
	}
	on, err := words(h.base, subtreeControl)
	if err != nil {
		return nil // making the first group will say why
	}
	var needed []Switch
	for _, name := range h.holds {
		if !slices.Contains(on, name) {
			needed = append(needed, Switch{File: filepath.Join(h.base, subtreeControl), Controller: name})
		}
	}
	return needed
}

const subtreeControl = "cgroup.subtree_control"

func (s Switch) on(k kernel) error {
	if err := k.write(filepath.Dir(s.File), subtreeControl, "+"+s.Controller); err != nil {
		return fmt.Errorf("cgroup: switch on %s: %w (%s)", s.Controller, err, s.hint(err))
	}
	return nil
}

func (s Switch) hint(err error) string {
	switch {
	case errors.Is(err, syscall.EBUSY):
		return "the group holds processes: start assay alone in one, systemd-run --scope -p Delegate=yes"
	case errors.Is(err, syscall.EINVAL) && s.Controller == "cpu":
		return "real-time processes outside of the root group keep cpu from being switched on"
	}
	return "do without knobs of that controller"
}

// SwitchOff undoes a Switch that was noted. It is content where the controller
// is off already or the file is gone, and reports one that others depend on by now.
func SwitchOff(s Switch) error { return s.off(linux()) }

func (s Switch) off(k kernel) error {
	group, file := filepath.Split(s.File)
	if file != subtreeControl || s.Controller == "" || strings.ContainsAny(s.Controller, " \n+-") {
		return fmt.Errorf("cgroup: switch off %q in %s: not something that this harness switches on", s.Controller, s.File)
	}
	on, err := words(group, file)
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENODEV) {
		return nil
	}
	if err == nil && slices.Contains(on, s.Controller) {
		err = k.write(group, file, "-"+s.Controller)
	}
	if err != nil {
		return fmt.Errorf("cgroup: switch off %s: %w (groups below it that are not ours may use it by now)", s.Controller, err)
	}
	return nil
}

// shelter is where the harness moves to from a base that has to hold no
// processes. It is not below folder, so nothing that removes leftovers can kill
// the harness or its guardian in it; systemd removes it with the scope.
func (h *hierarchy) shelter() string { return filepath.Join(h.base, folder+".harness") }

// moveOut takes the harness and what it has started (the guardian) out of base.
func (t *Tree) moveOut(h *hierarchy) error {
	if err := t.k.mkdir(h.shelter()); err != nil && !errors.Is(err, syscall.EEXIST) {
		return fmt.Errorf("cgroup: make room in %s: %w", h.base, err)
	}
	return t.k.moveAll(h.base, h.shelter())
}

// moveBack undoes moveOut.
func (t *Tree) moveBack(h *hierarchy) error {
	if err := t.k.moveAll(h.shelter(), h.base); err != nil {
		return err
	}
	return t.k.remove(h.shelter())
}

// moveAll moves every process. New ones may be born meanwhile, next to their
// parents, so it looks again until none is left.
func (k kernel) moveAll(from, to string) error {
	for range 100 {
		procs, err := words(from, "cgroup.procs")
		if err != nil {
			return fmt.Errorf("cgroup: move processes out of %s: %w", from, err)
		}
		if len(procs) == 0 {
			return nil
		}
		for _, pid := range procs {
			if err := k.write(to, "cgroup.procs", pid); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("cgroup: move process %s from %s: %w", pid, from, err)
			}
		}
	}
	return fmt.Errorf("cgroup: move processes out of %s: ever new ones appear (stop what starts them)", from)
}
