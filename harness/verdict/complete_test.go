package verdict

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

func TestWhatWasNotMeasuredIsNamed(t *testing.T) {
	in := sound()
	require.NoError(t, in.Complete())

	in.lose(1, 10, 20)
	require.EqualError(t, in.Complete(), "not measured to the end: thp=madvise (given up after 9 failures in a row: oom: killed by the kernel)")
	in.lose(1, 0, 2)
	in.lose(2, 0, 20)
	require.EqualError(t, in.Complete(), "no trial measured anything in: thp=madvise; thp=always (first failure: oom: killed by the kernel)")
	in.Failed = nil
	require.EqualError(t, in.Complete(), "no trial measured anything in: thp=madvise; thp=always (no attempt was made)")
	in.Untestable = map[int]string{1: "no root", 2: "no root"}
	require.NoError(t, in.Complete())
}

func TestAttemptsSayWhatFailedAndWhatIsGone(t *testing.T) {
	in := sound()
	feasible := map[int]string{2: "no root"}
	in.Untestable = feasible
	attempt := func(block, cell int, o sample.Outcome) sample.Sample {
		s := trial(in.Plan, block, cell, 0)
		s.Outcome, s.Error = o, string(o)
		return s
	}
	in.Take([]sample.Sample{
		attempt(-1, 0, sample.OOM), attempt(0, 0, sample.OOM), attempt(0, 0, sample.OK), attempt(1, 0, sample.Gone),
		attempt(0, 1, sample.Void), attempt(1, 1, sample.Gone),
	})
	var failed []sample.Outcome
	for _, s := range in.Failed {
		failed = append(failed, s.Outcome)
	}
	require.Equal(t, []sample.Outcome{sample.OOM, sample.Gone, sample.Void, sample.Gone}, failed, "no warm-up")
	require.Equal(t, map[int]string{1: "gone", 2: "no root"}, in.Untestable, "of cell 0 something was measured")
	require.Equal(t, map[int]string{2: "no root"}, feasible, "what was handed in stays")
}
