package run

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// A walk is the state of one session.
type walk struct {
	Config
	broom    *broom
	attempts map[int][]sample.Sample // trial -> its attempts, in order; of blocks that are not complete
	over     int                     // trials with all their attempts
	warm     int                     // warm-ups so far, all sessions
	began    time.Time               // of this session's first block
	before   time.Duration           // spent in trials by earlier sessions
	longest  time.Duration           // block so far
	wall     time.Duration           // longest good trial, for the timeout
}

func newWalk(c Config) *walk {
	w := &walk{Config: c, attempts: map[int][]sample.Sample{}}
	blocks := map[int]time.Duration{}
	for _, s := range c.Done {
		w.note(s)
		if s.Block >= 0 {
			blocks[s.Block] += time.Duration(s.Wall)
		}
	}
	for _, spent := range blocks {
		w.before += spent
		w.longest = max(w.longest, spent)
	}
	for n, attempts := range w.attempts {
		w.attempts[n] = forgive(attempts)
		if !sample.Again(w.attempts[n]) {
			w.over++
		}
	}
	w.Done = nil // thousands of samples, whose lines nobody needs any more
	return w
}

// forgive drops the void attempts of earlier sessions, the last attempt excepted:
// whoever was at the machine then shall not use up the tries of this session.
func forgive(attempts []sample.Sample) []sample.Sample {
	last := len(attempts) - 1
	end := attempts[last]
	return append(slices.DeleteFunc(attempts[:last], isVoid), end)
}

func isVoid(s sample.Sample) bool { return s.Outcome == sample.Void }

func (w *walk) note(s sample.Sample) {
	if s.Block < 0 {
		w.warm++
	} else {
		w.attempts[s.N] = append(w.attempts[s.N], s)
	}
	if s.Counts() {
		w.wall = max(w.wall, time.Duration(s.Wall))
	}
}

// next is the trial of a block to be tried now and the number of the attempt:
// first attempts in the drawn order, then those to be repeated, in the same order.
func (w *walk) next(b plan.Block) (t plan.Trial, attempt int, ok bool) {
	for _, t := range b.Trials {
		if len(w.attempts[t.N]) == 0 && !w.skip(t) {
			return t, 1, true
		}
	}
	for _, t := range b.Trials {
		if a := w.attempts[t.N]; len(a) > 0 && sample.Again(a) {
			return t, a[len(a)-1].Attempt + 1, true
		}
	}
	return plan.Trial{}, 0, false
}

func (w *walk) skip(t plan.Trial) bool {
	_, untestable := w.Untestable[t.Cell]
	return untestable
}

// resume passes over the blocks that earlier sessions completed, settling
// what a crash right after their last attempt left unsettled, and returns the
// first block that is not complete.
func (w *walk) resume() (next int, err error) {
	for b, block := range w.Plan.Blocks {
		if _, _, more := w.next(block); more {
			return b, nil
		}
		if err := w.adopt(block); err != nil {
			return b, err
		}
	}
	return len(w.Plan.Blocks), nil
}

// enough says whether to stop before block b, and why. A block that was begun
// is always finished.
func (w *walk) enough(b int) (reason string, ok bool) {
	if b == len(w.Plan.Blocks) {
		return fmt.Sprintf("%d of %d blocks", b, b), true
	}
	if w.begun(b) {
		return "", false
	}
	if w.Precise != nil && Looks(b) {
		if reason, ok := w.Precise(b); ok {
			return reason, true
		}
	}
	if w.spent() {
		return fmt.Sprintf("the budget of %v holds no further block, after %d of %d",
			w.Plan.Spec.Design.Budget, b, len(w.Plan.Blocks)), true
	}
	return "", false
}

func (w *walk) begun(b int) bool {
	return slices.ContainsFunc(w.Plan.Blocks[b].Trials, func(t plan.Trial) bool { return len(w.attempts[t.N]) > 0 })
}

// warmUp starts every testable cell untimed, so that caches and clocks are not
// cold in block 1 and the timeout has a measure.
func (w *walk) warmUp(ctx context.Context) error {
	for range w.Plan.Spec.Design.Warmup {
		for _, cell := range w.Plan.Cells {
			t := plan.Trial{N: -1 - w.warm, Cell: cell.Index}
			if w.skip(t) {
				continue
			}
			if _, err := w.try(ctx, Attempt{Trial: t, Block: -1, Number: 1, Cell: cell}); err != nil {
				return err
			}
		}
	}
	return nil
}

