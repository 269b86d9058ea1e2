package collect

import (
	"math"
	"testing"
)

// sound says of what a parser of garbage gave: finite counts, none below zero.
func sound(t *testing.T, c Moment) {
	t.Helper()
	for unit, v := range c {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			t.Errorf("%s is %v", unit, v)
		}
	}
}

func FuzzTicks(f *testing.F) {
	f.Add([]byte("cpu  1 1\ncpu0 1 2 3 4 5 6 7 8 9 9\ncpu1 1 2 3 4 5 6 7 8\nintr 5\n"))
	f.Add([]byte("cpu0 99999999999999999999 2 3 4 5 6 7 8\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := Moment{}
		ticks(text, []int{0, 1}, c)
		sound(t, c)
		if _, busy := c[busyTicks]; busy != (len(c) == 2) {
			t.Errorf("half of it: %v", c)
		}
	})
}

func FuzzSoftirqs(f *testing.F) {
	f.Add([]byte("   CPU0 CPU1\n TIMER: 1 2\nRCU: 3 4\n"))
	f.Add([]byte("CPU0\nTIMER:"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := Moment{}
		softirqs(text, []int{1}, c)
		sound(t, c)
	})
}

func FuzzEveryone(f *testing.F) {
	f.Add([]byte("5 60 700 \n"))
	f.Add([]byte("version 17\ncpu0 0 0 0 0 0 0 70 8 9\ndomain0 MC 3 1\ncpu1 0 0 0 0 0 0 9223372036854775807 80 90\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, parse := range []func([]byte, []int, Moment){usagePerCPU, runtimes} {
			c := Moment{}
			parse(text, []int{0, 1}, c)
			sound(t, c)
		}
	})
}

func FuzzLastCPU(f *testing.F) {
	f.Add(stat("a) (b", "3"))
	f.Fuzz(func(t *testing.T, text string) {
		if cpu, ok := lastCPU(text); cpu < 0 || !ok && cpu != 0 {
			t.Errorf("CPU %d", cpu)
		}
	})
}

func FuzzVmstat(f *testing.F) {
	f.Add([]byte("thp_fault_alloc 5\npswpin x\npswpout\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := Moment{}
		vmstat(text, c)
		sound(t, c)
	})
}

// FuzzProcessFiles is of the parsers of proc/PID, all on one text.
func FuzzProcessFiles(f *testing.F) {
	for _, name := range []string{"stat", "status", "smaps_rollup", "io", "task/7/schedstat", "task/7/status", "numa_maps"} {
		f.Add(host()["proc/7/"+name])
	}
	f.Add("7 (a")
	f.Add("N99999999999999999999=1 N0=-5 kernelpagesize_kB=4")
	f.Fuzz(func(t *testing.T, text string) {
		c := Moment{}
		processStat(text, c)
		schedstat(text, c)
		switches(text, c)
		storage(text, c)
		kibibytes(text, map[string]string{"VmHWM:": "peak-RSS-bytes"}, c)
		numaMaps(text, func(node int) bool { return node == 0 }, c)
		sound(t, c)
	})
}
