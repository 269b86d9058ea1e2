package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// everything turns twelve knobs of the machine at once, and with them a swap area,
// a file system in a loop device and a network of the workload's own.
const everything = `workload: {program: procs, params: {spin: 5000}}
zip:
  - thp: [never, always]
    thp-defrag: [never, always]
    swappiness: [10, 100]
    dirty-ratio: [33, 15]
    dirty-background-bytes: [16MiB, 1MiB]
    overcommit-ratio: [20, 95]
    somaxconn: [128, 1024]
    sched-autogroup: [0, 1]
    numa-balancing: [0, 1]
    zone-reclaim: [0, 1]
    perf-event-paranoid: [1, 3]
    local-port-range: [20000-30000, 30000-40000]
    swap: ["file:32MiB", "zram:16MiB"]
    fs: ["ext4:16MiB,noatime", "tmpfs:16MiB"]
    netem: [none, default]
isolation: {cpu.max: "1.5", memory.max: 256MiB, cpus: 1}
design: {blocks: 2, warmup: 0, timeout: 30s}
`

// TestRootKilledWhileEverythingIsTurned kills the harness at random moments. The
// full count, of 500, is asked for by ASSAY_KILLS.
func TestRootKilledWhileEverythingIsTurned(t *testing.T) {
	r := newRig(t, "root-all")
	r.experiment(everything)
	whole := r.whole()
	kills := asked(12)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	var worst time.Duration
	late, inside := 0, 0
	for i := range kills {
		k := r.kill(i, moment(i, whole, random))
		if worst = max(worst, k.took); k.took > restoredWithin {
			late++
		}
		if !k.ended {
			inside++
		}
		if t.Failed() {
			return
		}
		if i%10 == 0 {
			r.goOn()
		}
		require.NoError(t, os.RemoveAll(r.path("results")))
	}
	t.Logf("seed %d: %d kills within %v, %d of them before its end: the longest restore took %v, %d took more than %v",
		seed, kills, whole.Round(time.Millisecond), inside, worst.Round(time.Millisecond), late, restoredWithin)
}

// The knobs that are turned are in force, and a trial that someone takes the swap
// from is void and repeated.
func TestRootSwapTakenAwayVoidsATrial(t *testing.T) {
	r := newRig(t, "root-unswapped")
	r.experiment(strings.Replace(small, "cycles: 1", "cycles: 40", 1) + "knobs: {swap: [none, \"file:16MiB\"]}\n")
	l := r.start(r.path(r.name + ".yaml"))
	r.workload()
	r.until("it is swapped to", func() bool { return len(r.swaps()) > 0 })
	r.workload()
	swaps := r.swaps()
	require.Len(t, swaps, 1)
	require.NoError(t, swapOffNow(swaps[0]))
	require.Equal(t, 0, l.wait(), l.out.String())
	var ends []string
	for _, s := range r.attempts() {
		ends = append(ends, fmt.Sprint(s.Cell, s.Outcome))
		if s.Outcome == "void" {
			require.Contains(t, s.Error, "is not swapped to any more")
		}
	}
	require.Contains(t, ends, "1void")
	require.Equal(t, "1ok", lastOf(ends, "1"))
	r.clean()
}

func lastOf(all []string, prefix string) (last string) {
	for _, s := range all {
		if strings.HasPrefix(s, prefix) {
			last = s
		}
	}
	return last
}

// A hand-set vm.min_free_kbytes comes back after a run whose levels made the kernel
// raise it, and after one that was killed.
func TestRootAValueThatTheKernelMovesComesBack(t *testing.T) {
	const file = "/proc/sys/vm/min_free_kbytes"
	r := newRig(t, "root-moved")
	own := r.before[file]
	set := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0)) }
	defer func() { set(own); r.before[file] = own }()
	set("50001")
	r.before[file] = "50001\n"
	r.experiment(strings.Replace(quick, "[never, always]", "[always, never]", 1))
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 0, code, out)
	require.Regexp(t, `(?m)^restored +\d settings, all back to what they were$`, out)
	r.clean()
	l := r.start(r.path(r.name + ".yaml"))
	r.until("the kernel has moved it", func() bool {
		text, err := os.ReadFile(file)
		return err == nil && string(text) != r.before[file]
	})
	l.kill(syscall.SIGKILL)
	r.until("all is as it was", func() bool { return r.dirty() == "" })
}
