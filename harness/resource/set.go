package resource

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/journal"
)

// A Set is the resources of one run. It is for one goroutine at a time.
type Set struct {
	journal *journal.Journal
	run     string
	dir     string // of the run, where images lie; the journal removes it
	made    []*made
}

// A made is one resource in being.
type made struct {
	spec    Spec
	entries []journal.Entry // of its parts, in the order in which they are made
	ids     []int           // theirs
	network *os.File        // its namespace; nil for none
	proof   string          // what shows it, as it was when made
}

// New is a set that has made nothing. The folder is the run's own: it is noted in
// the journal before anything here is, so that it goes last.
func New(j *journal.Journal, run, dir string) *Set { return &Set{journal: j, run: run, dir: dir} }

// Place is the folder below that of a run in which its trials have theirs. A file
// system that is provided is mounted there; else it is an ordinary folder.
func Place(dir string) string { return filepath.Join(dir, "fs") }

// Apply makes the resources wanted and takes away the others. One that is there and
// in order is left alone. It reports whether anything was done. After an error
// a later Apply, or the journal, goes on from there. Nothing may be in use that
// is taken away.
func (s *Set) Apply(want []Spec) (changed bool, err error) {
	for _, m := range slices.Backward(slices.Clone(s.made)) {
		if slices.Contains(want, m.spec) && m.wrong() == "" {
			continue
		}
		changed = true
		if err := s.unmake(m); err != nil {
			return changed, err
		}
	}
	for _, spec := range want {
		if slices.ContainsFunc(s.made, func(m *made) bool { return m.spec == spec }) {
			continue
		}
		changed = true
		if err := s.provide(spec); err != nil {
			return changed, fmt.Errorf("%s: %w", spec, err)
		}
	}
	return changed, nil
}

// Verify says what is not as it was made: a line for each resource that is gone or
// was exchanged.
func (s *Set) Verify() (wrong []string) {
	for _, m := range s.made {
		if why := m.wrong(); why != "" {
			wrong = append(wrong, why)
		}
	}
	return wrong
}

// Network is the namespace that workloads are to be born in; nil for the harness's own.
func (s *Set) Network() *os.File {
	for _, m := range s.made {
		if m.network != nil {
			return m.network
		}
	}
	return nil
}

// Close lets go of what nothing but this process holds. What is journalled, the
// journal takes away.
func (s *Set) Close() error {
	var failed []error
	for _, m := range s.made {
		failed = append(failed, m.release())
	}
	return errors.Join(failed...)
}

func (m *made) release() error {
	if m.network == nil {
		return nil
	}
	defer func() { m.network = nil }()
	return m.network.Close()
}

func (s *Set) provide(spec Spec) error {
	l, err := parse(spec)
	if err != nil {
		return err
	}
	m := &made{spec: spec}
	s.made = append(s.made, m)
	if err := l.make(&making{set: s, made: m}); err != nil {
		return errors.Join(err, s.unmake(m))
	}
	m.proof, err = m.look()
	return err
}

// unmake takes a resource away, its parts in reverse. What could not be taken away
// stays in the journal.
func (s *Set) unmake(m *made) error {
	if err := m.release(); err != nil {
		return err
	}
	for i, e := range slices.Backward(m.entries) {
		if err := Undoers()[e.What](e.Target); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("take %s away: %w", m.spec, err)
		}
		if err := s.journal.Done(m.ids[i]); err != nil {
			return err
		}
		m.entries, m.ids = m.entries[:i], m.ids[:i]
	}
	s.made = slices.DeleteFunc(s.made, func(o *made) bool { return o == m })
	return nil
}

// look is a text that is the same as long as the resource is.
func (m *made) look() (string, error) {
	var shown []string
	for _, e := range m.entries {
		look, ok := looks[e.What]
		if !ok {
			continue
		}
		text, err := look(e.Target)
		if err != nil {
			return "", err
		}
		shown = append(shown, text)
	}
	if m.network != nil {
		text, err := lookNetwork(m.network)
		if err != nil {
			return "", err
		}
		shown = append(shown, text)
	}
	return strings.Join(shown, ", "), nil
}

func (m *made) wrong() string {
	switch now, err := m.look(); {
	case err != nil:
		return fmt.Sprintf("%s: %v", m.spec, err)
	case now != m.proof:
		return fmt.Sprintf("%s: it is %s, was made as %s", m.spec, now, m.proof)
	}
	return ""
}

// looks are the parts that show in a file of the kernel, by What.
var looks = map[string]func(target string) (string, error){
	madeSwap:  lookSwap,
	madeMount: lookMount,
}

// A making is a resource on its way.
type making struct {
	set  *Set
	made *made
}

func (m *making) path(name string) string { return filepath.Join(m.set.dir, name) }

// A part is one thing that a resource consists of, as the journal has it.
type part struct {
	what   string
	target string
	disk   bool // outlives a reboot
}

// note tells the journal of parts, in the order in which they are about to be
// made, with one fsync.
func (m *making) note(parts ...part) error {
	entries := make([]journal.Entry, len(parts))
	for i, p := range parts {
		entries[i] = journal.Entry{Run: m.set.run, Kind: journal.KindCreated, What: p.what, Target: p.target, Disk: p.disk}
	}
	ids, err := m.set.journal.Note(entries...)
	if err != nil {
		return err
	}
	m.made.entries, m.made.ids = append(m.made.entries, entries...), append(m.made.ids, ids...)
	return nil
}
