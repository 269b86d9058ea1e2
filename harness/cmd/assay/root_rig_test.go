package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/testenv"
)

// A rig runs the really built command on this machine, with a state folder, a
// lock and a results folder of its own, and knows how the machine was before.
type rig struct {
	t      *testing.T
	bin    string
	kit    string // of binaries made elsewhere; empty where there is a go command
	tree   string
	tmp    string // TMPDIR of all that it starts, by which that is found again
	name   string // of the experiment; begins those of cgroups
	before map[string]string
	traces traces // before, too
}

func newRig(t *testing.T, name string) *rig {
	t.Helper()
	testenv.NeedsRoot(t)
	// The lock of the command under test is its own. This one keeps every other
	// harness from the machine's knobs meanwhile.
	lock, err := journal.Acquire(t.Context(), journal.DefaultLock(), journal.Holder{Run: t.Name()},
		func(h journal.Holder) { t.Logf("waiting for %s", h) })
	require.NoError(t, err)
	t.Cleanup(func() { lock.Release() })
	tree, err := findTree("")
	require.NoError(t, err)
	dir := t.TempDir()
	r := &rig{t: t, bin: filepath.Join(dir, "assay"), tree: tree, tmp: filepath.Join(dir, "tmp"), name: name, before: settings(t), traces: tracesNow(t)}
	require.NoError(t, os.Mkdir(r.tmp, 0o711))
	r.build()
	t.Cleanup(r.tidy)
	return r
}

// build builds the command; in a guest, which has no Go, ASSAY_TEST_KIT names a
// folder that holds it and a kit of the workloads.
func (r *rig) build() {
	r.t.Helper()
	if r.kit = os.Getenv("ASSAY_TEST_KIT"); r.kit != "" {
		r.bin = filepath.Join(r.kit, "assay")
		return
	}
	build := exec.Command("go", "build", "-o", r.bin, "./harness/cmd/assay")
	build.Dir = r.tree
	out, err := build.CombinedOutput()
	require.NoError(r.t, err, string(out))
}

// tidy leaves the machine as it was whatever a test did to it.
func (r *rig) tidy() {
	for _, pid := range r.processes() {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	r.until("the lock is free", r.unlocked)
	out, code := r.assay("restore", "--force")
	if code != 0 {
		r.t.Errorf("restore --force: exit %d: %s", code, out)
	}
	r.clean()
}

func (r *rig) path(name string) string { return filepath.Join(filepath.Dir(r.tmp), name) }

// experiment writes the file of the rig's experiment; text begins after the question.
func (r *rig) experiment(text string) {
	r.t.Helper()
	text = "name: " + r.name + "\nquestion: Does the harness keep its word?\n" + text
	require.NoError(r.t, os.WriteFile(r.path(r.name+".yaml"), []byte(text), 0o644))
}

func (r *rig) command(args ...string) *exec.Cmd {
	c := exec.Command(r.bin, append([]string{"--dir", r.tree, "--state", r.path("state"), "--lock", r.path("lock"), "--kit", r.kit}, args...)...)
	c.Env = append(os.Environ(), "TMPDIR="+r.tmp)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// assay runs to the end and gives stdout and stderr together.
func (r *rig) assay(args ...string) (out string, code int) {
	r.t.Helper()
	b, err := r.command(args...).CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		r.t.Fatal(err)
	}
	if err == nil {
		return string(b), 0
	}
	return string(b), err.(*exec.ExitError).ExitCode()
}

// A live is a harness under way.
type live struct {
	*exec.Cmd
	rig *rig
	out bytes.Buffer
}

// start starts a run and returns once it holds the lock: all is built then.
func (r *rig) start(args ...string) *live {
	r.t.Helper()
	l := &live{Cmd: r.command(append([]string{"run", "--results", r.path("results")}, args...)...), rig: r}
	l.Stdout, l.Stderr = &l.out, &l.out
	require.NoError(r.t, l.Start())
	card := r.path("lock") + "." + strconv.Itoa(l.Process.Pid)
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(card); err == nil {
			return l
		}
		if !time.Now().Before(deadline) || l.ended() {
			l.Process.Kill()
			l.Wait()
			r.t.Fatalf("it never took the lock: %s", l.out.String())
		}
	}
}

func (l *live) ended() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", l.Process.Pid))
	return err != nil || bytes.Contains(stat, []byte(") Z "))
}

// wait gives the exit code; minus the signal where one ended it.
func (l *live) wait() int {
	l.Wait()
	status := l.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return -int(status.Signal())
	}
	return status.ExitStatus()
}

func (l *live) kill(s syscall.Signal) int {
	l.Process.Signal(s)
	return l.wait()
}

// guardian is the process that the harness started in a session of its own.
func (l *live) guardian() int {
	l.rig.t.Helper()
	var found int
	l.rig.until("there is a guardian", func() bool {
		for _, pid := range l.rig.processes() {
			cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			if bytes.Contains(cmdline, []byte("\x00guardian\x00")) {
				found = pid
			}
		}
		return found != 0
	})
	return found
}

// until polls for what must come to pass, and gives how long that took.
func (r *rig) until(what string, ok func() bool) time.Duration {
	r.t.Helper()
	begun := time.Now()
	for !ok() {
		if time.Since(begun) > time.Minute {
			r.t.Fatalf("never came to pass: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(begun)
}

// folders are the runs of the rig's experiment, oldest first.
func (r *rig) folders() []string {
	found, _ := filepath.Glob(filepath.Join(r.path("results"), r.name, "2*"))
	return found
}

// attempts of the newest run, as they stand.
func (r *rig) attempts() []sample.Sample {
	r.t.Helper()
	all := r.folders()
	require.NotEmpty(r.t, all)
	run, err := results.Read(all[len(all)-1])
	require.NoError(r.t, err)
	return run.Attempts
}
