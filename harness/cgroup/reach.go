package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A Blocked is why a controller, or a setting, can't be used here. It is a
// definite no: it wraps errors.ErrUnsupported, and the kernel's error where
// there was one.
type Blocked struct {
	What  string // "controller memory"
	Cause string // "cgroup file system /sys/fs/cgroup is mounted read-only"
	Next  string // what to do about it

	err error
}

func (b *Blocked) Error() string {
	return fmt.Sprintf("cgroup %s: %s (%s)", b.What, b.Cause, b.Next)
}

func (b *Blocked) Unwrap() []error {
	if b.err == nil {
		return []error{errors.ErrUnsupported}
	}
	return []error{errors.ErrUnsupported, b.err}
}

// about is the same reason, said of something else.
func (b *Blocked) about(what string) *Blocked {
	c := *b
	c.What = what
	return &c
}

// Reach says whether a leaf made here can have a controller, given by its v2
// name: nil, or a *Blocked. Nothing is tried: the answer comes from what is
// mounted and who may write there.
func (t *Tree) Reach(controller string) error {
	what := "controller " + controller
	if !slices.Contains(controllers[:], controller) {
		return &Blocked{What: what, Cause: "not one that this harness uses", Next: "use one of " + strings.Join(controllers[:], ", ")}
	}
	if h := t.where(controller); h != nil {
		if h.why != nil {
			return h.why.about(what)
		}
		return nil
	}
	return t.missing(controller).about(what)
}

// missing says why no hierarchy offers a controller.
func (t *Tree) missing(controller string) *Blocked {
	for _, h := range t.all {
		if !h.unified {
			continue
		}
		if offered, err := words(h.top, "cgroup.controllers"); err == nil && h.base != h.top && slices.Contains(offered, controller) {
			return &Blocked{Cause: "not delegated to " + h.base, Next: "run under systemd-run --scope -p Delegate=yes; for a user session add the controller to Delegate= of user@.service"}
		}
	}
	if t.Mode == None {
		return &Blocked{Cause: "no cgroup file system is mounted", Next: "mount -t cgroup2 none /sys/fs/cgroup"}
	}
	return &Blocked{Cause: "no mounted cgroup hierarchy offers it", Next: "see /proc/cgroups and cgroup_disable= in /proc/cmdline"}
}

// Controllers lists what a leaf can have here, by v2 names, sorted.
func (t *Tree) Controllers() []string {
	names := []string{}
	for _, name := range controllers {
		if t.Reach(name) == nil {
			names = append(names, name)
		}
	}
	return names
}

// where is the hierarchy of a controller, by the kernel's name of it.
func (t *Tree) where(controller string) *hierarchy {
	for _, h := range t.all {
		if slices.Contains(h.holds, controller) {
			return h
		}
	}
	return nil
}

// At is the same tree with its groups below another existing group, named from
// the root of the hierarchies: "/bench.slice". It is the same name in each.
func (t *Tree) At(parent string) (*Tree, error) {
	if !path.IsAbs(parent) || path.Clean(parent) != parent {
		return nil, fmt.Errorf("cgroup parent %q: not a group's full name (write it as /bench.slice: from the root, without . and ..)", parent)
	}
	moved := &Tree{Mode: t.Mode, k: t.k, pid: t.pid}
	for _, h := range t.all {
		other := &hierarchy{mount: h.mount, top: h.top, base: filepath.Join(h.top, parent)}
		moved.examine(other)
		moved.all = append(moved.all, other)
	}
	return moved, nil
}

// For gives the tree for a run that sets limits of some controllers, by v2 names. A
// v1 hierarchy that a leaf needs for none of them is left out, as a group in it costs
// every trial its making, joining and removing: that of io alone, which counts nothing
// that is read, and beside a unified group, which tells CPU time itself and kills all
// that is in it, those of cpuacct and of pids alone.
func (t *Tree) For(set []string) *Tree {
	spare := []string{"io"}
	if slices.ContainsFunc(t.usable(), func(h *hierarchy) bool { return h.unified }) {
		spare = append(spare, "cpuacct", "pids")
	}
	spare = slices.DeleteFunc(spare, func(name string) bool { return slices.Contains(set, name) })
	less := *t
	less.all = slices.DeleteFunc(slices.Clone(t.all), func(h *hierarchy) bool {
		return !h.unified && !slices.ContainsFunc(h.holds, func(name string) bool { return !slices.Contains(spare, name) })
	})
	return &less
}

// examine finds out what a group made in base could have, and what stands in the way.
func (t *Tree) examine(h *hierarchy) {
	h.holds = h.carries()
	if h.unified {
		h.holds = nil
		offered, err := words(h.base, "cgroup.controllers")
		for _, name := range controllers {
			if err == nil && slices.Contains(offered, name) {
				h.holds = append(h.holds, name)
			}
		}
	}
	h.why = t.obstacle(h)
}

// obstacle asks the folder that the first new group would be made in.
func (t *Tree) obstacle(h *hierarchy) *Blocked {
	place := filepath.Join(h.base, folder)
	if !exists(place) {
		place = h.base
	}
	err := t.k.access(place)
	switch {
	case err == nil:
		return t.occupied(h)
	case errors.Is(err, fs.ErrNotExist):
		return &Blocked{Cause: "there is no group " + place, Next: "make it, or drop --cgroup-parent", err: err}
	case errors.Is(err, syscall.EROFS):
		return &Blocked{Cause: place + " is mounted read-only", Next: "in a container, ask for a writable cgroup file system", err: err}
	case errors.Is(err, fs.ErrPermission):
		return &Blocked{Cause: "this user may not make groups in " + place, Next: t.rights(), err: err}
	}
	return &Blocked{Cause: err.Error(), Next: "look at " + place, err: err}
}

func (t *Tree) rights() string {
	if t.Mode == V2 {
		return "run as root, or under systemd-run --user --scope -p Delegate=yes"
	}
	return "run as root"
}
