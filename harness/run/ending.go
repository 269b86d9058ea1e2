package run

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/sample"
)

// judge says how the trial ended and what it measured.
func (t *trial) judge() {
	t.s.Wall = int64(t.exit.Wall)
	t.s.Exit = t.exit.Status
	if t.exit.Signal != 0 {
		t.s.Signal = unix.SignalName(t.exit.Signal)
	}
	t.finalCounters()
	out, lost := t.stdout.rest()
	t.lines(out, lost)
	if t.s.Outcome == sample.Void {
		return
	}
	t.s.Outcome, t.s.Error = t.outcome()
	if t.s.Outcome != sample.OK {
		return
	}
	t.s.Taints = sample.Taints(t.s.Counters, t.Causes)
	t.standings()
}

// finalCounters adds what only the end shows: kills for memory, and, where
// there was no window, the whole process.
func (t *trial) finalCounters() {
	if t.s.Counters == nil {
		t.s.Counters = map[string]float64{}
	}
	if t.s.Window != sample.Whole {
		const label = "oom_kill "
		if events, err := t.leaf.Read("memory.events"); err == nil && strings.Contains(events, label) {
			t.s.Counters["oom-kills"] = labelled(events, label)
		}
		return
	}
	total, _ := t.leaf.Counters() // those that could be read
	u := t.exit.Usage
	maps.Copy(t.s.Counters, map[string]float64{
		"cpu-user-ns": float64(u.User), "cpu-system-ns": float64(u.System),
		"minor-faults": float64(u.MinorFaults), "major-faults": float64(u.MajorFaults),
		"voluntary-switches": float64(u.Voluntary), "involuntary-switches": float64(u.Involuntary),
	})
	maps.Copy(t.s.Counters, total)
}

// outcome tells OOM, timeout, signal, exit status and garbled output apart, in
// this order: the kernel's kill is also a signal, and a timeout is one too.
func (t *trial) outcome() (sample.Outcome, string) {
	switch {
	case t.s.Counters["oom-kills"] > 0 && t.exit.Signal == syscall.SIGKILL:
		return sample.OOM, t.because("killed by the kernel: out of memory in its cgroup")
	case t.timedOut:
		return sample.Timeout, t.because(fmt.Sprintf("not done after %v", t.attempt.Timeout))
	case t.exit.Signal != 0:
		return sample.Killed, t.because("killed by " + t.s.Signal)
	case t.exit.Status != 0 && !slices.Contains(t.Expect, t.exit.Status):
		return sample.Exited, t.because(fmt.Sprintf("exit status %d", t.exit.Status))
	case t.exit.Status != 0:
		return sample.OK, ""
	case t.foul != nil:
		return sample.Garbled, t.because(t.foul.Error())
	case len(t.s.Lines) == 0:
		return sample.Garbled, t.because("printed no benchmark line")
	}
	return sample.OK, ""
}

// because adds the tail of stderr, where the workload said why.
func (t *trial) because(what string) string {
	text, _ := t.stderr.rest()
	tail := bytes.TrimSpace(text)
	if len(tail) > stderrShown {
		tail = tail[len(tail)-stderrShown:]
	}
	if len(tail) == 0 {
		return what
	}
	return what + "; stderr ends: " + strings.ToValidUTF8(string(tail), "?")
}

// stderrShown is how many bytes of stderr stand in a sample.
const stderrShown = 500

// lines parses stdout and adds the counters to each line.
func (t *trial) lines(out []byte, lost int64) {
	lines, err := sample.Parse(out)
	if err != nil {
		t.foul = errors.Join(t.foul, err)
	}
	if lost > 0 {
		t.foul = errors.Join(t.foul, fmt.Errorf("printed %d bytes more than the %d that are kept", lost, keepStdout))
	}
	for i := range lines {
		lines[i].Extend(t.s.Counters, t.Measure)
	}
	t.s.Lines = lines
}

// standings says of each knob how its level stood, by the counters and by what
// the workload itself reports.
func (t *trial) standings() {
	t.evidence.Counts = maps.Clone(t.s.Counters)
	for _, l := range t.s.Lines {
		for _, v := range l.Values {
			t.evidence.Counts[v.Unit] = v.Value
		}
	}
	t.s.Effective = knob.Effective(t.Levels, t.Effects, t.evidence)
	t.s.Standings = map[string]sample.Standing{}
	for key, st := range knob.Judge(t.Levels, t.Effects, t.evidence) {
		t.s.Standings[key] = sample.Standing{Word: string(st.Word), Why: st.Why}
	}
}
