package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/setup"
)

// An estimate is how long a run would take, and how that is known.
type estimate struct {
	Trial  time.Duration `json:"trial-ns"` // what it takes of a block; 0 where it is not known
	Block  time.Duration `json:"block-ns,omitempty"`
	Run    time.Duration `json:"run-ns"`
	Budget time.Duration `json:"budget-ns,omitempty"`
	Blocks int           `json:"blocks,omitempty"` // that the budget holds; 0 where it holds none, and one is made
	From   string        `json:"from"`
}

// estimate takes the time of a trial from an earlier run, from this machine's
// profile, or from one start of the workload that sets no knob. cells are those
// that can be tested, trials all of the planned blocks.
func (l *lab) estimate(ctx context.Context, p *prepared, known knowledge, cells, trials int, start bool) estimate {
	t := estimate{Budget: time.Duration(p.plan.Spec.Design.Budget)}
	t.Trial, t.From = known.trial()
	if t.Trial == 0 && start {
		t.Trial, t.From = p.start(ctx)
	}
	if t.Trial == 0 && t.From == "" {
		t.From = "no earlier run to tell it from, and the workload was not started"
	}
	t.Block = t.Trial * time.Duration(cells)
	t.Run = time.Duration(trials) * t.Trial
	if t.Budget > 0 {
		t.Blocks = blocksIn(p.plan, t.Budget, t.Trial, cells)
		switch apart := trials - cells*p.plan.Spec.Design.Blocks; {
		case t.Blocks == 0 && t.Trial > 0: // the first is made whatever it takes
			t.Run = time.Duration(apart+cells) * t.Trial
		case t.Blocks > 0 && t.Blocks < len(p.plan.Blocks):
			t.Run = t.Budget
		default:
			t.Run = min(t.Run, t.Budget)
		}
	}
	return t
}

// startTime bounds the one start of the workload.
const startTime = 30 * time.Second

// start starts the workload of the first cell by hand: its params, no knob.
func (p *prepared) start(ctx context.Context) (time.Duration, string) {
	bin, err := setup.Artefact(ctx, p.builder, p.plan.Spec.Workload, p.plan.Settings(p.plan.Cells[0]), nil)
	if err != nil {
		return 0, err.Error()
	}
	dir, err := os.MkdirTemp("", "assay-start-")
	if err != nil {
		return 0, err.Error()
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	cmd := p.byHand(ctx, bin, dir)
	var out bytes.Buffer
	cmd.Stdout = &out
	began := time.Now()
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return p.cutOff(ctx, bin, out.Bytes())
	case err != nil:
		return 0, fmt.Sprintf("one start of the workload by hand failed: %v", err)
	}
	return time.Since(began), "one start of the workload, no knob set"
}

// cutOff guesses the time of a trial from a start that took too long. Of a test binary
// it is known in which of its benchmarks that was.
func (p *prepared) cutOff(ctx context.Context, bin build.Binary, out []byte) (time.Duration, string) {
	text := fmt.Sprintf("one start of the workload, no knob set, cut off after %v", startTime)
	told := sample.ToldOf(out)
	g := p.plan.Spec.Workload.Gotest
	if g == nil || len(told) == 0 {
		return startTime, text + ": it takes longer"
	}
	names, err := p.builder.Benchmarks(context.WithoutCancel(ctx), bin)
	if err != nil {
		return startTime, text + ": it takes longer"
	}
	all := max(len(setup.Chosen(*g, names)), len(told))
	return startTime * time.Duration(all) / time.Duration(len(told)),
		fmt.Sprintf("%s in %s, benchmark %d of %d: a guess, if those after it are like those before", text, told[len(told)-1], len(told), all)
}

// byHand is the program with the environment and the folder that a trial gives it.
func (p *prepared) byHand(ctx context.Context, bin build.Binary, dir string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, bin.Path, setup.Arguments(p.plan.Spec.Workload, p.plan.Settings(p.plan.Cells[0]), "", 0)...)
	cmd.Dir, cmd.WaitDelay = cmp.Or(bin.Dir, dir), time.Second // its own children may hold its stdout
	for key, value := range run.Environ(dir, bin.Root) {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	return cmd
}

func (e estimate) String() string {
	if e.Trial == 0 {
		return "not known: " + e.From
	}
	text := fmt.Sprintf("about %v, %v a trial (%s)", rough(e.Run), rough(e.Trial), e.From)
	switch {
	case e.Budget > 0 && e.Blocks > 0:
		text += fmt.Sprintf("; the budget of %v holds about %s of %v", e.Budget, prose.Plural(e.Blocks, "block"), rough(e.Block))
	case e.Budget > 0:
		text += fmt.Sprintf("; the budget of %v holds no whole block of %v: one is made all the same", e.Budget, rough(e.Block))
	}
	return text
}

// rough rounds to what one can plan by.
func rough(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return max(d.Round(10*time.Millisecond), time.Millisecond)
	}
	return d.Round(time.Second)
}
