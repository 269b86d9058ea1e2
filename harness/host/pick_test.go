package host

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPickTakesWholeCoresAndCPU0Last(t *testing.T) {
	check := func(tr tree, n int, measured, housekeeping string, shared bool) {
		t.Helper()
		m, k, s := tr.read(t).Pick(n)
		if FormatCPUs(m) != measured || FormatCPUs(k) != housekeeping || s != shared {
			t.Errorf("Pick(%d) = %q, %q, %v; want %q, %q, %v", n, FormatCPUs(m), FormatCPUs(k), s, measured, housekeeping, shared)
		}
	}
	check(vm(), 0, "", "0-1", false)
	check(vm(), 1, "1", "0", false)
	check(vm(), 2, "0-1", "0", true)
	check(vm(), 3, "0-1", "0", true)

	check(smt(), 1, "1", "0,2", false) // 3 stays idle
	check(smt(), 2, "1,3", "0,2", false)
	check(smt(), 3, "1-3", "0", false) // 0 shares a core with 2: nothing else is left
	check(smt(), 4, "0-3", "0", true)

	check(numa(), 2, "4-5", "0-3,6-7", false)
	check(numa(), 4, "4-7", "0-3", false)
	check(numa(), 5, "1,4-7", "0,2-3", false)
	check(numa(), 8, "0-7", "0", true)
}

func TestPickKeepsToTheAllowedCPUs(t *testing.T) {
	allow := func(tr tree, list string) tree {
		return tr.with(tree{"proc/self/status": "Cpus_allowed_list:\t" + list + "\n"})
	}
	check := func(tr tree, n int, measured, housekeeping string) {
		t.Helper()
		m, k, _ := tr.read(t).Pick(n)
		if FormatCPUs(m) != measured || FormatCPUs(k) != housekeeping {
			t.Errorf("Pick(%d) = %q, %q; want %q, %q", n, FormatCPUs(m), FormatCPUs(k), measured, housekeeping)
		}
	}
	// Node 1 has too few left, node 0 has three beside CPU 0.
	check(allow(numa(), "0-4"), 2, "1-2", "0,3-4")
	// Core 1,3 is not wholly ours: its other half runs someone else's work.
	check(allow(numa().with(core("1,5", "1", "5")), "0-3"), 1, "2", "0-1,3")
	check(allow(smt(), "3"), 1, "3", "3")
}

func TestPickDividesTheAllowedCPUs(t *testing.T) {
	for _, tr := range []tree{vm(), smt(), numa(), arm()} {
		h := tr.read(t)
		for n := 1; n <= len(h.CPU.Allowed); n++ {
			m, k, shared := h.Pick(n)
			require.Len(t, m, n)
			require.NotEmpty(t, k)
			require.True(t, slices.IsSorted(m) && slices.IsSorted(k))
			require.Equal(t, shared, len(both(m, k)) > 0)
			require.Empty(t, without(slices.Concat(m, k), h.CPU.Allowed))
		}
	}
}

func TestPickOfNothingIsNothing(t *testing.T) {
	m, k, shared := Host{}.Pick(1)
	if len(m) != 0 || len(k) != 0 || shared {
		t.Errorf("got %v, %v, %v", m, k, shared)
	}
}

func TestSharesAreAlikeAndHaveNoCoreInCommon(t *testing.T) {
	check := func(tr tree, n int, one, two string, ok bool) {
		t.Helper()
		a, b, can := tr.read(t).Shares(n)
		if can != ok || ok && (FormatCPUs(a) != one || FormatCPUs(b) != two) {
			t.Errorf("Shares(%d) = %q, %q, %v; want %q, %q, %v", n, FormatCPUs(a), FormatCPUs(b), can, one, two, ok)
		}
	}
	check(vm(), 1, "1", "0", true)
	check(vm(), 2, "", "", false)
	check(smt(), 1, "1", "0", true) // and not 3, which shares a core with 1
	check(smt(), 2, "1,3", "0,2", true)
	check(smt(), 3, "", "", false)
	check(numa(), 2, "4-5", "6-7", true)
	check(numa(), 4, "4-7", "0-3", true) // a node each
	check(vm(), 0, "", "", true)
}

func TestFirstThreadsAreOneOfEachCore(t *testing.T) {
	c := CPU{Online: []int{0, 1, 2, 3}, Cores: [][]int{{0, 2}, {1, 3}}, Nodes: [][]int{{0, 1, 2, 3}}, Allowed: []int{1, 2, 3}}
	require.Equal(t, CPU{Online: []int{0, 1}, Cores: [][]int{{0}, {1}}, Nodes: [][]int{{0, 1}}, Allowed: []int{1}}, c.FirstThreads())
	require.Equal(t, [][]int{{0, 2}, {1, 3}}, c.Cores, "the other is as it was")
}
