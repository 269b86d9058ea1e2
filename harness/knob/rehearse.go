package knob

import (
	"fmt"

	"github.com/assaylab/assay/harness/sysfs"
)

// Rehearse puts each of several states in force once and then the originals
// back, so that a level that the kernel refuses is found before the first trial.
// Acts are not done. It gives an error for each state, nil for one that holds;
// err says that the originals could not be put back.
func (s *Session) Rehearse(states [][]sysfs.Write) (refused []error, err error) {
	refused = make([]error, len(states))
	for i, want := range states {
		values, _, err := s.wanted(want)
		if err == nil {
			_, err = s.reach(values)
		}
		refused[i] = err
	}
	if _, err := s.reach(nil); err != nil {
		return refused, fmt.Errorf("after the rehearsal: %w", err)
	}
	return refused, nil
}