// block runs what is left of block b, then settles which attempts stand.
func (w *walk) block(ctx context.Context, b int) error {
	start := w.Now()
	if w.began.IsZero() {
		w.began = start
	}
	block := w.Plan.Blocks[b]
	for {
		t, number, more := w.next(block)
		if !more {
			break
		}
		s, err := w.try(ctx, Attempt{
			Trial: t, Block: b, Number: number, Cell: w.Plan.Cells[t.Cell], Nuisance: block.Nuisance,
		})
		if err != nil {
			return err
		}
		if voids(w.attempts[t.N]) > sample.MaxVoids {
			return fmt.Errorf("trial %d (%s): a knob was changed under it %d times: %s (someone else is setting it; stop them, then go on with --resume)",
				t.N, w.Plan.Name(w.Plan.Cells[t.Cell]), sample.MaxVoids+1, s.Error)
		}
	}
	w.longest = max(w.longest, w.Now().Sub(start))
	return w.adopt(block)
}

// adopt gives the main analysis the first attempt of each trial that got no clean
// one. The block is complete then, and its attempts are forgotten.
func (w *walk) adopt(b plan.Block) error {
	for _, t := range b.Trials {
		s, ok := sample.Chosen(w.attempts[t.N])
		delete(w.attempts, t.N)
		if !ok || s.Clean() {
			continue
		}
		if err := w.Sink.Adopt(&s); err != nil {
			return err
		}
	}
	return nil
}

// try makes an attempt and commits it. Of an attempt that a signal cut short nothing is kept.
func (w *walk) try(ctx context.Context, a Attempt) (sample.Sample, error) {
	if err := context.Cause(ctx); err != nil {
		return sample.Sample{}, err
	}
	w.broom.sweep()
	a.Timeout = w.timeout()
	s, err := w.Executor.Try(ctx, a)
	if cause := context.Cause(ctx); cause != nil {
		return s, cause
	}
	if err != nil {
		return s, fmt.Errorf("trial %d (%s): %w", a.Trial.N, w.Plan.Name(a.Cell), err)
	}
	s.N, s.Block, s.Cell, s.Attempt, s.Session = a.Trial.N, a.Block, a.Cell.Index, a.Number, w.Session
	if err := w.Sink.Append(&s); err != nil {
		return s, err
	}
	w.note(s)
	if s.Block >= 0 && !sample.Again(w.attempts[s.N]) {
		w.over++
	}
	w.Sink.Progress(w.progress(a, s))
	return s, nil
}

// The timeout of a trial whose experiment states none: ten times the longest
// good trial so far, and never under half a minute.
const (
	timeoutFactor = 10
	timeoutFloor  = 30 * time.Second
)

func (w *walk) timeout() time.Duration {
	if d := time.Duration(w.Plan.Spec.Design.Timeout); d > 0 {
		return d
	}
	return max(timeoutFactor*w.wall, timeoutFloor)
}

// spent says whether another block as long as the longest would break the budget.
func (w *walk) spent() bool {
	budget := time.Duration(w.Plan.Spec.Design.Budget)
	return budget > 0 && w.elapsed()+w.longest > budget
}

// elapsed is the time spent from the first trial on, all sessions.
func (w *walk) elapsed() time.Duration {
	if w.began.IsZero() {
		return w.before
	}
	return w.before + w.Now().Sub(w.began)
}

func (w *walk) testable() int { return len(w.Plan.Cells) - len(w.Untestable) }

func (w *walk) progress(a Attempt, last sample.Sample) Progress {
	p := Progress{
		Block: a.Block + 1, Blocks: len(w.Plan.Blocks),
		Done: w.over, Trials: w.testable() * len(w.Plan.Blocks),
		Cell: w.Plan.Name(a.Cell), Last: last,
	}
	if spent := w.elapsed(); spent > 0 && p.Done > 0 {
		p.Left = time.Duration(float64(spent) / float64(p.Done) * float64(p.Trials-p.Done))
		if budget := time.Duration(w.Plan.Spec.Design.Budget); budget > 0 {
			p.Left = max(0, min(p.Left, budget-spent))
		}
	}
	return p
}

func voids(attempts []sample.Sample) int {
	n := 0
	for _, a := range attempts {
		if isVoid(a) {
			n++
		}
	}
	return n
}
