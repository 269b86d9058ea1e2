package run

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sample"
)

// outcome tells OOM, timeout, signal, exit status and garbled output of a role
// apart, in this order: the kernel's kill is also a signal, and a timeout is one too.
// What a program makes of a child that the kernel killed is not what was asked of it,
// unless expect names the status with which it says so.
func (t *trial) outcome(a *actor) (sample.Outcome, string) {
	switch {
	case a.counts["oom-kills"] > 0 && a.exit.Signal == syscall.SIGKILL:
		return sample.OOM, t.because(a, "killed by the kernel: out of memory in its cgroup"+t.during(a))
	case t.timedOut && a == t.heard:
		return sample.Timeout, t.because(a, fmt.Sprintf("not done after %v", t.attempt.Timeout)+t.during(a))
	case a.exit.Signal != 0:
		return sample.Killed, t.because(a, "killed by "+unix.SignalName(a.exit.Signal)+t.during(a))
	case a.exit.Status != 0 && (a.foul == errEarly || !slices.Contains(t.Expect, a.exit.Status)):
		return sample.Exited, t.because(a, fmt.Sprintf("exit status %d", a.exit.Status)+t.lastWords(a))
	case a.exit.Status != 0:
		return sample.OK, ""
	case a.counts["oom-kills"] > 0:
		return sample.OOM, t.because(a, fmt.Sprintf("ended well, though the kernel killed %.0f of its processes: out of memory in its cgroup", a.counts["oom-kills"]))
	case a.foul != nil:
		return sample.Garbled, t.because(a, a.foul.Error())
	case a == t.printer() && len(t.s.Lines) == 0:
		return sample.Garbled, t.because(a, t.silence(a))
	}
	return sample.OK, ""
}

// silence says of a program that ended well and printed no line what it printed
// instead, and what to do about it.
func (t *trial) silence(a *actor) string {
	out, _ := a.stdout.rest()
	text := "printed no benchmark line; its stdout " + sample.Begins(out)
	switch pattern, tests := benchOf(a.Args); {
	case tests:
		text += fmt.Sprintf(" (%s matches no benchmark of %s that runs: go test -bench there shows which do)", pattern, t.Binary.Program)
	case !t.Talks:
		text += ` (have it print lines like "BenchmarkX 1 5 ns/op", or say under workload.metrics how its numbers are found)`
	}
	return text
}

// failed is where a test binary says on its stdout which benchmark failed. Why stands
// right before it.
const failed = "--- FAIL: "

// lastWords is what a program that knows nothing of assay, and failed, said of that
// on stdout: a test binary's failure, or the end where stderr is empty.
func (t *trial) lastWords(a *actor) string {
	if t.Talks || a.stdout == nil {
		return ""
	}
	out, _ := a.stdout.rest()
	errs, _ := a.stderr.rest()
	hint := ""
	if i := bytes.Index(out, []byte(failed)); i >= 0 {
		line, _, _ := bytes.Cut(out[i:], []byte("\n"))
		out = out[:i+len(line)]
		if _, tests := benchOf(a.Args); tests {
			hint = " (workload.gotest.skip leaves a benchmark out)"
		}
	} else if len(bytes.TrimSpace(errs)) > 0 {
		return ""
	}
	if out = bytes.TrimSpace(out); len(out) == 0 {
		return ""
	}
	return "; stdout says: " + closing(out) + hint
}

// during is the last line that a program which knows nothing of assay printed before
// it was killed: of a test binary the benchmark that was under way.
func (t *trial) during(a *actor) string {
	if t.Talks || a.stdout == nil {
		return ""
	}
	out, _ := a.stdout.rest()
	out = bytes.TrimSpace(out)
	if len(out) == 0 {
		return ""
	}
	return "; its stdout ends with " + strconv.Quote(closing(out[bytes.LastIndexByte(out, '\n')+1:]))
}

// closing is the end of a text, as much as stands in a sample.
func closing(text []byte) string {
	return strings.ToValidUTF8(string(text[max(0, len(text)-stderrShown):]), "?")
}

// because adds the role, where there are several, and the tail of stderr, where
// the workload said why.
func (t *trial) because(a *actor, what string) string {
	if len(t.actors) > 1 {
		what = a.Name + ": " + what
	}
	text, _ := a.stderr.rest()
	tail := bytes.TrimSpace(text)
	if line := cause(tail); line != "" && len(tail) > stderrShown {
		what += "; stderr: " + line
	}
	if len(tail) == 0 {
		return what
	}
	return what + "; stderr ends: " + closing(tail)
}

// cause is the line in which a Go program that crashed says why: its traceback
// comes after it, and may be long.
func cause(text []byte) string {
	for line := range strings.Lines(string(text)) {
		for _, prefix := range []string{"fatal error:", "panic:", "runtime:", "SIG"} {
			if strings.HasPrefix(line, prefix) {
				return strings.ToValidUTF8(strings.TrimSpace(line), "?")
			}
		}
	}
	return ""
}

// stderrShown is how many bytes of stderr, or of last words, stand in a sample.
const stderrShown = 500
