package knob

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
)

func TestWhatAPlanAddresses(t *testing.T) {
	p := planOf(texts{"gcflags": "-l", "param.goamd64": "v1"}, plan.Factor{Key: "goamd64", Levels: []string{"v1", "v2"}}, thpFactor)
	require.Equal(t, []string{"gcflags", "goamd64"}, BuildKeys(p))
	check := func(key string, want bool) {
		t.Helper()
		if got := LimitsDisks(planOf(texts{key: "100"})); got != want {
			t.Errorf("LimitsDisks of %s: %v", key, got)
		}
	}
	check("io.weight", true)
	check("load.io.weight", true)
	check("memory.max", false)
	check("param.io", false)
}
