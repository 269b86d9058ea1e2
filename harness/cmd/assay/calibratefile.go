package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

func (f calibrateFlags) name() string { return "calibrate-" + f.workload }

// mostArms is how many letters there are to tell identical cells apart, all of
// one length: the size of the environment shifts a stack.
const mostArms = 26

// fewestInGroup is from how many blocks an interval at 95 % is finite.
const fewestInGroup = 6

// check refuses what makes no calibration, whatever the workload.
func (f calibrateFlags) check() error {
	switch {
	case f.arms < 2 || f.arms > mostArms:
		return usagef("--arms %d: 2 to %d", f.arms, mostArms)
	case f.self && f.blocks < fewestInGroup:
		return usagef("--blocks %d: an interval at 95 %% needs %d", f.blocks, fewestInGroup)
	case !f.self && f.blocks < f.group:
		return usagef("--blocks %d holds no comparison of %d blocks (--group)", f.blocks, f.group)
	case !f.self && f.group < fewestInGroup:
		return usagef("--group %d: an interval at 95 %% needs %d blocks", f.group, fewestInGroup)
	case f.self && (f.sequential || f.inject != ""):
		return usagef("--self goes with neither --sequential nor --inject: it compares other cells")
	case strings.ContainsAny(f.workload+f.metric+strings.Join(f.params, ""), "\r\n"):
		return usagef("--workload, --param and --metric are of one line each: leave line ends out")
	case f.budget <= 0:
		return usagef("--budget %v: a time above 0, such as 5m", f.budget)
	}
	return nil
}

// experiment is the file that a calibration runs.
func (f calibrateFlags) experiment() (t written, err error) {
	if err := f.check(); err != nil {
		return t, err
	}
	t.line("", "name: %s", f.name())
	t.line("", "question: How often does this machine call equals different, and what is the least that it can see?")
	t.line("", "workload:")
	t.line("--workload "+f.workload, "  program: %s", quoted(f.workload))
	if err := f.writeParams(&t); err != nil {
		return t, err
	}
	t.line("", "knobs:")
	t.line("--arms", "  env.ASSAY_ARM: [%s] # no program reads it: the cells are identical", strings.Join(f.armNames(), ", "))
	t.line("", "isolation: {cpus: 1}")
	t.line("", "measure: [%s]", f.measure())
	t.line("", "design:")
	t.line("--group", "  blocks: %d", min(f.group, f.blocks)) // --self compares over all blocks, and groups none
	t.line("--blocks", "  max-blocks: %d", f.blocks)
	t.line("", "  warmup: 1")
	t.line("--budget", "  budget: %v", f.budget)
	return t, f.writeControl(&t)
}

func (f calibrateFlags) writeParams(t *written) error {
	params := f.givenParams()
	if len(params) > 0 {
		t.line("--param", "  params:")
	}
	for _, p := range params {
		key, level, ok := strings.Cut(p, "=")
		if !ok {
			return usagef("--param %s: NAME=LEVEL", p)
		}
		t.line("--param "+p, "    %s: %s", quoted(key), quoted(level))
	}
	return nil
}

// givenParams are those of the flags, and for gc-churn without any such as make short
// trials, for many comparisons. What watching costs shows in longer windows alone, see
// profile.ShortWindow.
func (f calibrateFlags) givenParams() []string {
	switch {
	case len(f.params) > 0 || f.workload != "gc-churn":
		return f.params
	case f.self:
		return []string{"live-heap=1MiB", "cycles=40"}
	}
	return []string{"live-heap=1MiB", "cycles=4"}
}

// armNames are a letter each; --self has an arm for each manner of watching.
func (f calibrateFlags) armNames() []string {
	n := f.arms
	if f.self {
		n = len(run.Manners())
	}
	var names []string
	for i := range n {
		names = append(names, string(rune('a'+i)))
	}
	return names
}

// measure is what the cells of a calibration count.
func (f calibrateFlags) measure() string {
	if f.self {
		return "runtime, cgroup, perf"
	}
	return "runtime, cgroup"
}

// writeControl adds the arm with the known slowdown, where one is asked for.
func (f calibrateFlags) writeControl(t *written) error {
	if f.inject == "" {
		return nil
	}
	share, err := wire.ParsePercent(f.inject)
	if err != nil {
		return usagef("--inject: %w", err)
	}
	t.line("", "  controls:")
	t.line("", "    positive:")
	t.line("--inject "+f.inject, "      inject: %s", wire.FormatPercent(share))
	t.line("", "      at: {env.ASSAY_ARM: a}")
	t.line("--metric "+f.metric, "      metric: %s", quoted(f.metric))
	return nil
}

// written is an experiment that was made of flags, and which of them each line says.
type written struct {
	lines, flags []string // of one length; "" for a line that no flag changes
}

func (t *written) line(flag, format string, args ...any) {
	t.lines, t.flags = append(t.lines, fmt.Sprintf(format, args...)), append(t.flags, flag)
}

func (t written) text() string { return strings.Join(t.lines, "\n") + "\n" }

// blame names the flags in the errors of a file that nobody wrote.
func (t written) blame(err error) error {
	var bad spec.Errors
	if !errors.As(err, &bad) {
		return err
	}
	var texts []string
	for _, e := range bad {
		texts = append(texts, t.blamed(e))
	}
	return usagef("%s", strings.Join(texts, "\n\n"))
}

func (t written) blamed(e spec.Error) string {
	text := e.Msg
	if n := e.Pos.Line; n >= 1 && n <= len(t.flags) && t.flags[n-1] != "" {
		text = t.flags[n-1] + ": " + text
	}
	if e.Allowed != "" {
		text += "\nallowed: " + e.Allowed
	}
	return text
}

// quoted is a YAML scalar for any text.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// prepareText prepares an experiment that has no file of its own.
func (l *lab) prepareText(ctx context.Context, name, text, seed string) (*prepared, error) {
	n, err := parseSeed(seed)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "assay-")
	if err != nil {
		return nil, fmt.Errorf("folder for the experiment: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, filepath.Base(name)+spec.Ext)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("write the experiment: %w", err)
	}
	return l.prepare(ctx, file, wishes{seed: n})
}
