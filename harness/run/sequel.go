package run

import (
	"slices"

	"github.com/assaylab/assay/harness/launch"
)

// sequel starts the processes that a role has beside its first, each once the one
// before it has ended well, in the same leaf and with the same output. To all that
// is counted and told of the role they are one.
func (t *trial) sequel(a *actor) error {
	defer a.closeChildEnds()
	for i, args := range a.Then {
		a.dismiss(t.Talks)
		if a.foul != nil || !t.well(a.exit) {
			return nil
		}
		a.past = a.exit
		if t.Unwatch != nil {
			if err := t.Unwatch(a.process.PID); err != nil {
				return err
			}
		}
		if err := t.launch(a, t.recordings(a, args, i+1)); err != nil {
			return err
		}
	}
	return nil
}

// well says that an end is no failure.
func (t *trial) well(e launch.Exit) bool {
	return e.Signal == 0 && (e.Status == 0 || slices.Contains(t.Expect, e.Status))
}

// together is the end of all processes of a role so far: that of the last one, with
// what all used, from the first one's start on. Of several exit statuses the first
// that is not 0 stands.
func (a *actor) together(last launch.Exit) launch.Exit {
	last.Wall += a.process.Begun.Sub(a.since)
	last.Usage = last.Usage.Plus(a.past.Usage)
	if a.past.Status != 0 && last.Signal == 0 {
		last.Status = a.past.Status
	}
	return last
}
