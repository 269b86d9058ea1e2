package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sample"
)

// Machines that refuse: what could not be undone is not done.

// private runs the command in a mount namespace of its own, after a shell script
// that changes mounts there.
func (r *rig) private(script string, args ...string) (out string, code int) {
	r.t.Helper()
	c := r.command(args...)
	shell := exec.Command("/bin/sh", append([]string{"-euc", "mount --make-rprivate /\n" + script + "\nexec \"$0\" \"$@\"", c.Path}, c.Args[1:]...)...)
	shell.Env, shell.SysProcAttr = c.Env, &syscall.SysProcAttr{Setpgid: true, Cloneflags: unix.CLONE_NEWNS}
	b, err := shell.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		r.t.Fatal(err)
	}
	return string(b), shell.ProcessState.ExitCode()
}

func TestRootAReadOnlySysIsNotTestable(t *testing.T) {
	r := newRig(t, "root-readonly")
	r.experiment(quick)
	out, code := r.private("mount -o remount,bind,ro /sys", "run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 5, code, out)
	require.Contains(t, out, "sys/kernel/mm/transparent_hugepage/enabled: it is mounted read-only, as in a container")
	require.Empty(t, r.folders())
	r.clean()
}

// A state folder on a disk on which the journal can be made, and not one entry noted.
func TestRootAJournalThatCannotBeWrittenEndsItBeforeAnythingIsTouched(t *testing.T) {
	r := newRig(t, "root-full")
	r.experiment(quick)
	require.NoError(t, os.MkdirAll(r.path("state"), 0o700))
	full := "mount -t tmpfs -o size=16k,mode=700 none " + r.path("state") + "\n" +
		"dd if=/dev/zero of=" + r.path("state") + "/full bs=4k 2>/dev/null || true"
	out, code := r.private(full, "run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "no space left on device")
	require.Contains(t, out, "nothing was touched; free some space, or give another folder by --state")
	require.Empty(t, r.folders())
	r.clean()
}

// TestRootAFileThatVanishesMakesItsCellsNotTestable takes away a network device whose
// settings a level writes. The cells that leave it alone go on.
func TestRootAFileThatVanishesMakesItsCellsNotTestable(t *testing.T) {
	r := newRig(t, "root-vanish")
	link := func(args ...string) error { return exec.Command("ip", append([]string{"link"}, args...)...).Run() }
	if err := link("add", "assay0", "type", "veth", "peer", "name", "assay1"); err != nil {
		t.Skipf("no device can be made to vanish: ip link add: %v", err)
	}
	defer link("del", "assay0")
	const key = "sysctl.net.ipv4.neigh.assay0.gc_stale_time"
	text := strings.NewReplacer("cycles: 1", "cycles: 20", "blocks: 1", "blocks: 3").Replace(small)
	r.experiment(text + "knobs: {" + key + ": [default, 77]}\n")
	l := r.start(r.path(r.name + ".yaml"))
	r.workload()
	require.NoError(t, link("del", "assay0"))
	require.Equal(t, 0, l.wait(), l.out.String())
	require.NotContains(t, r.outcomes(key, "default"), sample.Gone)
	require.GreaterOrEqual(t, len(withOutcome(r.outcomes(key, "default"), sample.OK)), 3)
	require.GreaterOrEqual(t, len(withOutcome(r.outcomes(key, "77"), sample.Gone)), 2)
	for _, s := range r.attempts() {
		if s.Outcome == sample.Gone {
			require.Contains(t, s.Error, "gc_stale_time is no longer there (was a CPU or a device taken away?)")
		}
	}
	r.clean()
}

func withOutcome(all []sample.Outcome, want sample.Outcome) (found []sample.Outcome) {
	for _, o := range all {
		if o == want {
			found = append(found, o)
		}
	}
	return found
}

// TestRootACPUThatGoesOfflineIsTold takes the measured CPU away for a moment: the trial
// says that it was not where it should be, and the next one is there again, though
// v1 cpusets do not get the CPU back by themselves.
func TestRootACPUThatGoesOfflineIsTold(t *testing.T) {
	const file = "/sys/devices/system/cpu/cpu1/online"
	r := newRig(t, "root-unplug")
	if text, err := os.ReadFile(file); err != nil || strings.TrimSpace(string(text)) != "1" {
		t.Skip("there is no CPU 1 that can be taken offline here")
	}
	set := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0)) }
	defer set("1")
	r.experiment(strings.NewReplacer("cycles: 1", "cycles: 40", "blocks: 1", "blocks: 3").Replace(small) + "isolation: {cpuset.cpus: 1}\n")
	l := r.start(r.path(r.name + ".yaml"))
	r.workload()
	set("0")
	time.Sleep(20 * time.Millisecond)
	set("1")
	code := l.wait()
	attempts := r.attempts()
	for _, s := range attempts {
		t.Logf("attempt %d: %s %s %v", s.Attempt, s.Outcome, s.Error, s.Standings["cpuset.cpus"])
	}
	require.Equal(t, 0, code, l.out.String())
	first, last := attempts[0], attempts[len(attempts)-1]
	require.Equal(t, "not in force", first.Standings["cpuset.cpus"].Word)
	require.Equal(t, sample.OK, last.Outcome, last.Error)
	require.Equal(t, "in force", last.Standings["cpuset.cpus"].Word)
	r.clean()
}

