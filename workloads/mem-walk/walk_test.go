package main

import (
	"os"
	"testing"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/stretchr/testify/require"
)

func fieldOf(places, step int) *field {
	return &field{words: make([]uint64, places*step), step: step, places: places}
}

func TestAChaseIsOneCycleThroughAllPlaces(t *testing.T) {
	for _, places := range []int{2, 3, 7, 64, 1000} {
		f := fieldOf(places, 3)
		f.fillChase(1)
		seen, at := map[uint64]bool{}, uint64(0)
		for range places {
			if at%3 != 0 || seen[at] {
				t.Fatalf("%d places: word %d is not a place, or met twice", places, at)
			}
			seen[at] = true
			at = f.words[at]
		}
		if at != 0 {
			t.Errorf("%d places: not back at the start after as many steps", places)
		}
	}
}

func TestAChaseEndsAtTheKnownRank(t *testing.T) {
	f := fieldOf(100, 8)
	f.fillChase(2)
	for _, n := range []int64{0, 1, 99, 100, 101, 12345} {
		if got, want := f.wantChase(f.chase(0, n), n); got != want {
			t.Errorf("%d accesses end at rank %d, want %d", n, got, want)
		}
	}
	if got, want := f.wantChase(f.chase(0, 5), 6); got == want {
		t.Error("a missed access is not seen")
	}
}

func TestAStreamAddsUpToTheClosedForm(t *testing.T) {
	for _, places := range []int{2, 3, 100} {
		f := fieldOf(places, 2)
		f.fillStream()
		for _, n := range []int64{0, 1, 2, 3, 99, 100, 101, 250} {
			want := uint64(0)
			for i := range n {
				want += uint64(i % int64(places))
			}
			if got := f.stream(0, n); got != want || f.wantStream(n) != want {
				t.Errorf("%d places, %d accesses: stream %d, closed form %d, want %d", places, n, got, f.wantStream(n), want)
			}
		}
	}
}

func TestEveryKindOfMemoryWalks(t *testing.T) {
	check := func(memory, pattern string, lock bool) {
		t.Helper()
		c := &config{footprint: 1 << 20, pattern: pattern, stride: 64, accesses: 1000, memory: memory, lock: lock, touchCPU: -1, walkCPU: -1}
		tr, err := c.setup("main")
		require.NoError(t, err)
		_, err = tr.Run()
		require.NoError(t, err)
		w := tr.(*trial)
		if pattern == chase {
			got, want := w.wantChase(w.end, 1000)
			require.Equal(t, want, got)
		} else {
			require.Equal(t, w.wantStream(1000), w.end)
		}
		require.NoError(t, tr.Close())
	}
	check(heap, chase, false)
	check(heap, stream, true)
	check(mapped, chase, true)
	check(mapped, stream, false)
}

func TestAWrongWalkIsFound(t *testing.T) {
	c := &config{footprint: 1 << 20, pattern: stream, stride: 64, accesses: 1000, memory: heap, touchCPU: -1, walkCPU: -1}
	tr, err := c.setup("main")
	require.NoError(t, err)
	require.ErrorContains(t, tr.Report(new(driver.Result)), "wrong answer: the stream came to 0") // it never ran
}

func TestPlacesMustBeWordsAndFitTwice(t *testing.T) {
	for _, stride := range []int64{20, 4096} {
		err := (&config{footprint: 4096, stride: stride}).allow()
		require.ErrorContains(t, err, "-footprint=4KiB: want a multiple of 8 that fits twice")
	}
}

func TestAMappingHoldsThePagesThatAreTouched(t *testing.T) {
	check := func(memory string, stride int64, want float64) {
		t.Helper()
		c := &config{footprint: 1 << 40, stride: stride, memory: memory}
		require.Equal(t, want, c.held())
	}
	check(heap, 1<<30, 1<<40)
	check(mapped, 64, 1<<40)
	check(mapped, 1<<30, 1024*float64(os.Getpagesize()))
}

func TestACPUThatIsNotThereIsNamed(t *testing.T) {
	err := onCPU(65535, true, func() { t.Error("it ran") })
	require.ErrorContains(t, err, "bind a thread to CPU 65535")
}

const smaps = `00400000-00500000 r-xp 00000000 fe:01 1 /bin/x
AnonHugePages:         4 kB
c000000000-c000400000 rw-p 00000000 00:00 0
Size:               4096 kB
AnonHugePages:      2048 kB
c000400000-c004000000 ---p 00000000 00:00 0
AnonHugePages:      6144 kB
`

func TestHugePagesAreThoseOfTheFootprint(t *testing.T) {
	check := func(start, end uint64, want int64) {
		t.Helper()
		got, err := hugeBytes(smaps, start, end)
		require.NoError(t, err)
		if got != want {
			t.Errorf("%x to %x: %d, want %d", start, end, got, want)
		}
	}
	check(0xc000000000, 0xc000100000, 2048<<10)
	check(0xc000000000, 0xc000400000, 2048<<10) // the end is not inside
	check(0xc0003fffff, 0xc000400001, 8192<<10)
	check(0x10, 0x20, 0)
	_, err := hugeBytes("0-10 rw-p\nAnonHugePages: 5 MB\n", 0, 1)
	require.ErrorContains(t, err, `"5 MB", want a size in kB`)
}

func FuzzHugeBytes(f *testing.F) {
	f.Add(smaps)
	f.Add("0-10\nAnonHugePages: 99999999999999999999 kB\n")
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := hugeBytes(text, 0, 1<<63); err == nil && n%1024 != 0 {
			t.Errorf("%q gives %d", text, n)
		}
	})
}
