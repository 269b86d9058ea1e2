package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/assaylab/assay/harness/sysfs"
	"golang.org/x/sys/unix"
)

// Undoers remove created things, one function for each Entry.What. An undoer is
// given the entry's Target. It is idempotent: a thing that is gone, or was never
// made, is no error, and may be said by an error that wraps fs.ErrNotExist.
type Undoers map[string]func(target string) error

// Options say how to restore. The zero Options are those of an ordinary end or start.
type Options struct {
	// Force writes the original over whatever is there, and over the entries of
	// an owner that seems to run.
	Force bool

	// Keep leaves someone else's values, as always, and closes their entries: they
	// are to be the originals from now on. It excludes Force.
	Keep bool

	// BootID is that of the running kernel; "" looks it up.
	BootID string

	// Gone is an owner known to have ended though /proc may list it for a moment longer.
	Gone Owner
}

// Restore puts back what the journal in the state folder holds, newest first,
// after what processes of a run live in. Every entry is tried, and what failed
// again after the others. The caller holds the host lock and has no [Journal] open
// on this folder. Without a journal there is nothing to do.
//
// The report is complete even where err is not nil: err says that the journal
// could not be read, in which case nothing was tried, or that what was put
// back could not be struck out, in which case a later Restore finds it so.
func Restore(state string, tree sysfs.FS, undo Undoers, opt Options) (Report, error) {
	j, err := open(state, os.O_RDWR)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
		// A disk gone read-only must not keep the machine as it is.
		why := err
		if j, err = open(state, os.O_RDONLY); err == nil {
			j.readOnly = why
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return Report{}, nil
	}
	if err != nil {
		return Report{}, err
	}
	defer j.Close()
	return j.Restore(tree, undo, opt)
}

// Restore is [Restore] for a journal that is open.
func (j *Journal) Restore(tree sysfs.FS, undo Undoers, opt Options) (Report, error) {
	if opt.Force && opt.Keep {
		return Report{}, errors.New("restore: force and keep exclude each other")
	}
	if opt.BootID == "" {
		opt.BootID = j.boot
	}
	entries, err := j.Pending()
	if err != nil {
		return Report{}, err
	}
	r := restorer{tree: tree, undo: undo, opt: opt, self: j.self, before: texts(tree, entries)}
	report := r.all(inOrder(entries))
	var closed []int
	for _, line := range report.Lines {
		if !line.Outcome.kept() {
			closed = append(closed, line.ID)
		}
	}
	if err := j.strike(closed); err != nil {
		return report, fmt.Errorf("restored, but not struck out: %w", err)
	}
	return report, nil
}

// texts is what the files that entries are about say, those that can be read.
func texts(tree sysfs.FS, entries []Entry) map[string]string {
	said := map[string]string{}
	for _, e := range entries {
		if e.Kind != KindWrite && e.Kind != KindGroup {
			continue
		}
		if text, err := tree.Read(e.Target); err == nil {
			said[e.Target] = text
		}
	}
	return said
}

// inOrder is the order of undoing: what processes live in, then the newest.
func inOrder(entries []Entry) []Entry {
	order := slices.Clone(entries)
	slices.Reverse(order)
	slices.SortStableFunc(order, func(a, b Entry) int {
		switch {
		case a.First == b.First:
			return 0
		case a.First:
			return -1
		}
		return 1
	})
	return order
}

// all tries every entry, and those that failed again after the others: a file may
// refuse its original until another one has got its own back, such as a least
// frequency above one of our highest.
func (r restorer) all(entries []Entry) (report Report) {
	for _, e := range entries {
		report.Lines = append(report.Lines, r.entry(e))
	}
	for range again {
		if !report.Failed() || !report.mended() {
			break
		}
		for i, e := range entries {
			if report.Lines[i].Outcome == Failed {
				report.Lines[i] = r.entry(e)
			}
		}
	}
	return report
}

// again is the length of the longest chain of things that wait for one another:
// energy preference, governor, limits; loop device, mount, group.
const again = 2

func (j *Journal) strike(ids []int) error {
	if j.readOnly == nil && len(ids) > 0 {
		if err := j.mend(); err != nil {
			return err
		}
	}
	return j.Done(ids...)
}

// A restorer decides about one entry at a time and acts.
type restorer struct {
	tree sysfs.FS
	undo Undoers
	opt  Options
	self Owner

	before map[string]string // file -> what it said before anything was undone
}

func (r restorer) entry(e Entry) Line {
	line := Line{ID: e.ID, Run: e.Run, Kind: e.Kind, What: e.What, Target: e.Target}
	switch {
	case e.Boot == r.opt.BootID && r.owned(e.Owner):
		return line.failed(fmt.Errorf("process %d, which changed it, still runs: stop it first", e.Owner.PID))
	case e.Boot != r.opt.BootID && !e.Disk:
		line.Outcome = OtherBoot
		return line
	case e.Kind == KindCreated:
		return r.remove(e, line)
	case e.Kind == KindAct:
		line.Outcome = Nothing
		return line
	}
	return r.file(e, line)
}

// owned is a second fence behind the host lock: a lock file that was deleted, or
// two harnesses given different ones, must not end in undoing a live run.
func (r restorer) owned(o Owner) bool {
	return o != r.self && o != r.opt.Gone && !r.opt.Force && o.Alive()
}

func (r restorer) remove(e Entry, line Line) Line {
	undo, known := r.undo[e.What]
	if !known {
		return line.failed(fmt.Errorf("nothing here knows how to remove a thing of sort %q: run the assay that made it", e.What))
	}
	err := attempt(undo, e.Target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		line.Outcome = Original
	case err != nil:
		return line.failed(err)
	default:
		line.Outcome = Restored
	}
	return line
}

// attempt turns a panic into an error: the other entries must have their turn.
func attempt(undo func(string) error, target string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return undo(target)
}
