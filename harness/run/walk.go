package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
)

// A walk is the state of one session.
type walk struct {
	Config
	broom    *broom
	attempts map[int][]sample.Sample // trial -> its attempts, in order; of blocks that are not complete
	over     int                     // trials with all their attempts
	warm     int                     // warm-ups and recordings so far, all sessions
	has      map[int]bool            // cell -> it has its recordings
	began    time.Time               // of this session's first block
	before   time.Duration           // spent in trials by earlier sessions
	costs    []cost                  // of the blocks so far
	streaks  map[int]streak          // cell -> its attempts that failed, none having measured anything since
	wall     time.Duration           // longest good trial, for the timeout
}

func newWalk(c Config) *walk {
	w := &walk{Config: c, attempts: map[int][]sample.Sample{}, has: map[int]bool{}, streaks: map[int]streak{}}
	for _, s := range c.Done {
		w.note(s)
	}
	w.costs = costsOf(c.Plan, c.Done)
	for _, c := range w.costs {
		w.before += c.all
	}
	for n, attempts := range w.attempts {
		w.attempts[n] = forgive(attempts)
		if !w.pending(attempts[0]) {
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
		w.has[s.Cell] = w.has[s.Cell] || s.Outcome == sample.OK && len(s.Files) > 0
	} else {
		w.attempts[s.N] = append(w.attempts[s.N], s)
		w.streaks[s.Cell] = w.streaks[s.Cell].and(s)
	}
	if s.Counts() {
		w.wall = max(w.wall, time.Duration(s.Wall))
	}
}

// next are the trials of a block to be tried now, a step of it: first attempts in
// the drawn order, then second ones, then third ones, in the same order. What disturbed
// one attempt has then the longest time to pass before the next.
func (w *walk) next(b plan.Block) (step []plan.Trial, ok bool) {
	for _, t := range b.Trials {
		if len(w.attempts[t.N]) == 0 && !w.skip(t) {
			return b.StepOf(t), true
		}
	}
	due := w.due(b)
	if !w.affords(due) {
		due = slices.DeleteFunc(due, func(t plan.Trial) bool { return !isVoid(w.last(t)) })
	}
	if len(due) == 0 {
		return nil, false
	}
	first := slices.MinFunc(due, func(s, t plan.Trial) int { return cmp.Compare(len(w.attempts[s.N]), len(w.attempts[t.N])) })
	return b.StepOf(first), true
}

// due are the trials of a block that are to be tried again, in the drawn order.
func (w *walk) due(b plan.Block) []plan.Trial {
	var due []plan.Trial
	for _, t := range b.Trials {
		if a := w.attempts[t.N]; len(a) > 0 && sample.Again(a) && !w.gaveUp(b.StepOf(t)) {
			due = append(due, t)
		}
	}
	return due
}

// last is the latest attempt at a trial that was tried.
func (w *walk) last(t plan.Trial) sample.Sample {
	a := w.attempts[t.N]
	return a[len(a)-1]
}

// number is the next attempt's at a trial, from 1.
func (w *walk) number(t plan.Trial) int {
	a := w.attempts[t.N]
	if len(a) == 0 {
		return 1
	}
	return a[len(a)-1].Attempt + 1
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
		if _, more := w.next(block); more {
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
		return fmt.Sprintf("%d of %s", b, prose.Plural(b, "block")), true
	}
	if w.begun(b) {
		return "", false
	}
	if w.allGivenUp() {
		return fmt.Sprintf("every cell was given up before block %d of %d", b, len(w.Plan.Blocks)), true
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
// cold in block 1 and the timeout has a measure. Then they are looked at.
func (w *walk) warmUp(ctx context.Context) error {
	var warm []sample.Sample
	for range w.Plan.Spec.Design.Warmup {
		samples, err := w.apart(ctx, nil)
		if err != nil {
			return err
		}
		warm = append(warm, samples...)
	}
	if w.Warmed == nil {
		return nil
	}
	return w.Warmed(warm)
}

// apart tries every testable cell once, outside of the blocks: to warm up or, where
// kinds of recordings are named, for those that the cell does not have yet.
func (w *walk) apart(ctx context.Context, kinds []sample.Recording) ([]sample.Sample, error) {
	var all []sample.Sample
	for _, cells := range w.Plan.Steps() {
		var step []Attempt
		for side, cell := range cells {
			t := plan.Trial{N: -1 - w.warm - side, Side: side, Cell: cell}
			if !w.skip(t) && !w.streaks[cell].over() {
				step = append(step, Attempt{Trial: t, Block: -1, Number: 1, Cell: w.Plan.Cells[cell], Record: kinds})
			}
		}
		if len(step) == 0 || len(kinds) > 0 && w.recorded(cells) {
			continue
		}
		samples, err := w.try(ctx, step)
		if err != nil {
			return nil, err
		}
		all = append(all, samples...)
	}
	return all, nil
}

// recorded says whether all testable cells of a step have their recordings.
func (w *walk) recorded(cells []int) bool {
	return !slices.ContainsFunc(cells, func(cell int) bool {
		return !w.has[cell] && !w.skip(plan.Trial{Cell: cell}) && !w.streaks[cell].over()
	})
}

// block runs what is left of block b, then settles which attempts stand.
func (w *walk) block(ctx context.Context, b int) error {
	spent := newCost(w.Plan)
	if w.began.IsZero() {
		w.began = w.Now()
	}
	block := w.Plan.Blocks[b]
	for {
		trials, more := w.next(block)
		if !more {
			break
		}
		var step []Attempt
		for _, t := range trials {
			step = append(step, Attempt{
				Trial: t, Block: b, Number: w.number(t), Cell: w.Plan.Cells[t.Cell], Nuisance: block.Nuisance,
				Patience: w.patience(t),
			})
		}
		start := w.Now()
		if _, err := w.try(ctx, step); err != nil {
			return err
		}
		spent.add(trials, w.Now().Sub(start))
		if err := w.fought(trials); err != nil {
			return err
		}
	}
	w.costs = append(w.costs, spent)
	return w.adopt(block)
}

// fought ends the run where a knob was changed under a trial again and again.
func (w *walk) fought(trials []plan.Trial) error {
	for _, t := range trials {
		if a := w.attempts[t.N]; voids(a) > sample.MaxVoids {
			return fmt.Errorf("trial %d (%s): a knob was changed under it %d times: %s (someone else is setting it; stop them, then go on with --resume)",
				t.N, w.Plan.Name(w.Plan.Cells[t.Cell]), sample.MaxVoids+1, a[len(a)-1].Error)
		}
	}
	return nil
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

// try makes the attempts of a step and commits them. Of a step that a signal cut
// short nothing is kept.
func (w *walk) try(ctx context.Context, step []Attempt) ([]sample.Sample, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	w.broom.sweep()
	for i := range step {
		if step[i].Timeout == 0 {
			step[i].Timeout = w.timeout()
		}
	}
	samples, err := w.attempt(ctx, step)
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, fmt.Errorf("trial %d (%s): %w", step[0].Trial.N, w.Plan.Name(step[0].Cell), err)
	}
	sample.InCompany(samples)
	for i, a := range step {
		if err := w.commit(a, &samples[i]); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// commit hands an attempt on. One that was made of a trial which needed no more,
// to keep another company, says so and stands back.
func (w *walk) commit(a Attempt, s *sample.Sample) error {
	if earlier, ok := sample.Chosen(w.attempts[a.Trial.N]); ok && earlier.Clean() {
		s.StandBack()
	}
	s.N, s.Block, s.Cell, s.Attempt, s.Session = a.Trial.N, a.Block, a.Cell.Index, a.Number, w.Session
	if err := w.Sink.Append(s); err != nil {
		return err
	}
	before := w.pending(*s)
	w.note(*s)
	if before && !w.pending(*s) {
		w.over++
	}
	w.Sink.Progress(w.progress(a, *s))
	return nil
}

// pending says whether the trial of an attempt waits for another one.
func (w *walk) pending(s sample.Sample) bool {
	a := w.attempts[s.N]
	return s.Block >= 0 && (len(a) == 0 || sample.Again(a) && !w.streaks[s.Cell].over())
}

// The timeout of a trial whose experiment states none: ten times the longest good
// trial so far, and never under half a minute. Trials of minutes have three times the
// longest, but no less than ten minutes: one that hangs shall not do so for hours.
const (
	timeoutFactor = 10
	timeoutFloor  = 30 * time.Second
	longFactor    = 3
	longTimeout   = 10 * time.Minute
	firstTimeout  = 20 * time.Minute // of a whole package, of which nothing is known
)

func (w *walk) timeout() time.Duration {
	if d := time.Duration(w.Plan.Spec.Design.Timeout); d > 0 {
		return d
	}
	if w.wall == 0 && w.Plan.Spec.Workload.Gotest != nil {
		return firstTimeout
	}
	return max(timeoutFloor, min(timeoutFactor*w.wall, max(longFactor*w.wall, longTimeout)))
}

// affords says whether the budget holds another attempt at each of some trials, as
// long as the latest. Only then is any of them repeated, since to repeat some of a
// block would be a choice: of a cell that hangs, or on a machine where everything is
// tainted, repeats could take far more than was asked for. What was void is no
// attempt, and has to be repeated.
func (w *walk) affords(due []plan.Trial) bool {
	budget := time.Duration(w.Plan.Spec.Design.Budget)
	steps := map[int]time.Duration{} // whose trials take their time together
	for _, t := range due {
		steps[t.Step] = max(steps[t.Step], time.Duration(w.last(t).Wall))
	}
	need := w.elapsed()
	for _, took := range steps {
		need += took
	}
	return budget == 0 || need <= budget
}

// spent says whether another block as long as the longest would break the budget.
func (w *walk) spent() bool {
	budget := time.Duration(w.Plan.Spec.Design.Budget)
	return budget > 0 && w.elapsed()+w.longest() > budget
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
	spent, budget := w.elapsed(), time.Duration(w.Plan.Spec.Design.Budget)
	switch {
	case spent > 0 && p.Done > 0:
		p.Left = time.Duration(float64(spent) / float64(p.Done) * float64(p.Trials-p.Done))
	case a.Block < 0:
		p.Left = w.slot() * time.Duration(p.Trials)
	}
	if budget > 0 {
		p.Left = max(0, min(p.Left, budget-spent))
	}
	if a.Block < 0 {
		p.Left += w.slot() * time.Duration(max(0, w.testable()*w.Plan.Spec.Design.Warmup-w.warm))
	}
	return p
}

// slot is what a trial takes of the run, by the longest so far.
func (w *walk) slot() time.Duration {
	if w.Plan.Duet() {
		return w.wall / 2
	}
	return w.wall
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
