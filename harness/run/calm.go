package run

import (
	"context"
	"time"

	"github.com/assaylab/assay/harness/plan"
)

// Noise comes in episodes. A trial that was tainted waits before it is repeated until
// others leave its CPUs alone, but never longer than its last attempt took: on a
// machine that is never quiet, repeats then take twice their time and no more.

const (
	glance      = 50 * time.Millisecond // others are looked at over that time, some ticks
	calmness    = 0.05                  // share of the measured CPUs that others may have
	longestLull = 5 * time.Second
)

// patience is how long a trial may wait for calm before its next attempt.
func (w *walk) patience(t plan.Trial) time.Duration {
	if len(w.attempts[t.N]) == 0 || len(w.last(t).Taints) == 0 {
		return 0
	}
	return min(time.Duration(w.last(t).Wall), longestLull)
}

// calm waits until others leave the measured CPUs of a step alone, or for as long as
// one of its attempts may wait.
func (l *Local) calm(ctx context.Context, trials []*trial) {
	var cpus []int
	patience := time.Duration(0)
	for _, t := range trials {
		cpus = append(cpus, t.tested().CPUs...)
		patience = max(patience, t.attempt.Patience)
	}
	others := func() (float64, bool) { return l.Collectors.Everyone(cpus) }
	lull(patience, len(cpus), others, func(d time.Duration) time.Duration {
		start := time.Now()
		select {
		case <-ctx.Done():
			return patience
		case <-time.After(d):
		}
		return time.Since(start)
	})
}

// lull pauses until what others have had, in ns, grows by no more than their share of
// the CPUs, or patience is at its end. Where nobody counts it, nothing would be known
// then. A pause says how long it took.
func lull(patience time.Duration, cpus int, others func() (float64, bool), pause func(time.Duration) time.Duration) {
	if patience <= 0 || cpus == 0 {
		return
	}
	before, counted := others()
	for counted && patience > 0 {
		took := pause(min(glance, patience))
		now, _ := others()
		if now-before <= calmness*float64(took)*float64(cpus) {
			return
		}
		before, patience = now, patience-took
	}
}
