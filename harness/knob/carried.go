package knob

import (
	"errors"
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/sysfs"
)

// Files that no level names, but that a file which levels name moves: khugepaged
// raises vm.min_free_kbytes, and does not lower one that was set by hand. See
// Knob.Moves.

// carry takes control of what the files under control may move.
func (s *Session) carry() error {
	for _, c := range slices.Clone(s.files) {
		if !c.changes() {
			continue
		}
		for _, pattern := range c.knob.Moves {
			if err := s.carryAll(pattern); err != nil {
				return err
			}
		}
	}
	for _, c := range s.files {
		c.unknown = slices.ContainsFunc(s.files, func(by *control) bool {
			return by != c && by != c.twin && by.changes() && by.knob.moves(c.file)
		})
	}
	return nil
}

func (s *Session) carryAll(pattern string) error {
	files, err := s.fs.Glob(pattern)
	if err != nil {
		return fmt.Errorf("knobs: %w", err)
	}
	for _, file := range files {
		if s.find(file) != nil {
			continue
		}
		if _, err := s.fs.Read(file); err != nil {
			continue // and can't be put back either
		}
		c, err := s.control(file, sysfs.Number)
		if err != nil {
			return err
		}
		c.carried = true
	}
	return nil
}

// movedFirst puts each file before those that move it: undone in reverse, it gets
// its original when nothing will move it any more.
func movedFirst(files []*control) []*control {
	var order []*control
	for _, c := range files {
		i := slices.IndexFunc(order, func(by *control) bool { return by != c.twin && by.knob.moves(c.file) })
		if i < 0 {
			i = len(order)
		}
		order = slices.Insert(order, i, c)
	}
	return order
}

// learn keeps what the carried files say in a state that was reached from the
// originals.
func (s *Session) learn(values map[string]string) {
	said := make(map[string]string)
	for _, c := range s.files {
		if c.carried {
			said[c.file] = c.last
		}
	}
	if s.learned == nil {
		s.learned = make(map[string]map[string]string)
	}
	s.learned[state(values)] = said
}

// state names what is wanted of the machine; fmt sorts the keys.
func state(values map[string]string) string { return fmt.Sprint(values) }

// pin has the carried files say what they said in the rehearsal of this state. Left
// to the kernel they could depend on the state before, and so on the order of trials.
func (s *Session) pin(values map[string]string) (changed bool, err error) {
	said := s.learned[state(values)]
	for _, c := range s.files {
		want, known := said[c.file]
		if !c.carried || !known {
			continue
		}
		wrote, failed := s.set(c, want)
		var gone *Vanished
		if failed != nil && !errors.As(failed, &gone) {
			err = errors.Join(err, fmt.Errorf("knobs: set %s to %s, as it was in the rehearsal: %w", c.file, want, failed))
		}
		changed = changed || wrote
	}
	return changed, err
}

// known tells the journal what the rehearsal has shown: from here on any other text
// is someone else's.
func (s *Session) known() error {
	for _, c := range s.files {
		if c.unknown && c.entry != 0 {
			if err := s.journal.Known(c.entry, c.ours...); err != nil {
				return err
			}
		}
		c.unknown = false
	}
	return nil
}
