package collect

import (
	"maps"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestTimeOfAllTasksOnTheMeasuredCPUs(t *testing.T) {
	const root, other = "sys/fs/cgroup/cpu,cpuacct/", "sys/fs/cgroup/a/"
	schedstat := "version 17\ntimestamp 4\ncpu0 0 0 0 0 0 0 70 8 9\ndomain0 MC 3 1 2 3 4 5 6 7 8 9\ncpu1 0 0 0 0 0 0 700 80 90\n"
	check := func(want Moment, cpus []int, files map[string]string) {
		t.Helper()
		s := New(fake(t, files))
		defer s.Close()
		m := Moment{}
		everyone(&Reader{Who: Who{CPUs: cpus}, set: s}, m)
		require.Equal(t, want, m)
	}
	v1 := map[string]string{root + "cpuacct.usage_percpu": "5 60 700 \n", root + "release_agent": "", "proc/schedstat": schedstat}
	check(Moment{everyoneNS: 60}, []int{1}, v1)
	check(Moment{everyoneNS: 705}, []int{0, 2}, v1)
	check(Moment{}, []int{1, 3}, v1) // a CPU that there is not
	check(Moment{}, nil, v1)

	v2 := map[string]string{other + "cpuacct.usage_percpu": "5 60 700 \n", "proc/schedstat": schedstat}
	check(Moment{everyoneNS: 700}, []int{1}, v2) // a container's own group is not everyone
	check(Moment{everyoneNS: 770}, []int{0, 1}, v2)
	check(Moment{}, []int{0, 2}, v2)
	check(Moment{}, []int{0}, map[string]string{"proc/schedstat": "cpu0 1 2 3\n"})
	check(Moment{}, []int{0}, nil)
}

// An idle CPU that is slow to wake makes a task wait that nobody else is in the way of.
func TestOthersDenyNoMoreThanTheyRan(t *testing.T) {
	begin := Moment{"cpu-full-pressure-ns": 0, "cpu-user-ns": 0, "cpu-system-ns": 0, everyoneNS: 0}
	check := func(waited, everyone float64, w Window, want map[string]float64) {
		t.Helper()
		end := Moment{"cpu-full-pressure-ns": waited, "cpu-user-ns": 2e8, "cpu-system-ns": 1e8, everyoneNS: everyone}
		w.CPUs = []int{0, 1}
		c := Between(begin, end, w)
		maps.DeleteFunc(c, func(unit string, _ float64) bool { _, wanted := want[unit]; return !wanted })
		require.Equal(t, want, c)
	}
	second := Window{NS: 1e9}
	check(2e8, 3e8, second, map[string]float64{"cpu-denied-share": 0, "foreign-ns": 0, "foreign-share": 0})            // nobody else ran
	check(2e8, 3.5e8, second, map[string]float64{"cpu-denied-share": 0.05, "foreign-ns": 5e7, "foreign-share": 0.025}) // less than it waited
	check(2e8, 9e8, second, map[string]float64{"cpu-denied-share": 0.2, "foreign-ns": 6e8, "foreign-share": 0.3})      // more
	check(2e8, 9e8, Window{NS: 1e9, Shared: 6e8}, map[string]float64{"cpu-denied-share": 0, "foreign-ns": 0})          // another role
	check(2e8, 2e8, second, map[string]float64{"cpu-denied-share": 0, "foreign-ns": 0})                                // what is charged late
}

// What the harness reads at the ends of the window, on a CPU that it shares with a role,
// lies between the moments and not in the window.
func TestTheReaderIsNotForeign(t *testing.T) {
	begin := Moment{"cpu-full-pressure-ns": 0, "cpu-user-ns": 0, "cpu-system-ns": 0, everyoneNS: 0, readerNS: 7e8}
	end := Moment{"cpu-full-pressure-ns": 2e8, "cpu-user-ns": 2e8, "cpu-system-ns": 1e8, everyoneNS: 3.5e8, readerNS: 7.2e8}
	c := Between(begin, end, Window{NS: 1e9, CPUs: []int{0}})
	require.Equal(t, 3e7, c["foreign-ns"])
	require.Equal(t, 0.03, c["cpu-denied-share"])

	all := allowed(t)
	check := func(want bool, who Who) {
		t.Helper()
		m := Moment{}
		reader(&Reader{Who: who}, m)
		if v, told := m[readerNS]; told != want || told && v <= 0 {
			t.Errorf("%v: %v", who.CPUs, m)
		}
	}
	check(true, Who{CPUs: all})
	check(false, Who{CPUs: all, PID: os.Getpid()}) // it is what is watched
	check(false, Who{CPUs: []int{4095}})
	if len(all) > 1 {
		check(false, Who{CPUs: all[:1]}) // how much of it ran there is not known
	}
}

func TestWithoutATimeOfAllTasksEveryWaitCounts(t *testing.T) {
	begin := Moment{"cpu-full-pressure-ns": 0, busyTicks: 0}
	c := Between(begin, Moment{"cpu-full-pressure-ns": 2e8, busyTicks: 50}, Window{NS: 1e9, CPUs: []int{0}})
	require.Equal(t, 0.2, c["cpu-denied-share"])
	require.NotContains(t, c, "foreign-share", "the workload's own time is not known")
	require.NotContains(t, c, "foreign-ns")
}

func TestATickTellsNothingOfAShortWindow(t *testing.T) {
	begin := Moment{"cpu-user-ns": 0, "cpu-system-ns": 0, everyoneNS: 0, busyTicks: 0}
	end := Moment{"cpu-user-ns": 0, "cpu-system-ns": 0, everyoneNS: 1e6, busyTicks: 9}
	check := func(ns int64, want any) {
		t.Helper()
		require.Equal(t, want, any(Between(begin, end, Window{NS: ns, CPUs: []int{0}})["foreign-share"]))
	}
	check(shortestExact, 0.1)
	check(shortestExact-1, 0.0) // absent
}

// The kernel here, held against what it counts of the process that was started.
func TestWhatAnotherProcessTakesIsForeign(t *testing.T) {
	s := New("/")
	defer s.Close()
	who := Who{PID: os.Getpid(), CPUs: allowed(t)}
	begin := s.Read(who, false, nil)
	if _, counted := begin[everyoneNS]; !counted {
		t.Skip("this kernel shows neither the root group of cpuacct nor proc/schedstat")
	}
	started := time.Now()
	other := exec.Command("sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")
	require.NoError(t, other.Run())
	window := Window{NS: int64(time.Since(started)), CPUs: who.CPUs}
	took := float64(other.ProcessState.UserTime() + other.ProcessState.SystemTime())
	c := Between(begin, s.Read(who, true, nil), window)
	if c["foreign-ns"] < 0.8*took {
		t.Errorf("foreign %v ns, want at least what the other took, %v", c["foreign-ns"], took)
	}
}

// allowed are the CPUs that this test may use.
func allowed(t *testing.T) []int {
	t.Helper()
	var set unix.CPUSet
	require.NoError(t, unix.SchedGetaffinity(0, &set))
	var cpus []int
	for cpu := 0; len(cpus) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}
