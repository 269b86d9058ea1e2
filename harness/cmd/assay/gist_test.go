package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
	"github.com/assaylab/assay/workloads/wire"
)

// TestAGistSaysOfThePrecisionWhatWholeSamplesSay gives both the same attempts:
// failed, tainted and repeated ones among them.
func TestAGistSaysOfThePrecisionWhatWholeSamplesSay(t *testing.T) {
	e, err := spec.Parse("many.yaml", []byte(manyTrials))
	require.NoError(t, err)
	p := &prepared{description: wire.Description{Metrics: []wire.Metric{{Unit: "ns/op"}}}}
	p.plan, err = plan.New(e, 1)
	require.NoError(t, err)
	g, made, ctx := p.gist(), &churner{}, t.Context()
	var whole []sample.Sample
	commit := func(b plan.Block, t plan.Trial, number int, change func(*sample.Sample)) {
		s, _ := made.Try(ctx, run.Attempt{Cell: p.plan.Cells[t.Cell]})
		s.N, s.Block, s.Cell, s.Attempt = t.N, t.N/len(b.Trials), t.Cell, number
		change(&s)
		g.take(s)
		whole = append(whole, s)
	}
	fine := func(*sample.Sample) {}
	taint := func(s *sample.Sample) { s.Taints = []sample.Taint{{Kind: "steal"}} }
	fail := func(s *sample.Sample) { s.Outcome, s.Lines = sample.Timeout, nil }
	for _, b := range p.plan.Blocks[:40] {
		for _, t := range b.Trials {
			switch t.N % 4 {
			case 0:
				commit(b, t, 1, taint)
				commit(b, t, 2, fine)
			case 1:
				commit(b, t, 1, fail)
				commit(b, t, 2, taint)
				commit(b, t, 3, taint)
			default:
				commit(b, t, 1, fine)
			}
		}
	}
	want, ok := verdict.Precision(p.evidence(results.Run{Plan: p.plan, Attempts: whole}))
	require.True(t, ok)
	g.in.Main = g.main
	got, ok := verdict.Precision(g.in)
	require.True(t, ok)
	require.Equal(t, want, got)
	for _, s := range g.main {
		require.Len(t, s.Lines[0].Values, 2, "values that no claim is about are kept")
	}

	g.take(sample.Sample{N: 0, Block: -1, Outcome: sample.OK})
	require.Len(t, g.main, 160, "a warm-up is taken for a trial")
	knobs := map[string]sample.Standing{"gogc": {Word: "not in force", Why: "x"}, "cpus": {Word: "in force"}}
	require.Equal(t, map[string]sample.Standing{"gogc": knobs["gogc"]}, outOfForce(knobs))
}
