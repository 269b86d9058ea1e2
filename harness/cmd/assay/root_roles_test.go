package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

// served is one block of a workload with two roles.
const served = `workload: {program: netpoll-load, params: {transport: tcp, conns: 200, payload: 64KiB, requests: 2000}}
design: {blocks: 1, warmup: 0, timeout: 60s}
`

func TestRootEachRoleHasItsOwnLeafAndKnobs(t *testing.T) {
	r := newRig(t, "root-roles")
	r.experiment(served + "isolation: {cpus: 1, gogc: 50, load.gogc: 400, load.memory.max: 512MiB, memory.max: 256MiB}\n")
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Zero(t, code, out)
	require.Contains(t, out, "with the harness: none was left") // on two CPUs the server takes one
	for _, s := range r.attempts() {
		require.Equal(t, sample.OK, s.Outcome, s.Error)
		for _, key := range []string{"cpus", "gogc", "load.gogc"} {
			require.Equal(t, "in force", s.Standings[key].Word, key)
		}
		for _, key := range []string{"memory.max", "load.memory.max"} {
			require.Equal(t, "idle", s.Standings[key].Word, key)
		}
		of := func(unit string) float64 { v, _ := s.Lines[0].Get(unit); return v }
		for _, role := range []string{"", "load-"} {
			require.Positive(t, of(role+"cgroup-peak-bytes"), role)
			require.Positive(t, of(role+"cpu-user-ns")+of(role+"cpu-system-ns"), role) // a tick may see one kind alone
		}
	}
	r.clean()
}

func TestRootTheRoleThatRanOutOfMemoryIsNamed(t *testing.T) {
	r := newRig(t, "root-role-oom")
	r.experiment(served + "isolation: {memory.max: 8MiB}\n")
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 1, code, out)
	for _, s := range r.attempts() {
		if s.Outcome != sample.OOM || s.Role != "server" {
			t.Errorf("%s of %q: %s", s.Outcome, s.Role, s.Error)
		}
	}
	require.Contains(t, out, "server: killed by the kernel: out of memory in its cgroup")
	r.clean()
}
