package collect

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/sysfs"
)

// fake makes a tree of a host with two CPUs and two nodes, and process 7.
func fake(t testing.TB, files map[string]string) sysfs.FS {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return sysfs.FS(root)
}

const cpuDir = "sys/devices/system/cpu/cpu1/"

func host() map[string]string {
	return map[string]string{
		"proc/stat":                         "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 900 0 0 0 0 0 0 50 0 0\ncpu1 100 10 20 700 3 1 2 4 0 0\nintr 1 2 3\n",
		"proc/vmstat":                       "nr_free_pages 100\nthp_fault_alloc 5\npswpin 0\ncompact_stall 3\n",
		"proc/softirqs":                     "                    CPU0       CPU1\n      TIMER:        100         20\n     NET_RX:          7          8\n         HI:          1          1\n",
		"proc/7/stat":                       "7 (a) (b) S 1 7 7 0 -1 0 11 0 2 0 30 4 0 0 20 0 1 0 5\n",
		"proc/7/status":                     "Name:\ta\nVmHWM:\t  2048 kB\n",
		"proc/7/smaps_rollup":               "00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss:  1024 kB\nAnonHugePages:  0 kB\n",
		"proc/7/io":                         "rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n",
		"proc/7/task/7/schedstat":           "1000 200 3\n",
		"proc/7/task/7/status":              "voluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t6\n",
		"proc/7/task/8/schedstat":           "10 20 30\n",
		"proc/7/task/8/status":              "voluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t0\n",
		"proc/7/numa_maps":                  "55af default anon=3 N0=2 N1=1 kernelpagesize_kB=4\n7f00 default file=/N1=x huge N1=1 kernelpagesize_kB=2048\n",
		cpuDir + "cpufreq/scaling_cur_freq": "1500000\n",
		cpuDir + "cpufreq/scaling_max_freq": "3000000\n",
		cpuDir + "thermal_throttle/core_throttle_count": "2\n",
		cpuDir + "cpuidle/state0/usage":                 "3\n",
		cpuDir + "cpuidle/state0/time":                  "40\n",
		cpuDir + "cpuidle/state0/disable":               "0\n",
		cpuDir + "cpuidle/state1/usage":                 "5\n",
		cpuDir + "cpuidle/state1/time":                  "600\n",
		cpuDir + "cpuidle/state1/disable":               "1\n",
		"sys/devices/system/node/node0/cpu0":            "",
		"sys/devices/system/node/node1/cpu1":            "",
	}
}

var seven = Who{PID: 7, CPUs: []int{1}, Leaf: func() (map[string]float64, error) {
	return map[string]float64{"cpu-user-ns": 300_000_001, "nr-throttled": 4, "cgroup-peak-bytes": 99}, nil
}}

func TestAMomentOfAFakeHost(t *testing.T) {
	s := New(fake(t, host()))
	defer s.Close()
	m := s.Read(seven, true, nil)
	delete(m, clockSeconds)
	delete(m, clockRest)
	require.Equal(t, Moment{
		busyTicks: 133, stealTicks: 4,
		"thp-fault-allocs": 5, "pages-swapped-in": 0, "compact-stalls": 3,
		"softirqs-timer": 20, "softirqs-net-rx": 8,
		"idle-entries": 8, "idle-ns": 640_000, "disabled-idle-entries": 5, "disabled-idle-ns": 600_000,
		"minor-faults": 11, "major-faults": 2,
		"cpu-user-ns": 300_000_001, "cpu-system-ns": 40_000_000, "nr-throttled": 4, "cgroup-peak-bytes": 99,
		"peak-RSS-bytes": 2 << 20, "rss-bytes": 1 << 20, "anon-huge-bytes": 0,
		"storage-read-bytes": 4096, "storage-write-bytes": 8192,
		"on-cpu-ns": 1010, "run-queue-wait-ns": 220, "timeslices": 33, "voluntary-switches": 6, "involuntary-switches": 6,
		"numa-local-bytes": 4096 + 2<<20, "numa-remote-bytes": 8192,
		"cpu-frequency-hz": 1.5e9, "frequency-drop": 0.5, "thermal-throttles": 2,
	}, m)
	require.Empty(t, s.Missing())
}

func TestTheBeginReadsNothingThatIsOfTheEndAlone(t *testing.T) {
	s := New(fake(t, host()))
	defer s.Close()
	m := s.Read(seven, false, nil)
	for _, c := range All() {
		for _, unit := range c.Stands {
			if _, there := m[unit]; c.AtEnd && there {
				t.Errorf("%s was read at the begin", unit)
			}
		}
	}
}

