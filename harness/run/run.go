// Package run takes a plan through an executor and hands on samples, one at a time.
//
//  1. [Run] walks the blocks: first every trial of a block in its drawn order,
//     then, still inside the block, those that must be tried again.
//  2. An [Executor] makes the attempts of one step: one, or in a duet two at
//     once. [Local] is the one of this machine; [Remote] is one elsewhere, for whom
//     [Serve] answers there.
//  3. A [Sink] commits each sample before the next attempt begins.
//
// What is next follows from the plan, the attempts that stand and the time they
// took, from nothing else. So going on after an interruption is the same walk.
package run

import (
	"context"
	"fmt"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// An Executor makes the attempts of a step, all at once, and gives their samples
// in the same order. An error of Try means that the harness can't go on; whatever
// befalls the workload is a sample.
type Executor interface {
	Try(ctx context.Context, step []Attempt) ([]sample.Sample, error)
}

// Single is an executor that can make but one attempt at a time. A step of several
// it refuses: trials of a duet that do not run together are none.
type Single func(ctx context.Context, a Attempt) (sample.Sample, error)

// Try makes the one attempt of a step.
func (one Single) Try(ctx context.Context, step []Attempt) ([]sample.Sample, error) {
	if len(step) != 1 {
		return nil, fmt.Errorf("a step of %d trials at once, where one runs at a time (drop design.duet)", len(step))
	}
	s, err := one(ctx, step[0])
	return []sample.Sample{s}, err
}

// An Attempt is what an executor is asked for.
type Attempt struct {
	Trial    plan.Trial
	Block    int // -1 for a warm-up, and for a trial that is made to be recorded
	Number   int // from 1
	Cell     plan.Cell
	Nuisance map[string]uint64  // what was drawn for the block; none for a warm-up
	Record   []sample.Recording // what the workload is to record of its window
	Timeout  time.Duration      // 0: the one that fits the trials so far
	Patience time.Duration      // how long it may wait for others to leave the measured CPUs; see [Local.Try]
}

// A Sink takes what was measured. An error stops the run.
type Sink interface {
	Append(s *sample.Sample) error // commit an attempt
	Adopt(s *sample.Sample) error  // its block ended: this attempt is the trial's after all
	Progress(p Progress)           // between trials only
}

// A Progress says how far a run is.
type Progress struct {
	Block, Blocks int // the block under way, from 1; how many are planned at most
	Done, Trials  int // testable trials with all their attempts; how many at most
	Cell          string
	Last          sample.Sample
	Left          time.Duration // estimate for what is planned, by the pace so far, repeats apart; the budget bounds it
}

// A Config is one session's work.
type Config struct {
	Plan       plan.Plan
	Session    int
	Executor   Executor
	Sink       Sink
	Untestable map[int]string  // cell -> reason; these are skipped, the order of the rest is unchanged
	Done       []sample.Sample // attempts of earlier sessions
	// Precise is asked after whole blocks (see [Looks]) whether the precision asked
	// for is reached; the text is the reason to stop. Nil: never.
	Precise func(blocks int) (reason string, ok bool)
	// Warmed looks at the warm-ups of this session, before its first block: an
	// error ends the run, since what it would measure is not what was asked for.
	// Nil: nothing is looked at.
	Warmed func(warm []sample.Sample) error
	Now    func() time.Time
}

// firstLook is the number of blocks after which precision is first looked at.
const firstLook = 10

// Looks says whether precision is looked at after that many blocks: after each
// from firstLook on, and from 200 on whenever there is about one in a hundred
// more. A look costs the more the more blocks there are, and a hundredth more
// blocks narrow an interval by half a hundredth.
func Looks(blocks int) bool {
	return blocks >= firstLook && blocks%max(1, blocks/100) == 0
}

// Run walks the plan until it is done, precise enough or out of budget, and
// says which. The error is the context's where a signal ended it. While it runs,
// the garbage of this process is collected between attempts only.
func Run(ctx context.Context, c Config) (stopped string, err error) {
	w := newWalk(c)
	broom, back := takeOver()
	defer back()
	w.broom = broom
	if w.testable() == 0 {
		return "nothing is testable here", nil
	}
	b, err := w.resume()
	if err != nil {
		return "", err
	}
	if _, done := w.enough(b); !done {
		if err := w.warmUp(ctx); err != nil {
			return "", err
		}
		if err := w.record(ctx); err != nil {
			return "", err
		}
	}
	for ; ; b++ {
		if reason, done := w.enough(b); done {
			return reason, nil
		}
		if err := w.block(ctx, b); err != nil {
			return "", err
		}
	}
}
