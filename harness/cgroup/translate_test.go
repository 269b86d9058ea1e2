package cgroup

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// there makes v1 writes into plain v1 files, showing limits as the kernel does.
func there(file, value string) (map[string]string, error) {
	writes, err := v1[file].write(value)
	if err != nil {
		return nil, err
	}
	files := map[string]string{"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"}
	for _, w := range writes {
		files[w.File] = w.Value
		if w.File == "memory.limit_in_bytes" && w.Value == "-1" {
			files[w.File] = "9223372036854771712"
		}
	}
	return files, nil
}

func back(file string, files map[string]string) (string, error) {
	return v1[file].read(func(name string) (string, error) {
		text, ok := files[name]
		if !ok {
			return "", fmt.Errorf("%s: %w", name, errors.ErrUnsupported)
		}
		return text + "\n", nil
	})
}

func TestValuesSurviveV1(t *testing.T) {
	check := func(file, value, want string) {
		t.Helper()
		files, err := there(file, value)
		if err != nil {
			t.Errorf("%s=%s: %v", file, value, err)
			return
		}
		if got, err := back(file, files); err != nil || got != want {
			t.Errorf("%s=%s reads back %q, %v, want %q", file, value, got, err, want)
		}
	}
	check("cpu.max", "max", "max 100000")
	check("cpu.max", "max 50000", "max 50000")
	check("cpu.max", "50000", "50000 100000")
	check("cpu.max", "150000 200000", "150000 200000")
	check("cpu.weight", "100", "100")
	check("memory.max", "max", "max")
	check("memory.max", "1073741824", "1073741824")
	check("memory.max", "9223372036854775807", "max") // the kernel knows no larger limit than none
	check("memory.swappiness", "0", "0")
	check("cpuset.cpus", "0-1,4", "0-1,4")
	check("pids.max", "max", "max")
	check("pids.max", "12", "12")
}

func TestWrongValuesAreRefusedBeforeTheKernel(t *testing.T) {
	check := func(file, value string) {
		t.Helper()
		if files, err := there(file, value); err == nil {
			t.Errorf("%s=%s becomes %v", file, value, files)
		}
	}
	check("cpu.max", "")
	check("cpu.max", "1 2 3")
	check("cpu.max", "-1 100000")
	check("cpu.weight", "0")
	check("cpu.weight", "10001")
	check("cpu.weight", "max")
	check("memory.max", "-1")
	check("memory.max", "1GiB")
	check("pids.max", "many")
}

func TestDefaultWeightIsDefaultShares(t *testing.T) {
	check := func(weight, shares string) {
		t.Helper()
		if got, err := weightToShares(weight); err != nil || got != shares {
			t.Errorf("weight %s is %s shares, %v, want %s", weight, got, err, shares)
		}
	}
	check("100", "1024")
	check("1", "10")
	check("10000", "102400")
	check("50", "512")
	check("33", "338") // 337.92
	check("51", "522") // 522.24
	for shares, weight := range map[string]string{"2": "1", "262144": "10000", "1023": "100"} {
		if got, err := sharesToWeight(shares); err != nil || got != weight {
			t.Errorf("%s shares are weight %s, %v, want %s", shares, got, err, weight)
		}
	}
}

func TestEveryWeightSurvivesV1(t *testing.T) {
	for w := 1; w <= 10000; w++ {
		want := strconv.Itoa(w)
		shares, err := weightToShares(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := sharesToWeight(shares); err != nil || got != want {
			t.Fatalf("weight %s becomes %s shares, reads back %s, %v", want, shares, got, err)
		}
	}
}

// FuzzTranslation holds every setting to: what v1 takes reads back as written,
// in the kernel's form of it.
func FuzzTranslation(f *testing.F) {
	for _, file := range []string{"cpu.max", "cpu.weight", "memory.max", "pids.max", "cpu.max.burst", "memory.swappiness"} {
		for _, value := range []string{"max", "100", "0100", "50000 100000", "max 1000", "9223372036854771711", "-1", ""} {
			f.Add(file, value)
		}
	}
	f.Fuzz(func(t *testing.T, file, value string) {
		if e, known := v1[file]; !known || e.write == nil || strings.HasPrefix(file, "cpuset.") {
			return
		}
		files, err := there(file, value)
		if err != nil {
			return
		}
		once, err := back(file, files)
		if err != nil {
			t.Fatalf("%s=%q: taken, but %v", file, value, err)
		}
		if file != "memory.max" && canonical(file, value) != once {
			t.Errorf("%s=%q reads back %q", file, value, once)
		}
		files, err = there(file, once)
		if err != nil {
			t.Fatalf("%s=%q, as read back: %v", file, once, err)
		}
		if twice, err := back(file, files); err != nil || twice != once {
			t.Errorf("%s=%q reads back %q, then %q, %v", file, value, once, twice, err)
		}
	})
}

// canonical is how the kernel shows a v2 value: numbers without leading zeros,
// a period always.
func canonical(file, value string) string {
	words := strings.Fields(value)
	for i, word := range words {
		if n, err := strconv.ParseUint(word, 10, 64); err == nil {
			words[i] = strconv.FormatUint(n, 10)
		}
	}
	if file == "cpu.max" && len(words) == 1 {
		words = append(words, "100000")
	}
	return strings.Join(words, " ")
}

func TestUsageIsSplitWithoutLoss(t *testing.T) {
	check := func(usage, user, system, wantUser, wantSystem uint64) {
		t.Helper()
		if u, s := splitUsage(usage, user, system); u != wantUser || s != wantSystem {
			t.Errorf("%d by %d:%d is %d and %d, want %d and %d", usage, user, system, u, s, wantUser, wantSystem)
		}
	}
	check(1000, 0, 0, 1000, 0)
	check(1000, 3, 1, 750, 250)
	check(1000, 0, 9, 0, 1000)
	check(0, 5, 5, 0, 0)
}

func TestPressureCountsSome(t *testing.T) {
	text := "some avg10=0.10 avg60=0.00 avg300=0.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=45\n"
	if got, ok := pressureTotal(text, "some"); !ok || got != 123000 {
		t.Errorf("%v, %v, want 123000 ns", got, ok)
	}
	if _, ok := pressureTotal("full avg10=0 total=1\n", "some"); ok {
		t.Error("a total without a line of some")
	}
}

func TestIOOfAllDevicesIsAddedUp(t *testing.T) {
	units := map[string]float64{}
	addIO("254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=5 dios=1\n8:0 rbytes=1 wbytes=0 rios=1 wios=0\n", units)
	want := map[string]float64{"io-read-bytes": 4097, "io-write-bytes": 8192, "io-reads": 2, "io-writes": 2}
	require.Equal(t, want, units)
	addIO("", units)
	require.Equal(t, 0.0, units["io-reads"], "a leaf that used no device has no lines")
}
