package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
	"github.com/assaylab/assay/workloads/wire"
)

// badData is the experiment whose folders are spoilt: its claim is plainly true.
const badData = `name: bad
question: What is said of data that can't carry a verdict?
workload: {program: gc-churn}
knobs: {gogc: [50, 100]}
design: {blocks: 12, controls: {aa: {gogc: 50}}}
claims:
  - id: slower
    source: {title: A test, section: "1"}
    says: Nothing.
    compare: {metric: ns/op, of: {gogc: 50}, to: {gogc: 100}}
    direction: ratio > 1
`

// folderOf is the folder of a run in which change has a look at every sample
// before it is written down; false leaves it out.
func folderOf(t *testing.T, change func(*sample.Sample) bool) string {
	t.Helper()
	e, err := spec.Parse("bad.yaml", []byte(badData))
	require.NoError(t, err)
	p := &prepared{text: []byte(badData), hosts: map[string]host.Host{environment: {}}, description: wire.Description{Metrics: []wire.Metric{{Unit: "ns/op", Better: wire.Lower, Primary: true}}}}
	p.plan, err = plan.New(e, 1)
	require.NoError(t, err)
	l := &lab{stdout: new(bytes.Buffer), stderr: new(bytes.Buffer)}
	r, err := l.open(p, build.Record{Description: p.description}, nil, runFlags{results: t.TempDir(), quiet: true})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(81, 1))
	for b, block := range p.plan.Blocks {
		for _, trial := range block.Trials {
			v := 1e6 * (1 + 0.01*rng.NormFloat64())
			if p.plan.Cells[trial.Cell].Levels["gogc"] == "50" {
				v *= 1.2
			}
			s := sample.Sample{
				N: trial.N, Block: b, Cell: trial.Cell, Attempt: 1, Env: environment, Session: 1, Start: time.Unix(1e9+int64(trial.N), 0).UTC(),
				Window: sample.Measured, Outcome: sample.OK,
				Lines: []sample.Line{{Name: "GCChurn", Iters: 1, Values: []sample.Value{{Value: v, Unit: "ns/op"}}}},
			}
			if change == nil || change(&s) {
				require.NoError(t, r.Append(&s))
			}
		}
	}
	require.NoError(t, r.close())
	return r.folder.Dir
}

// reported is the only verdict on a folder, the whole report, and the error that
// the command would end with.
func reported(t *testing.T, dir string) (verdict.Verdict, string, error) {
	t.Helper()
	var out bytes.Buffer
	l := &lab{stdout: &out, stderr: &out}
	a, err := l.analyse(dir)
	if err != nil {
		return verdict.Verdict{}, "", err
	}
	require.NoError(t, a.write())
	require.NoError(t, a.terminal(&out))
	require.Len(t, a.input.Verdicts.Verdicts, 1)
	return a.input.Verdicts.Verdicts[0], out.String(), a.exit(false)
}

func value(v float64) func(*sample.Sample) {
	return func(s *sample.Sample) { s.Lines[0].Values[0].Value = v }
}

// at changes one trial and keeps all.
func at(n int, change func(*sample.Sample)) func(*sample.Sample) bool {
	return func(s *sample.Sample) bool {
		if s.N == n {
			change(s)
		}
		return true
	}
}

func TestDataThatCarryNoVerdictGetNone(t *testing.T) {
	check := func(name string, change func(*sample.Sample) bool, word verdict.Word, why, ends string) {
		t.Run(name, func(t *testing.T) {
			v, text, err := reported(t, folderOf(t, change))
			if v.Word != word || !strings.Contains(v.Why, why) || !strings.Contains(text, why) {
				t.Errorf("%s (%s), want %s (%s), in the report too", v.Word, v.Why, word, why)
			}
			if ends == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, ends)
			}
		})
	}
	check("sound", nil, verdict.Supported, "12 blocks; inside ratio > 1", "")
	check("NaN", at(7, value(math.NaN())), verdict.Inconclusive, "ns/op is NaN in trial 7", "")
	check("infinite", at(7, value(math.Inf(1))), verdict.Inconclusive, "ns/op is +Inf in trial 7", "")
	check("zero", at(7, value(0)), verdict.Inconclusive, "ns/op is 0 in trial 7 (", "")
	check("negative", at(7, value(-5)), verdict.Inconclusive, "a ratio needs all values above 0", "")
	check("one block", func(s *sample.Sample) bool { return s.Block == 0 }, verdict.Inconclusive, "needs >= 6 blocks at this level", "")
	check("no block", func(s *sample.Sample) bool { return false }, verdict.Inconclusive, "no samples", "no attempt was made")
	check("one arm only", func(s *sample.Sample) bool { return s.Cell == 0 }, verdict.Inconclusive, "no samples", "no trial measured anything in: ")
	check("all failed", func(s *sample.Sample) bool {
		s.Outcome, s.Lines, s.Error = sample.Timeout, nil, "no answer within 60s"
		return true
	}, verdict.Inconclusive, "all 12 attempts of gogc=50 failed: timeout: no answer within 60s", "first failure: timeout: no answer within 60s")
	check("another unit", func(s *sample.Sample) bool {
		s.Lines[0].Values[0].Unit = "MB/s"
		return true
	}, verdict.Inconclusive, "no trial printed ns/op (they printed MB/s)", "")
	check("no lines", func(s *sample.Sample) bool {
		s.Lines = nil
		return true
	}, verdict.Inconclusive, "no trial printed ns/op", "")
	check("one trial under two numbers", func(s *sample.Sample) bool {
		if s.Block == 5 {
			s.Block = 4
		}
		return true
	}, verdict.Inconclusive, "two samples of ", "")
}

// spoil changes a file of a folder.
func spoil(t *testing.T, dir, name string, change func(string) string) {
	t.Helper()
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(change(string(text))), 0o644))
}

func TestAFolderThatWasCutIsReadUpToThere(t *testing.T) {
	dir := folderOf(t, nil)
	spoil(t, dir, results.SamplesFile, func(s string) string { return s[:len(s)-10] })
	v, _, err := reported(t, dir)
	require.NoError(t, err)
	require.Equal(t, verdict.Supported, v.Word)
	require.LessOrEqual(t, v.Sides[0].N, 12)

	spoil(t, dir, results.SamplesFile, func(s string) string { return s[:len(s)/2] })
	_, _, err = reported(t, dir)
	require.ErrorContains(t, err, "the folder was changed after the run; assay verify lists what differs")

	spoil(t, dir, results.SamplesFile, func(string) string { return "" })
	_, _, err = reported(t, dir)
	require.ErrorContains(t, err, results.TrialsFile+": line 2")
}

func TestTrialsThatStandTwiceCountOnce(t *testing.T) {
	dir := folderOf(t, nil)
	before, _, err := reported(t, dir)
	require.NoError(t, err)
	spoil(t, dir, results.TrialsFile, func(s string) string {
		_, attempts, _ := strings.Cut(s, "\n")
		return s + attempts
	})
	after, _, err := reported(t, dir)
	require.NoError(t, err)
	require.Equal(t, before.Why, after.Why)
	require.Equal(t, before.P, after.P)
}
