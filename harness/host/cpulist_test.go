package host

import (
	"slices"
	"testing"
)

func TestParseCPUsReadsTheKernelsLists(t *testing.T) {
	check := func(list string, want ...int) {
		t.Helper()
		got, err := ParseCPUs(list)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("ParseCPUs(%q) = %v, %v; want %v", list, got, err, want)
		}
	}
	check("")
	check("\n")
	check("0\n", 0)
	check("0-3", 0, 1, 2, 3)
	check("8,0-1, 1", 0, 1, 8)
	check("0-7:2/4", 0, 1, 4, 5)
}

func TestParseCPUsRefusesWhatIsNoList(t *testing.T) {
	for _, list := range []string{",", "1,", "-1", "3-1", "x", "0x1", "1-", "8192", "0-3:0/2", "0-3:3/2", "0-3:2", "+1", "99999999999999999999"} {
		if got, err := ParseCPUs(list); err == nil {
			t.Errorf("ParseCPUs(%q) = %v, want an error", list, got)
		}
	}
}

func FuzzParseCPUs(f *testing.F) {
	for _, s := range []string{"", "0", "0-3,8,10-11", "0-7:2/4", "3-1", ",", "1-2-3", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		cpus, err := ParseCPUs(list)
		if err != nil {
			return
		}
		if !slices.IsSorted(cpus) {
			t.Fatalf("%q: %v is not ascending", list, cpus)
		}
		text := FormatCPUs(cpus)
		again, err := ParseCPUs(text)
		if err != nil || !slices.Equal(cpus, again) || FormatCPUs(again) != text {
			t.Fatalf("%q: %v became %q, then %v, %v", list, cpus, text, again, err)
		}
	})
}

func FuzzParseCPUInfo(f *testing.F) {
	f.Add("processor\t: 0\nflags : sse\n\nprocessor: 1\n")
	f.Add("Hardware: x\nprocessor: 99999\n")
	f.Fuzz(func(t *testing.T, s string) {
		info := parseCPUInfo(s)
		info.level()
		for _, c := range info.numbers() {
			if c < 0 || c >= maxCPU {
				t.Fatalf("CPU %d", c)
			}
		}
	})
}