func TestOnlyTheGroupsAskedForAreRead(t *testing.T) {
	s := New(fake(t, host()))
	defer s.Close()
	require.Empty(t, s.Read(seven, true, []sample.Group{}))
	m := s.Read(seven, true, []sample.Group{sample.Cgroup})
	require.Equal(t, []string{"cgroup-peak-bytes", "cpu-user-ns", "nr-throttled"}, slices.Sorted(maps.Keys(m)))
}

func TestTheWholeMachineIsReadWithTheRoleUnderTestAlone(t *testing.T) {
	s := New(fake(t, host()))
	defer s.Close()
	who := seven
	who.Beside = true
	m := s.Read(who, true, nil)
	require.NotContains(t, m, "thp-fault-allocs")
	require.NotContains(t, m, clockRest)
	require.Contains(t, m, busyTicks)
}

func TestWhatIsNotThereIsAbsentAndSaidOnce(t *testing.T) {
	s := New(fake(t, nil))
	defer s.Close()
	m := s.Read(Who{PID: 7, CPUs: []int{0}}, true, nil)
	delete(m, clockSeconds)
	delete(m, clockRest)
	require.Empty(t, m)
	missing := strings.Join(s.Missing(), "\n")
	require.Contains(t, missing, "not counted here: frequency: no sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq (no cpufreq driver")
	require.Contains(t, missing, "not counted here: thermal: ")
}

func TestAHostFileIsReadAnewThroughOneDescriptor(t *testing.T) {
	fs := fake(t, host())
	s := New(fs)
	defer s.Close()
	first := s.Read(seven, false, nil)
	require.NoError(t, os.WriteFile(fs.Path("proc/vmstat"), []byte("thp_fault_alloc 9\n"), 0o644))
	second := s.Read(seven, false, nil)
	require.Equal(t, 5.0, first["thp-fault-allocs"])
	require.Equal(t, 9.0, second["thp-fault-allocs"])
	require.NotContains(t, second, "pages-swapped-in", "nothing is left of a longer text")
}

// A unit that no vocabulary knows would stand in no report.
func TestEveryUnitIsInTheVocabulary(t *testing.T) {
	known := map[string]bool{}
	for _, c := range sample.Vocabulary() {
		if known[c.Unit] {
			t.Errorf("%s stands twice in the vocabulary", c.Unit)
		}
		known[c.Unit] = true
	}
	s := New(fake(t, host()))
	defer s.Close()
	begin, end := s.Read(seven, false, nil), s.Read(seven, true, nil)
	units := slices.Collect(maps.Keys(Between(begin, end, Window{NS: 1e9, CPUs: []int{1}})))
	units = slices.AppendSeq(units, maps.Values(vmstatUnits))
	units = slices.AppendSeq(units, maps.Values(softirqUnits))
	for _, e := range events {
		units = append(units, e.Unit)
	}
	for _, unit := range units {
		if !known[unit] {
			t.Errorf("%s is not in the vocabulary of package sample", unit)
		}
	}
}

func TestEveryCollectorIsDocumentedAndInAGroup(t *testing.T) {
	for _, c := range All() {
		if !strings.Contains(c.Doc, "(") {
			t.Errorf("%s: Doc names no source: %s", c.Name, c.Doc)
		}
		if !slices.Contains([]sample.Group{sample.Process, sample.Cgroup, sample.Noise}, c.Group) {
			t.Errorf("%s: group %q", c.Name, c.Group)
		}
	}
}

func TestGrowthStandsAndShares(t *testing.T) {
	begin := Moment{"minor-faults": 5, "cgroup-peak-bytes": 7, "gone": 1, "shrinks": 9, busyTicks: 100, stealTicks: 0, "cpu-user-ns": 0, "cpu-system-ns": 0, "run-queue-wait-ns": 0, "cpu-full-pressure-ns": 1, "involuntary-switches": 0, clockSeconds: 5, clockRest: 0}
	end := Moment{"minor-faults": 8, "cgroup-peak-bytes": 6, "new": 1, "shrinks": 8, busyTicks: 191, stealTicks: 11, "cpu-user-ns": 5e8, "cpu-system-ns": 1e8, "run-queue-wait-ns": 1e8, "cpu-full-pressure-ns": 5e7 + 1, "involuntary-switches": 30, clockSeconds: 5, clockRest: -2e6}
	require.Equal(t, map[string]float64{
		"window-ns": 1e9, "minor-faults": 3, "cgroup-peak-bytes": 6,
		"cpu-user-ns": 5e8, "cpu-system-ns": 1e8, "run-queue-wait-ns": 1e8, "involuntary-switches": 30,
		"cpu-full-pressure-ns": 5e7, "cpu-full-share": 0.05, "cpu-denied-share": 0.05,
		"steal-share": 0.1, "foreign-share": 0.3, "run-queue-share": 0.1, "involuntary-switches/s": 30, "clock-step-ns": 2e6,
	}, Between(begin, end, Window{NS: 1e9, CPUs: []int{0}}))
	shared := Between(begin, end, Window{NS: 1e9, CPUs: []int{0}, Shared: 2e8})
	require.InDelta(t, 0.1, shared["foreign-share"], 1e-9, "another role is not foreign")
	short := Between(begin, end, Window{NS: shortest - 1, CPUs: []int{0}})
	require.NotContains(t, short, "foreign-share", "ticks tell nothing of a short window")
	require.NotContains(t, Between(begin, end, Window{NS: 1e9}), "run-queue-share")
}

