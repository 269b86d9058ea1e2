package knob

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
)

func TestWhatAPlanAddresses(t *testing.T) {
	p := planOf(texts{"gcflags": "-l", "param.goamd64": "v1"}, plan.Factor{Key: "goamd64", Levels: []string{"v1", "v2"}}, thpFactor)
	require.Equal(t, []string{"gcflags", "goamd64"}, BuildKeys(p))
	check := func(key string, want ...string) {
		t.Helper()
		require.Equal(t, want, Controllers(planOf(texts{key: "100"})), key)
	}
	check("io.weight", "io")
	check("load.io.weight", "io")
	check("pids.max", "pids")
	check("memory.max", "memory")
	check("param.io")
	check("gogc")
}
