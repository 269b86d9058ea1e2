package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
)

func TestATerminalShowsTheBenchmarkOfAWarmUpAndTakesItAwayAgain(t *testing.T) {
	var out bytes.Buffer
	b := &bar{w: &out}
	b.hear("MapAccessHit/Key=int32")
	b.hear(strings.Repeat("x", 90))
	require.Equal(t, wipe+"benchmark 1: MapAccessHit/Key=int32"+wipe+"benchmark 2: "+strings.Repeat("x", mostHeard)+" ...", out.String())
	out.Reset()
	b.show(run.Progress{Trials: 4, Last: sample.Sample{Outcome: sample.OK}})
	require.True(t, strings.HasPrefix(out.String(), wipe), "%q", out.String())
	out.Reset()
	b.hear("Malloc16")
	require.True(t, strings.HasSuffix(out.String(), wipe+"benchmark 1: Malloc16"), "each attempt begins anew: %q", out.String())
	out.Reset()
	b.say("found")
	require.True(t, strings.HasPrefix(out.String(), wipe), "%q", out.String())
	require.True(t, strings.HasSuffix(out.String(), "found\n"), "%q", out.String())
}
