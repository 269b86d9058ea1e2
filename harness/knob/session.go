package knob

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/sysfs"
)

// A Session has the machine's files under control for one run. It is for one
// goroutine at a time.
//
// Before the first write everything is noted in the journal; whatever a session
// leaves, [journal.Restore] puts back by the same rule as Close does.
type Session struct {
	journal *journal.Journal
	fs      sysfs.FS
	run     string
	files   []*control    // in the order in which they are set
	acts    []sysfs.Write // done anew by each Apply that wants them

	// lagging are files that were written since the others had time to follow.
	lagging []*control

	// learned is what carried files say in a state that was rehearsed: by the
	// state, then by file.
	learned map[string]map[string]string
}

// A control is one file of the machine.
type control struct {
	file     string
	knob     Knob
	same     sysfs.Same
	original string   // text before the session
	ours     []string // values that the plan may write, and what files say while others are set
	entry    int      // of the journal; 0 where nothing has had to be noted
	last     string   // what the file is to say now
	wrote    string   // what was written for that; "" where it came about in another way
	foreign  *string  // what someone else wrote last, as recorded
	twin     *control // the same limit in another unit; nil for none
	carried  bool     // no level names it: it is here because one that levels name moves it
	unknown  bool     // what others move it to is not known yet
	wanted   bool     // by the state that is in force
}

// A Change is a file found saying something else than what was set.
type Change struct {
	File string `json:"file"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

// A Vanished is a file that was under control and is no longer there, as when a
// CPU is taken offline. Nothing more can be tested that sets it: it wraps
// errors.ErrUnsupported and fs.ErrNotExist. What does not set it goes on.
type Vanished struct{ File string }

func (v *Vanished) Error() string {
	return v.File + " is no longer there (was a CPU or a device taken away?)"
}

func (v *Vanished) Unwrap() []error { return []error{errors.ErrUnsupported, fs.ErrNotExist} }

// NewSession takes control of every file that levels names: these are all host
// writes that the plan can make (see [Writes]). It reads each original and
// notes, in one batch, those that some level would change. Nothing is written.
func NewSession(j *journal.Journal, fs sysfs.FS, run string, levels []sysfs.Write) (*Session, error) {
	s := &Session{journal: j, fs: fs, run: run}
	for _, w := range levels {
		if isAct(w.File) {
			s.acts = append(s.acts, w)
			continue
		}
		c, err := s.control(w.File, w.Same)
		if err != nil {
			return nil, err
		}
		c.ours = join(c.ours, []string{w.Value})
	}
	if err := s.pair(); err != nil {
		return nil, err
	}
	if err := s.carry(); err != nil {
		return nil, err
	}
	needed := slices.DeleteFunc(slices.Clone(s.files), func(c *control) bool { return !c.changes() })
	if err := s.note(movedFirst(needed)...); err != nil {
		return nil, err
	}
	return s, s.noteActs()
}

// control is that of a file, taken where the session has not got it yet.
func (s *Session) control(file string, same sysfs.Same) (*control, error) {
	c := s.find(file)
	if c == nil {
		owner, _ := holder(file) // none of a family's file, which moves no other
		text, err := s.fs.Read(file)
		if err != nil {
			return nil, fmt.Errorf("knobs: read what is there before anything is touched: %w", err)
		}
		c = &control{file: file, knob: owner, same: same, original: text, last: same.Value(text)}
		s.files = append(s.files, c)
	}
	if c.same != same {
		return nil, fmt.Errorf("knobs: %s is compared in two ways, %q and %q", file, c.same, same)
	}
	return c, nil
}

// changes says whether some level differs from the original, of the file or of its twin.
func (c *control) changes() bool {
	differs := func(c *control) bool {
		return slices.ContainsFunc(c.ours, func(v string) bool { return !c.same.Equal(c.original, v) })
	}
	return c.carried || differs(c) || c.twin != nil && differs(c.twin)
}

// note writes an entry for each file, all with one fsync.
func (s *Session) note(files ...*control) error {
	if len(files) == 0 {
		return nil
	}
	entries := make([]journal.Entry, len(files))
	for i, c := range files {
		entries[i] = journal.Entry{
			Run: s.run, Kind: journal.KindWrite, Target: c.file,
			Before: c.original, Same: c.same, Moved: c.unknown,
			// The original is among what we write, between cells that don't want
			// the file. Unsaid, it would hide that it was written over someone's value.
			Ours: join(slices.Clone(c.ours), []string{c.same.Value(c.original)}),
		}
		if c.twin != nil {
			entries[i].Kind, entries[i].Undo = journal.KindGroup, c.undo()
			// The journal looks at both files, whichever the entry is for.
			entries[i].Ours = join(entries[i].Ours, append(slices.Clone(c.twin.ours), c.twin.put().Value))
		}
	}
	ids, err := s.journal.Note(entries...)
	if err != nil {
		return fmt.Errorf("knobs: %w", err)
	}
	for i, c := range files {
		c.entry = ids[i]
	}
	return nil
}

// read says of a file that is gone that it is.
func (s *Session) read(c *control) (string, error) {
	text, err := s.fs.Read(c.file)
	if errors.Is(err, fs.ErrNotExist) || dormant(err) {
		return "", &Vanished{File: c.file}
	}
	return text, err
}

// dormant is the error of a file whose CPU is offline: that of a frequency policy
// stays where it is, and is not to be read (show in drivers/cpufreq/cpufreq.c).
func dormant(err error) bool { return errors.Is(err, syscall.EBUSY) }

func (s *Session) find(file string) *control {
	for _, c := range s.files {
		if c.file == file {
			return c
		}
	}
	return nil
}

// Verify reads every file under control and lists those that do not say what
// was set, or what they said before the session where nothing was.
func (s *Session) Verify() ([]Change, error) {
	var changes []Change
	var failed []error
	for _, c := range s.files {
		text, err := s.read(c)
		var gone *Vanished
		switch {
		case !c.wanted && errors.As(err, &gone): // nothing that is in force is in question
		case err != nil:
			failed = append(failed, err)
		case !c.same.Equal(text, c.last):
			changes = append(changes, Change{File: c.file, Want: c.last, Got: c.same.Value(text)})
		}
	}
	if err := errors.Join(failed...); err != nil {
		return changes, fmt.Errorf("knobs: verify: %w", err)
	}
	return changes, nil
}

// Effective is what each file under control was last set to, by file: the value
// that the kernel made of it, where it rounds.
func (s *Session) Effective() map[string]string {
	m := make(map[string]string, len(s.files))
	for _, c := range s.files {
		m[c.file] = c.last
	}
	return m
}

// Close puts the machine back by the journal's one rule: newest first, all tried,
// ours to the original, someone else's left and reported. It restores whatever
// the journal holds, so undo must know the other things noted there, and nothing
// else of the run may be in use any more. A report that is not OK means exit 1.
func (s *Session) Close(undo journal.Undoers) (journal.Report, error) {
	var failed []error
	for _, c := range s.files {
		// From the file alone the journal would take one of our levels, set by
		// someone else since the last Apply, for ours. What can't be read is the
		// journal's to report.
		if text, err := s.fs.Read(c.file); err == nil {
			failed = append(failed, s.recordForeign(c, text))
		}
	}
	report, err := s.journal.Restore(s.fs, undo, journal.Options{})
	return report, errors.Join(append(failed, err)...)
}
