package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
)

// An estimate is how long a run would take, and how that is known.
type estimate struct {
	Trial  time.Duration `json:"trial-ns"` // 0 where it is not known
	Run    time.Duration `json:"run-ns"`
	Budget time.Duration `json:"budget-ns,omitempty"`
	From   string        `json:"from"`
}

// estimate takes the time of a trial from the latest run, or from one start of
// the workload that sets no knob.
func (l *lab) estimate(ctx context.Context, p *prepared, trials int, pilot bool) estimate {
	t := estimate{Budget: time.Duration(p.plan.Spec.Design.Budget)}
	if t.Trial, t.From = l.earlier(p); t.Trial == 0 && pilot {
		t.Trial, t.From = p.pilot(ctx)
	}
	if t.Trial == 0 && t.From == "" {
		t.From = "no earlier run to tell it from, and no pilot"
	}
	t.Run = time.Duration(trials) * t.Trial
	if t.Budget > 0 {
		t.Run = min(t.Run, t.Budget)
	}
	return t
}

// earlier is the median time of a trial in the latest run of the same spec.
func (l *lab) earlier(p *prepared) (time.Duration, string) {
	root, err := l.resultsRoot(runFlags{})
	if err != nil {
		return 0, ""
	}
	dir, err := results.Latest(root, p.plan.Spec.Name)
	if err != nil {
		return 0, ""
	}
	r, err := results.Read(dir)
	if err != nil || r.Plan.SpecSHA256 != p.plan.SpecSHA256 || len(r.Attempts) == 0 {
		return 0, ""
	}
	var walls []int64
	for _, s := range r.Attempts {
		walls = append(walls, s.Wall)
	}
	slices.Sort(walls)
	return time.Duration(walls[len(walls)/2]), "the median of " + dir
}

// pilotTime bounds the one start of the workload.
const pilotTime = 30 * time.Second

// pilot starts the workload of the first cell by hand: its params, no knob.
func (p *prepared) pilot(ctx context.Context) (time.Duration, string) {
	bin, err := p.builder.Build(ctx, p.plan.Spec.Workload.Program.Text, nil)
	if err != nil {
		return 0, err.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, pilotTime)
	defer cancel()
	cmd := p.byHand(ctx, bin)
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Sprintf("one start of the workload by hand failed: %v", err)
	}
	return time.Since(start), "one start of the workload, no knob set"
}

func (p *prepared) byHand(ctx context.Context, bin build.Binary) *exec.Cmd {
	cmd := exec.CommandContext(ctx, bin.Path, run.Args(p.plan.Settings(p.plan.Cells[0]), "", 0)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + os.TempDir(), "TMPDIR=" + os.TempDir(), "LANG=C"}
	return cmd
}

func (e estimate) String() string {
	if e.Trial == 0 {
		return "not known: " + e.From
	}
	text := fmt.Sprintf("about %v, %v a trial (%s)", rough(e.Run), rough(e.Trial), e.From)
	if e.Budget > 0 {
		text += fmt.Sprintf("; the budget is %v", e.Budget)
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
