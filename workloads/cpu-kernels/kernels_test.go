package main

import (
	"math"
	"math/bits"
	"testing"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/stretchr/testify/require"
)

func TestEveryKernelGivesItsKnownAnswerEveryTime(t *testing.T) {
	for name, k := range kernels {
		run, want := k.make()
		for i := range 3 {
			if got := run(); got != want {
				t.Errorf("%s, run %d: %#x, want %#x", name, i, got, want)
			}
		}
		if want == 0 {
			t.Errorf("%s: a digest of 0 is also that of doing nothing", name)
		}
	}
}

func TestAWrongAnswerFailsTheTrial(t *testing.T) {
	tr := &trial{name: "k", ops: 2, run: func() uint64 { return 7 }, want: 8}
	ops, err := tr.Run()
	require.NoError(t, err)
	if ops != 2 {
		t.Errorf("%d operations, want 2", ops)
	}
	require.ErrorContains(t, tr.Report(new(driver.Result)), "wrong answer: 2 runs of kernel k gave another digest than 0x8, the last 0x7")
}

func TestSortedDataAreAPermutationThatIsNotSorted(t *testing.T) {
	run, want := makeSort()
	require.Equal(t, want, run())
	if positions([]uint64{1, 0, 2}) == positions([]uint64{0, 1, 2}) {
		t.Error("the digest does not see an order")
	}
}

func TestBitsAreCountedAsOneByOne(t *testing.T) {
	check := func(w uint64, ones, zeros int) {
		t.Helper()
		if bits.OnesCount64(w) != ones || bits.TrailingZeros64(w) != zeros {
			t.Errorf("%#x: %d ones, %d zeros; want %d, %d", w, bits.OnesCount64(w), bits.TrailingZeros64(w), ones, zeros)
		}
	}
	check(0, 0, 64)
	check(1<<1, 1, 1)
	check((1<<32-1)<<32, 32, 32)
}

func TestDigitsForgiveTheLastBits(t *testing.T) {
	if digits(1.25) != digits(math.Nextafter(1.25, 2)) || digits(1.25) == digits(1.250002) {
		t.Error("six decimals are what counts")
	}
}
