package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/assaylab/assay/harness/sysfs"
)

// A Leaf is the groups of one process of one trial, one in each hierarchy:
// <slot>/<trial>.<role>. It belongs to one goroutine at a time.
type Leaf struct {
	slot *Slot
	dirs []string // parallel to slot.in; nil once removed
	born *os.File // the unified one, open
	undo []func() error
}

// Leaf makes fresh groups and limits them: set has v2 names and v2 values, and
// is applied in its order. On an error nothing is left.
//
// Note: a folder of the trial around its roles would be one more group to make and
// remove in each hierarchy, a tenth of what a trial costs, and one more level at
// which the kernel schedules and charges the workload.
func (s *Slot) Leaf(trial, role string, set []sysfs.Write) (*Leaf, error) {
	if err := errors.Join(checkName("trial", trial), checkName("role", role)); err != nil {
		return nil, err
	}
	l := &Leaf{slot: s}
	if err := l.make(trial+"."+role, set); err != nil {
		return nil, errors.Join(err, l.Remove())
	}
	return l, nil
}

func (l *Leaf) make(name string, set []sysfs.Write) error {
	k := l.slot.tree.k
	for i, h := range l.slot.in {
		if err := h.refill(k, l.slot.dirs[i]); err != nil {
			return err
		}
		dir := filepath.Join(l.slot.dirs[i], name)
		if err := k.mkdir(dir); err != nil {
			return refused(err)
		}
		l.dirs = append(l.dirs, dir)
		if h.unified {
			if err := l.open(dir); err != nil {
				return err
			}
		}
	}
	for _, w := range set {
		if err := l.apply(w); err != nil {
			return err
		}
	}
	return nil
}

func (l *Leaf) open(dir string) error {
	fd, err := syscall.Open(dir, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return pathError("open", dir, err)
	}
	l.born = os.NewFile(uintptr(fd), dir)
	return nil
}

// apply makes one setting, under whatever names and values this host has for it.
func (l *Leaf) apply(w sysfs.Write) error {
	if err := l.slot.tree.Can(w.File); err != nil {
		return err
	}
	if w.File == partitionFile {
		return l.partition(w.Value)
	}
	writes, err := l.slot.tree.Translate(w)
	if err != nil {
		return fmt.Errorf("cgroup %s: %w", w.File, err)
	}
	group := l.group(prefix(w.File))
	for _, each := range writes {
		if err := l.slot.tree.k.write(group, each.File, each.Value); err != nil {
			return fmt.Errorf("cgroup %s=%s: write %q: %w (%s)", w.File, w.Value, each.Value, err, why(err))
		}
	}
	return nil
}

// Translate gives the writes by which this host makes a setting of a leaf: on v1
// under v1's names and in its notation, in order. The error is of a value that
// v1 has no equal for.
func (t *Tree) Translate(w sysfs.Write) ([]sysfs.Write, error) {
	if h := t.where(prefix(w.File)); h == nil || h.unified {
		return []sysfs.Write{w}, nil
	}
	e := v1[w.File]
	if e.write == nil {
		return nil, fmt.Errorf("%s can't be set on cgroup v1", w.File)
	}
	return e.write(w.Value)
}

// why is the next step after the kernel refused a value.
func why(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "this kernel has no such file: do without the setting"
	case errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0:
		return "run as root"
	case errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ERANGE), errors.Is(err, syscall.EACCES):
		return "the kernel does not take this value: it may exceed what the group above has"
	}
	return "see the kernel's documentation of the file"
}

// Can says whether a setting of a leaf, by its v2 name, can be made here: nil,
// or a *Blocked.
func (t *Tree) Can(file string) error {
	controller := prefix(file)
	if err := t.Reach(controller); err != nil {
		var b *Blocked
		if errors.As(err, &b) {
			return b.about(file)
		}
		return err
	}
	if t.where(controller).unified {
		if reason := v1Only[file]; reason != "" {
			return &Blocked{What: file, Cause: reason, Next: "set it for the machine"}
		}
		return nil
	}
	switch e, known := v1[file]; {
	case e.not != "":
		return &Blocked{What: file, Cause: e.not, Next: "use a cgroup v2 host"}
	case !known:
		return &Blocked{What: file, Cause: "has no known meaning on cgroup v1", Next: "use a cgroup v2 host"}
	case e.write == nil:
		return &Blocked{What: file, Cause: "can be read, not set", Next: "drop it"}
	}
	return nil
}

// prefix is the controller that a control file's name begins with.
func prefix(file string) string {
	controller, _, _ := strings.Cut(file, ".")
	return controller
}

// group is the leaf's directory in the hierarchy of a controller, by the kernel's name.
func (l *Leaf) group(controller string) string {
	for i, h := range l.slot.in {
		if i < len(l.dirs) && h.holding(controller) {
			return l.dirs[i]
		}
	}
	return ""
}

// Dir is the directory of the unified (v2) group, open, for a process to be
// born in (launch.Command.Cgroup); nil where there is none. Remove closes it.
func (l *Leaf) Dir() *os.File { return l.born }

// Tasks lists the v1 files through which a thread joins (launch.Command.Tasks).
func (l *Leaf) Tasks() []string {
	var files []string
	for i, dir := range l.dirs {
		if !l.slot.in[i].unified {
			files = append(files, dir+"/tasks")
		}
	}
	return files
}

// Groups lists the directories of the leaf, one in each hierarchy.
func (l *Leaf) Groups() []string { return append([]string(nil), l.dirs...) }
