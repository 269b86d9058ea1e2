package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/knob"
)

// What a run may leave on the machine, and how to see that it has not.

// processes are those that the rig started and theirs: the harness, its guardian
// and its workloads, whose TMPDIR is below the rig's, and a mkfs that is told to
// make an image there. Zombies have neither.
func (r *rig) processes() (pids []int) {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range folders {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		environ, _ := os.ReadFile(dir + "/environ")
		cmdline, _ := os.ReadFile(dir + "/cmdline")
		if pid != os.Getpid() && (bytes.Contains(environ, []byte("TMPDIR="+r.tmp)) || bytes.Contains(cmdline, []byte(r.tmp))) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// swaps are the areas that the machine swaps to and that were not there before.
func (r *rig) swaps() (areas []string) {
	text, err := os.ReadFile("/proc/swaps")
	require.NoError(r.t, err)
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); !strings.Contains(r.traces.swaps, f[0]) {
			areas = append(areas, f[0])
		}
	}
	return areas
}

func swapOffNow(area string) error { return exec.Command("swapoff", area).Run() }

// traces are what provided resources leave in the kernel.
type traces struct {
	swaps, mounts string
	loops, zrams  string
	networks      map[string]bool // namespaces of all processes
}

func tracesNow(t *testing.T) (now traces) {
	t.Helper()
	read := func(file string) string {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(text)
	}
	list := func(pattern string) string {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		return strings.Join(found, " ")
	}
	now = traces{
		swaps: read("/proc/swaps"), mounts: read("/proc/self/mountinfo"),
		loops: list("/sys/block/loop*/loop/backing_file"), zrams: list("/sys/block/zram*"), networks: map[string]bool{},
	}
	links, _ := filepath.Glob("/proc/[0-9]*/ns/net")
	for _, link := range links {
		if name, err := os.Readlink(link); err == nil {
			now.networks[name] = true
		}
	}
	return now
}

// left says what of provided resources is there now and was not before.
func (before traces) left(now traces) string {
	switch {
	case now.swaps != before.swaps:
		return "swap is " + now.swaps
	case now.mounts != before.mounts:
		return "mounts are " + now.mounts
	case now.loops != before.loops:
		return "loop devices in use are " + now.loops
	case now.zrams != before.zrams:
		return "zram devices are " + now.zrams
	}
	for name := range now.networks {
		if !before.networks[name] {
			return "a network namespace is left, " + name
		}
	}
	return ""
}

// workload waits for a process in the leaf of a trial. The harness is none: the thread
// that starts the workload is in v1's leaves for a moment.
func (r *rig) workload() (pid int) {
	r.t.Helper()
	r.until("a workload runs", func() bool {
		for _, group := range r.groups() {
			procs, _ := filepath.Glob(group + "/*.main/cgroup.procs")
			for _, file := range procs {
				text, _ := os.ReadFile(file)
				first, _, _ := strings.Cut(string(text), "\n")
				if exe, err := os.Readlink("/proc/" + first + "/exe"); err == nil && exe != r.bin {
					pid, _ = strconv.Atoi(first)
				}
			}
		}
		return pid != 0
	})
	return pid
}

// groups of this rig's runs.
func (r *rig) groups() []string {
	found, _ := filepath.Glob("/sys/fs/cgroup/*/assay/" + r.name + "-*")
	whole, _ := filepath.Glob("/sys/fs/cgroup/assay/" + r.name + "-*")
	return append(found, whole...)
}

// unlocked says whether nobody holds the rig's lock.
func (r *rig) unlocked() bool {
	f, err := os.Open(r.path("lock"))
	if err != nil {
		return true
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// dirty says what is not as it was before the rig; "" where all is.
func (r *rig) dirty() string {
	now := settings(r.t)
	for _, file := range slices.Sorted(maps.Keys(r.before)) {
		if now[file] != r.before[file] {
			return fmt.Sprintf("%s is %q, was %q", file, now[file], r.before[file])
		}
	}
	scratch, _ := os.ReadDir(r.tmp)
	switch {
	case !r.unlocked():
		return "the lock is held"
	case len(r.processes()) > 0:
		return fmt.Sprintf("processes %v are left", r.processes())
	case len(r.groups()) > 0:
		return fmt.Sprintf("groups %v are left", r.groups())
	case len(scratch) > 0:
		return fmt.Sprintf("folders %v are left", scratch)
	}
	return r.traces.left(tracesNow(r.t))
}

func (r *rig) clean() {
	r.t.Helper()
	if what := r.dirty(); what != "" {
		r.t.Errorf("not as it was: %s", what)
	}
}

// settings are the texts of every file that knobs of the machine can change, the
// files that these move, and what else there is in their most common folders.
func settings(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	patterns := []string{"/sys/kernel/mm/transparent_hugepage/*", "/sys/kernel/mm/transparent_hugepage/*/*", "/proc/sys/vm/*"}
	for _, k := range knob.All() {
		if k.Host == nil || k.Act {
			continue
		}
		key, _, _ := strings.Cut(k.Try, "=")
		for _, file := range slices.Concat(k.Host(key), k.Moves, []string{k.Twin}) {
			patterns = append(patterns, "/"+file)
		}
	}
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			counts := strings.HasSuffix(file, "/pages_collapsed") || strings.HasSuffix(file, "/full_scans") || strings.Contains(file, "/stats/")
			if text, err := os.ReadFile(file); err == nil && !counts {
				texts[file] = string(text)
			}
		}
	}
	require.Contains(t, texts, "/sys/kernel/mm/transparent_hugepage/enabled")
	return texts
}
