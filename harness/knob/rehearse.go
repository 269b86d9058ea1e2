package knob

import (
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/sysfs"
)

// Rehearse puts each of several states in force once and then the originals
// back, so that a level that the kernel refuses is found before the first trial.
// Acts are not done. It gives an error for each state, nil for one that holds;
// err says that the originals could not be put back.
//
// What a state moves beside the files that it names is learned meanwhile.
func (s *Session) Rehearse(states [][]sysfs.Write) (refused []error, err error) {
	refused = make([]error, len(states))
	carries := slices.ContainsFunc(s.files, func(c *control) bool { return c.carried })
	for i, want := range states {
		values, _, err := s.wanted(want)
		if err == nil {
			_, err = s.reach(values)
		}
		if refused[i] = err; err != nil || !carries {
			continue
		}
		s.learn(values)
		if _, err := s.reach(nil); err != nil {
			return refused, fmt.Errorf("after the rehearsal: %w", err)
		}
	}
	if _, err := s.reach(nil); err != nil {
		return refused, fmt.Errorf("after the rehearsal: %w", err)
	}
	return refused, s.known()
}
