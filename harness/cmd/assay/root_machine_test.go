package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a run may leave on the machine, and how to see that it has not.

// processes are those that the rig started and theirs: the harness, its guardian
// and its workloads, whose TMPDIR is below the rig's. Zombies have none.
func (r *rig) processes() (pids []int) {
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		environ, err := os.ReadFile(path)
		if err == nil && bytes.Contains(environ, []byte("TMPDIR="+r.tmp)) {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// workload waits for a process in the leaf of a trial.
func (r *rig) workload() (pid int) {
	r.t.Helper()
	r.until("a workload runs", func() bool {
		procs, _ := filepath.Glob("/sys/fs/cgroup/*/assay/" + r.name + "-*/*/main/cgroup.procs")
		for _, file := range procs {
			text, _ := os.ReadFile(file)
			if first, _, ok := strings.Cut(string(text), "\n"); ok {
				pid, _ = strconv.Atoi(first)
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
	return ""
}

func (r *rig) clean() {
	r.t.Helper()
	if what := r.dirty(); what != "" {
		r.t.Errorf("not as it was: %s", what)
	}
}

// settings are the texts of every file that knobs of the machine can change.
func settings(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"/sys/kernel/mm/transparent_hugepage/*", "/sys/kernel/mm/transparent_hugepage/*/*", "/proc/sys/vm/*"} {
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
