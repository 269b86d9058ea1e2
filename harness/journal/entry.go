package journal

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/assaylab/assay/harness/sysfs"
)

// A Kind is what sort of change an entry is about.
type Kind string

const (
	KindWrite   Kind = "write"   // one file
	KindGroup   Kind = "group"   // files that change each other, undone by one ordered list
	KindCreated Kind = "created" // something made: a cgroup, mount, loop device, swap area, process
	KindAct     Kind = "act"     // something done that has no undo, such as dropping caches
)

// An Entry is one change, noted before it is made.
type Entry struct {
	ID    int       `json:"id"`
	Boot  string    `json:"boot"` // boot id of the kernel that was touched
	Owner Owner     `json:"owner"`
	Run   string    `json:"run,omitempty"`
	Time  time.Time `json:"time"`
	Kind  Kind      `json:"kind"`

	Target string `json:"target"`           // write, group: file below the root; created: whatever its undoer takes
	Before string `json:"before,omitempty"` // write, group: text of Target as read, selectors with all their choices

	// Ours lists every value that this run may write to Target, so that one
	// fsync covers all later switches among levels. In a group it lists also what
	// the other files read while one of our values is in Target, where that is
	// known: dirty_ratio reads 0 while dirty_bytes is set.
	Ours []string `json:"ours,omitempty"`

	Same sysfs.Same `json:"same,omitempty"`
	What string     `json:"what,omitempty"` // created: which undoer removes it
	Disk bool       `json:"disk,omitempty"` // created: outlives a reboot, so it is removed on any later boot too

	// First is of what processes of the run live in: it is removed before anything
	// else is undone, as a mount that they use can't be taken away under them.
	First bool `json:"first,omitempty"`

	// Moved is of a file that our writes to others move, to texts that are not known
	// yet: until [Journal.Known] says which, whatever it says is our doing.
	Moved bool `json:"moved,omitempty"`

	Undo []sysfs.Write `json:"undo,omitempty"` // group: written in this order; then the last value of each file must be read back

	// Foreign is what someone else wrote to Target under a trial, see [Journal.Foreign].
	Foreign *string `json:"foreign,omitempty"`
}

// check says what an entry of its kind lacks.
func (e Entry) check() error {
	switch {
	case e.ID <= 0:
		return fmt.Errorf("id %d is not above 0", e.ID)
	case e.Target == "":
		return errors.New("no target")
	case !e.Same.Known():
		return fmt.Errorf("unknown way of comparing %q", e.Same)
	case !e.isText():
		return errors.New("not UTF-8, so it can't be kept as text")
	}
	switch e.Kind {
	case KindWrite:
		return needs(len(e.Ours) > 0, "Ours: the values that the run may write")
	case KindGroup:
		return errors.Join(
			needs(len(e.Ours) > 0, "Ours: the values that the run may write"),
			needs(len(e.Undo) > 0, "Undo: the ordered list that undoes it"),
			needs(!slices.ContainsFunc(e.Undo, func(w sysfs.Write) bool { return w.File == "" || !w.Same.Known() }),
				"a file and a known way of comparing in each step of Undo"))
	case KindCreated:
		return needs(e.What != "", "What: the sort of thing created")
	case KindAct:
		return nil
	}
	return fmt.Errorf("unknown kind %q", e.Kind)
}

func needs(has bool, what string) error {
	if has {
		return nil
	}
	return fmt.Errorf("it needs %s", what)
}

// isText guards against encoding/json, which would silently replace bad bytes.
func (e Entry) isText() bool {
	texts := append([]string{e.Target, e.Before, e.Run, e.What, e.Boot}, e.Ours...)
	for _, w := range e.Undo {
		texts = append(texts, w.File, w.Value)
	}
	if e.Foreign != nil {
		texts = append(texts, *e.Foreign)
	}
	return !slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) })
}

// wrote says whether text is what the run itself may have left in the file.
func (e Entry) wrote(text string) bool {
	return e.Moved || slices.ContainsFunc(e.Ours, func(ours string) bool { return e.Same.Equal(text, ours) })
}

// known is the entry with more texts of the run's own.
func (e Entry) known(texts []string) Entry {
	e.Ours, e.Moved = append(slices.Clone(e.Ours), texts...), false
	return e
}

// original is the write that brings Before back.
func (e Entry) original() sysfs.Write { return e.put(e.Before) }

func (e Entry) put(text string) sysfs.Write {
	return sysfs.Write{File: e.Target, Value: e.Same.Value(text), Same: e.Same}
}