// What can only be found out by trying is tried before the first trial.
func TestRootAMountOptionThatTheKernelRefusesEndsItBeforeTheFirstTrial(t *testing.T) {
	r := newRig(t, "root-option")
	r.experiment(small + "knobs: {fs: [\"tmpfs:16MiB\", \"ext4:16MiB,nosuchthing\"]}\n")
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "fs ext4:16MiB,nosuchthing: mount ext4:16MiB,nosuchthing: invalid argument")
	require.Contains(t, out, "nothing was started, and all is put back")
	require.Empty(t, r.folders())
	r.clean()
}

// TestRootAFullDiskLosesNothing fills the file system of the results in the middle of
// a run: what was measured stands, the machine is as it was, and once there is space
// the run is gone on with.
func TestRootAFullDiskLosesNothing(t *testing.T) {
	r := newRig(t, "root-nospace")
	r.experiment(strings.NewReplacer("blocks: 6", "blocks: 40").Replace(quick))
	r.small("results")
	l := r.start(r.path(r.name + ".yaml"))
	r.until("two blocks are done", func() bool { return len(r.folders()) == 1 && len(r.attempts()) > 6 })
	fill(t, r.path("results/full"))
	require.Equal(t, 1, l.wait(), l.out.String())
	require.Contains(t, l.out.String(), "no space left on device (free some space, then go on with --resume)")
	require.Contains(t, l.out.String(), "go on with: assay run ")
	r.clean()
	before := r.made()
	require.Greater(t, len(before), 6)

	// Still full: nothing is started, and nothing is lost.
	out, code := r.assay("run", "--resume="+r.folders()[0], r.path(r.name+".yaml"))
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "no space left on device")
	r.clean()
	require.Equal(t, before, r.made())

	require.NoError(t, os.Remove(r.path("results/full")))
	out, code = r.assay("run", "--resume="+r.folders()[0], r.path(r.name+".yaml"))
	require.Equal(t, 0, code, out)
	require.Contains(t, out, "40 of at most 40; 2 cells, 80 trials")
	require.Equal(t, before, r.made()[:len(before)])
	out, code = r.assay("verify", r.folders()[0])
	require.Equal(t, 0, code, out)
	r.clean()
}

// small puts a file system of 4 MiB in the place of a folder until the test ends.
func (r *rig) small(folder string) {
	r.t.Helper()
	before := r.traces
	require.NoError(r.t, os.Mkdir(r.path(folder), 0o755))
	require.NoError(r.t, unix.Mount("none", r.path(folder), "tmpfs", 0, "size=4m"))
	r.traces = tracesNow(r.t)
	r.t.Cleanup(func() {
		r.traces = before
		if err := unix.Unmount(r.path(folder), unix.MNT_DETACH); err != nil {
			r.t.Errorf("unmount %s: %v", folder, err)
		}
	})
}

// made are the attempts that stand: trial, attempt, when it began and what it measured.
func (r *rig) made() (all []string) {
	r.t.Helper()
	for _, s := range r.attempts() {
		all = append(all, fmt.Sprint(s.N, s.Attempt, s.Start, s.CRC))
	}
	return all
}

// fill makes a file that takes all the space there is.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	require.ErrorIs(t, err, unix.ENOSPC)
}
