package knob

import (
	"errors"
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/sysfs"
)

// Apply puts the machine in the wanted state: each file of want at its value,
// every other file of the session at its original. What says so already is not
// written; acts are done every time. It reports whether anything was written. On
// an error the machine may be between two states; a later Apply or Close goes on
// from there.
func (s *Session) Apply(want []sysfs.Write) (changed bool, err error) {
	values, acts, err := s.wanted(want)
	if err != nil {
		return false, err
	}
	if changed, err = s.reach(values); err != nil {
		return changed, err
	}
	pinned, err := s.pin(values)
	if changed = changed || pinned; err != nil {
		return changed, err
	}
	for _, w := range acts {
		if err := s.act(w); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// reach sets every file, and again what some of them moved after a while.
func (s *Session) reach(values map[string]string) (changed bool, err error) {
	for range turns {
		var wrote bool
		wrote, err = s.converge(values)
		changed = changed || wrote
		late, failed := s.settle()
		if err = errors.Join(err, failed); !late {
			break
		}
	}
	return changed, err
}

// converge sets every file. One may refuse its value until another has got its own,
// and a write may move what was set before it; then there is another turn.
func (s *Session) converge(values map[string]string) (changed bool, err error) {
	for range turns {
		var wrote, again bool
		wrote, again, err = s.turn(values)
		changed = changed || wrote
		if !again {
			break
		}
	}
	return changed, err
}

// turns is one for the longest chain of files that wait for one another, and
// one that finds everything right.
const turns = 4

// wanted is what each file is to say, by file, and what is to be done.
func (s *Session) wanted(want []sysfs.Write) (values map[string]string, acts []sysfs.Write, err error) {
	values = make(map[string]string)
	for _, w := range want {
		if slices.Contains(s.acts, w) {
			acts = append(acts, w)
			continue
		}
		if c := s.find(w.File); c == nil || !slices.Contains(c.ours, w.Value) {
			return nil, nil, fmt.Errorf("knobs: %s=%s is not among the writes that this session was made for", w.File, w.Value)
		}
		if old, twice := values[w.File]; twice && !w.Same.Equal(old, w.Value) {
			return nil, nil, fmt.Errorf("knobs: %s is to be both %s and %s", w.File, old, w.Value)
		}
		values[w.File] = w.Value
	}
	return values, acts, nil
}

// turn sets every file once. Again says that it did not come to rest: one failed,
// or one was written that moves others. The error is of the first that failed.
func (s *Session) turn(values map[string]string) (changed, again bool, err error) {
	for _, c := range s.files {
		value, wanted := values[c.file]
		c.wanted = wanted
		if !wanted && (s.follows(c, values) || c.yields()) {
			continue
		}
		if !wanted {
			value = c.same.Value(c.original)
		}
		wrote, failed := s.set(c, value)
		var gone *Vanished
		if !wanted && errors.As(failed, &gone) {
			continue
		}
		if wrote {
			changed = true
			if c.knob.Settles > 0 {
				s.lagging = append(s.lagging, c)
			}
			moved, notNoted := s.moved(c)
			again = again || moved
			failed = errors.Join(failed, notNoted)
		}
		if failed != nil {
			again = true
			if err == nil {
				err = &SetError{File: c.file, Value: value, Err: failed}
			}
		}
	}
	return changed, again, err
}

// A SetError is a file of the machine that could not be set: the kernel refused the
// value, made another of it, or the file is not there any more.
type SetError struct {
	File, Value string
	Err         error
}

func (e *SetError) Error() string {
	return fmt.Sprintf("knobs: set %s to %s: %v", e.File, e.Value, e.Err)
}
func (e *SetError) Unwrap() error { return e.Err }

// set writes one file where it says something else. A value that someone else
// has put there is recorded first, whether it is to be overwritten or happens to
// be the one wanted: either way it is not ours to take away at the end.
func (s *Session) set(c *control, value string) (wrote bool, err error) {
	text, err := s.read(c)
	if err != nil {
		return false, err
	}
	if c.same.Equal(text, value) {
		c.wrote = value // whatever was written before, it is rounded to no other
	}
	right := c.same.Equal(text, value) || c.wrote == value && c.same.Equal(text, c.last) // as rounded before
	if c.entry == 0 && !right {
		// No level changes this file, but someone did.
		if err := s.note(c); err != nil {
			return false, err
		}
	}
	if err := s.recordForeign(c, text); err != nil {
		return false, err
	}
	if right {
		c.last = c.same.Value(text)
		return false, nil
	}
	return true, s.write(c, value)
}

// write writes and reads back. The kernel may round a number: what it made of
// it is noted as ours as well, or it would be taken for someone else's at the end.
func (s *Session) write(c *control, value string) error {
	err := s.fs.Apply(sysfs.Write{File: c.file, Value: value, Same: c.same})
	var refused *sysfs.Refused
	if errors.As(err, &refused) && c.same == sysfs.Number && isNumber(refused.Got) && (c.wrote == value || !c.same.Equal(refused.Got, c.last)) {
		c.wrote = value
		return s.rounded(c, refused.Got)
	}
	if err == nil {
		c.last, c.wrote = value, value
	}
	return err
}

func (s *Session) rounded(c *control, got string) error {
	if contains(c.ours, got, c.same) && c.entry != 0 {
		c.last = got
		return nil
	}
	c.ours, c.last = join(c.ours, []string{got}), got
	switch {
	case c.entry == 0:
		return s.note(c)
	case c.unknown:
		return nil // the entry says so
	}
	return s.journal.Known(c.entry, got)
}

// recordForeign notes a text that someone else put into the file since it was
// last set. The original is no such text, unless it follows another one: it is
// what the end restores anyway.
func (s *Session) recordForeign(c *control, text string) error {
	switch {
	case c.entry == 0, c.same.Equal(text, c.last):
		return nil
	case c.foreign == nil && c.same.Equal(text, c.original):
		return nil
	}
	c.foreign = &text
	return s.journal.Foreign(c.entry, text)
}