// The readings lie around the window, so that others can have had more than all of it.
func TestAShareIsNoMoreThanAll(t *testing.T) {
	begin := Moment{busyTicks: 0, stealTicks: 0, "cpu-user-ns": 0, "cpu-system-ns": 0, "cpu-full-pressure-ns": 0}
	check := func(end Moment, unit string, want float64) {
		t.Helper()
		if got := Between(begin, end, Window{NS: 1e9, CPUs: []int{0}})[unit]; got != want {
			t.Errorf("%s is %v, want %v", unit, got, want)
		}
	}
	end := Moment{busyTicks: 103, stealTicks: 104, "cpu-user-ns": 0, "cpu-system-ns": 0, "cpu-full-pressure-ns": 1_121_000_000}
	check(end, "foreign-share", 1)
	check(end, "steal-share", 1)
	check(end, "cpu-full-share", 1)
	check(Moment{busyTicks: 0, stealTicks: 0, "cpu-user-ns": 1, "cpu-system-ns": 1}, "foreign-share", 0)
}

func TestTicksNeedEveryMeasuredCPU(t *testing.T) {
	text := []byte("cpu  1 1 1 1 1 1 1 1\ncpu0 1 2 3 4 5 6 7 8 9 9\ncpu1 1 2 3 4 5 6 7 8 9 9\nintr 5\n")
	check := func(text []byte, cpus []int, want Moment) {
		t.Helper()
		m := Moment{}
		ticks(text, cpus, m)
		require.Equal(t, want, m)
	}
	check(text, []int{0}, Moment{busyTicks: 19, stealTicks: 8})
	check(text, []int{0, 1}, Moment{busyTicks: 38, stealTicks: 16})
	check(text, []int{0, 2}, Moment{}) // one is offline
	check(text, nil, Moment{})
	check(text[:30], []int{0}, Moment{}) // cut short
}

func TestOfSeveralCPUsTheSlowestCounts(t *testing.T) {
	m := Moment{}
	slowest(2_000_000, 2_000_000, m)
	slowest(1_000_000, 4_000_000, m)
	slowest(3_000_000, 0, m)
	require.Equal(t, Moment{"cpu-frequency-hz": 1e9, "frequency-drop": 0.75}, m)
}

func TestTheRealHost(t *testing.T) {
	s := New("/")
	defer s.Close()
	who := Who{PID: os.Getpid(), CPUs: []int{0}}
	begin := s.Read(who, false, nil)
	started := time.Now()
	for time.Since(started) < 5*time.Millisecond { // some work to be counted
	}
	c := Between(begin, s.Read(who, true, nil), Window{NS: int64(time.Since(started)), CPUs: who.CPUs})
	for _, unit := range []string{"window-ns", "peak-RSS-bytes", "clock-step-ns", "cpu-user-ns"} {
		if _, ok := c[unit]; !ok {
			t.Errorf("%s is absent", unit)
		}
	}
	if c["peak-RSS-bytes"] <= 0 {
		t.Errorf("peak %v", c["peak-RSS-bytes"])
	}
}

func BenchmarkMoment(b *testing.B) {
	s := New("/")
	defer s.Close()
	who := Who{PID: os.Getpid(), CPUs: []int{0}}
	b.ReportAllocs()
	for b.Loop() {
		s.Read(who, true, nil)
	}
}

// BenchmarkEach says which source costs what.
func BenchmarkEach(b *testing.B) {
	s := New("/")
	defer s.Close()
	r := &Reader{Who: Who{PID: os.Getpid(), CPUs: []int{0}}, set: s}
	for _, c := range All() {
		b.Run(strings.ReplaceAll(c.Name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Read(r, Moment{})
			}
		})
	}
}
