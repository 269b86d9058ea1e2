package verdict

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// lose takes a cell's trials away from a block on: three attempts at each failed,
// and after three blocks it was given up.
func (in *Input) lose(cell, from, to int) {
	in.Main = slices.DeleteFunc(in.Main, func(s sample.Sample) bool { return s.Cell == cell && s.Block >= from })
	in.First = slices.Clone(in.Main)
	for b := from; b < to; b++ {
		s := trial(in.Plan, b, cell, 0)
		s.Lines = nil
		if b >= from+3 {
			s.Outcome, s.Error = sample.GivenUp, "given up after 9 failures in a row: oom: killed by the kernel"
			in.Failed = append(in.Failed, s)
			continue
		}
		for s.Attempt = 1; s.Attempt <= 3; s.Attempt++ {
			s.Outcome, s.Error = sample.OOM, "killed by the kernel"
			in.Failed = append(in.Failed, s)
		}
	}
}

func TestAClaimOnACellThatFailedThroughoutSaysSo(t *testing.T) {
	check := func(claims []spec.Claim, blocks int, why string) {
		t.Helper()
		in := lab(claims)
		in.fill(blocks, by(0.02, 1e6, 0.9e6))
		in.lose(1, 0, blocks)
		v := only(t, Judge(in))
		checkWord(t, v, Inconclusive)
		require.Equal(t, why, v.Why)
	}
	ratio := []spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")}
	check(ratio, 2, "all 6 attempts of thp=madvise failed: oom: killed by the kernel")
	check(ratio, 12, "thp=madvise: given up after 9 failures in a row: oom: killed by the kernel")
	check([]spec.Claim{claim("c", "thp=never", "thp=madvise|thp=always", "ratio < 1", "")}, 2, "all 6 attempts of thp=madvise failed: oom: killed by the kernel")
}

func TestAClaimOnACellThatWasGivenUpIsLeftOpen(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")})
	in.fill(60, by(0.02, 1e6, 0.9e6))
	in.lose(1, 50, 60)
	r := Judge(in)
	v := only(t, r)
	checkWord(t, v, Inconclusive)
	require.True(t, strings.HasPrefix(v.Why, "thp=madvise: given up after 9 failures in a row: oom: killed by the kernel; gc-mark-cpu-ns/cycle, "), v.Why)
	checkHas(t, "why", []string{v.Why}, "50 blocks")
	checkHas(t, "warnings", r.Warnings, "failures: attempts at 3 trials of thp=madvise failed (oom)")
	checkHas(t, "warnings", r.Warnings, "thp=madvise: given up after 9 failures in a row: oom: killed by the kernel; its other trials (7) were not started (mend it")

	// Another cell's is nobody's business.
	in = lab([]spec.Claim{claim("c", "thp=always", "thp=never", "ratio < 1.2", "")})
	in.fill(60, by(0.02, 1e6, 0.9e6))
	in.lose(1, 50, 60)
	checkWord(t, only(t, Judge(in)), Supported)
}

// Values without noise that agree stand, and the claim says that they end early.
func TestAnExactClaimOnACellThatWasGivenUpRemarksOnIt(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio == 1", "")})
	in.Metrics = []wire.Metric{{Unit: metric, Exact: true}}
	in.fill(20, func(int, int) float64 { return 5 })
	in.lose(1, 10, 20)
	v := only(t, Judge(in))
	checkWord(t, v, Supported)
	checkHas(t, "remarks", v.Remarks, "thp=madvise: given up after 9 failures in a row: oom: killed by the kernel (what was measured before agrees)")
}

func TestWhatAProgramSaysIsCutToOneSentence(t *testing.T) {
	long := brief(strings.Repeat("goroutine 1\n", 100))
	require.Equal(t, mostSaid+len(" ..."), len(long))
	require.NotContains(t, long, "\n")
	require.Equal(t, "short", brief("short"))
}
