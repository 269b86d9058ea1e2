package knob

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/sysfs"
)

// Files that change each other, and acts. See Knob.Moves, Knob.Twin and Knob.Act.

// pair takes control of the twins of files under control: what rules of the two
// is the one that was written last, so that neither can be put back alone.
func (s *Session) pair() error {
	for i := 0; i < len(s.files); i++ { // which grows meanwhile
		c := s.files[i]
		if c.knob.Twin == "" || c.twin != nil {
			continue
		}
		twin, err := s.control(c.knob.Twin, c.same)
		if err != nil {
			return err
		}
		c.twin, twin.twin = twin, c
		// What either says while the other rules.
		c.ours, twin.ours = join(c.ours, []string{"0"}), join(twin.ours, []string{"0"})
	}
	return nil
}

// yields says whether a file gets its original by the original of its twin.
func (c *control) yields() bool { return c.twin != nil && c.ruling() != c }

// ruling is the one of a pair whose original brings both back: the 0 of the
// other is refused, or does not bring it back.
func (c *control) ruling() *control {
	mine, other := !c.same.Equal(c.original, "0"), !c.same.Equal(c.twin.original, "0")
	if mine == other { // no limit at all: any of the two, but always the same
		mine = c.file > c.twin.file
	}
	if mine {
		return c
	}
	return c.twin
}

// undo brings both originals of a pair back.
func (c *control) undo() []sysfs.Write {
	last := c.ruling()
	return []sysfs.Write{last.twin.put(), last.put()}
}

func (c *control) put() sysfs.Write {
	return sysfs.Write{File: c.file, Value: c.same.Value(c.original), Same: c.same}
}

// follows says of a file that no level wants whether a file that is wanted moves
// it, and so has a say in what it is.
func (s *Session) follows(c *control, values map[string]string) bool {
	for _, by := range s.files {
		value, wanted := values[by.file]
		if wanted && by != c && by.knob.moves(c.file) && !by.same.Equal(by.original, value) {
			return true
		}
	}
	return false
}

// moved reads again what a write to c may have moved: what those files say now is
// our doing. It reports whether any was.
func (s *Session) moved(c *control) (any bool, err error) {
	for _, other := range s.files {
		if other == c || !c.knob.moves(other.file) {
			continue
		}
		text, failed := s.read(other)
		if failed != nil || other.same.Equal(text, other.last) {
			continue // what can't be read is for the file's own turn to say
		}
		any = true
		err = errors.Join(err, s.adopt(other, other.same.Value(text)))
	}
	return any, err
}

// settle waits until what was written has had its time to move others, and adopts
// what they say then. It reports whether any was moved meanwhile.
func (s *Session) settle() (late bool, err error) {
	lagging := s.lagging
	s.lagging = nil
	var longest time.Duration
	for _, c := range lagging {
		longest = max(longest, c.knob.Settles)
	}
	time.Sleep(longest)
	for _, c := range lagging {
		moved, failed := s.moved(c)
		late, err = late || moved, errors.Join(err, failed)
	}
	return late, err
}

// adopt makes a text ours that a write to another file brought about.
func (s *Session) adopt(c *control, text string) error {
	c.wrote = ""
	if c.same.Equal(text, c.original) || contains(c.ours, text, c.same) {
		c.last = text
		return nil
	}
	return s.rounded(c, text)
}

func contains(values []string, text string, same sysfs.Same) bool {
	for _, v := range values {
		if same.Equal(text, v) {
			return true
		}
	}
	return false
}

// noteActs tells the journal what will be done that has no undo.
func (s *Session) noteActs() error {
	var entries []journal.Entry
	for _, w := range s.acts {
		entries = append(entries, journal.Entry{Run: s.run, Kind: journal.KindAct, Target: w.File})
	}
	if len(entries) == 0 {
		return nil
	}
	if _, err := s.journal.Note(entries...); err != nil {
		return fmt.Errorf("knobs: %w", err)
	}
	return nil
}

// act does what a level asks for. On the machine itself dirty pages are written
// out first, as a page cache can drop only what is clean.
func (s *Session) act(w sysfs.Write) error {
	if s.fs == "/" {
		syscall.Sync()
	}
	if err := s.fs.Write(w); err != nil {
		return fmt.Errorf("knobs: %w", err)
	}
	return nil
}
