package collect

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stat is a line whose 39th field is a CPU.
func stat(name, cpu string) string {
	return "9 (" + name + ") I 2" + strings.Repeat(" 0", 34) + " " + cpu + " 0 0\n"
}

func kernelHost() map[string]string {
	return map[string]string{
		"proc/2/comm":            "kthreadd\n",
		"proc/2/task/2/children": "10 11 12 13 \n",
		"proc/10/schedstat":      "100 0 1\n", "proc/10/stat": stat("kworker/1:0H-kblockd", "1"),
		"proc/11/schedstat": "200 0 1\n", "proc/11/stat": stat("jbd2/vda (8) -8", "1"),
		"proc/12/schedstat": "400 0 1\n", "proc/12/stat": stat("kswapd0", "0"),
	}
}

func threadsOf(t *testing.T, files map[string]string, work bool) Moment {
	t.Helper()
	s := New(fake(t, files))
	defer s.Close()
	m := s.Read(Who{CPUs: []int{1}, KernelWork: work}, false, nil)
	for key := range m {
		if !strings.HasPrefix(key, threadRan) && !strings.HasPrefix(key, threadHere) {
			delete(m, key)
		}
	}
	return m
}

func TestKernelThreadsAreReadWhereTheyWorkForTheWorkload(t *testing.T) {
	require.Empty(t, threadsOf(t, kernelHost(), false))
	require.Equal(t, Moment{
		threadRan + "10": 100, threadHere + "10": 1,
		threadRan + "11": 200, threadHere + "11": 1,
		threadRan + "12": 400,
	}, threadsOf(t, kernelHost(), true)) // 13 has ended
	container := kernelHost()
	container["proc/2/comm"] = "nginx\n"
	require.Empty(t, threadsOf(t, container, true))
}

func TestWhatTheKernelDoesForTheWorkloadIsNotForeign(t *testing.T) {
	begin := threadsOf(t, kernelHost(), true)
	later := kernelHost()
	later["proc/2/task/2/children"] = "10 11 12 14 \n"
	later["proc/10/schedstat"] = "150 0 2\n"
	later["proc/11/schedstat"] = "7 0 1\n" // another thread of this number
	later["proc/12/schedstat"], later["proc/12/stat"] = "406 0 9\n", stat("kswapd0", "1")
	later["proc/14/schedstat"], later["proc/14/stat"] = "3 0 1\n", stat("kworker/1:7", "1")
	end := threadsOf(t, later, true)
	for unit, v := range map[string]float64{"cpu-user-ns": 1000, "cpu-system-ns": 0, everyoneNS: 1099} {
		begin[unit], end[unit] = 0, v
	}
	c := Between(begin, end, Window{NS: 1e9, CPUs: []int{1}})
	require.Equal(t, 59.0, c["kernel-threads-ns"]) // 50 and 6, and 3 of the one that is new
	require.Equal(t, 40.0, c["foreign-ns"])
}

func TestTheLastCPUOfAProcess(t *testing.T) {
	check := func(line string, want int64, ok bool) {
		t.Helper()
		got, told := lastCPU(line)
		require.Equal(t, ok, told, line)
		require.Equal(t, want, got, line)
	}
	check(stat("a) 1 (b", "17"), 17, true)
	check("9 (a) I 2 0 0", 0, false)
	check("", 0, false)
}
