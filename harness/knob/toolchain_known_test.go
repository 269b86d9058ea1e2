package knob

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
)

func TestWhatTheToolchainDoesNotKnowIsNamed(t *testing.T) {
	tc := build.Toolchain{
		Root:        "/opt/go",
		Debugs:      map[string]string{"gctrace": "runtime", "netdns": "net", "cpu.avx2": "internal/cpu", "gocachehash": build.GoCommand},
		Experiments: []string{"greenteagc", "noswissmap"},
	}
	check := func(levels map[string]string, tc build.Toolchain, want ...Misfit) {
		t.Helper()
		got := Misfits(levels, tc)
		for i := range got {
			got[i].There = nil
		}
		require.Equal(t, want, got)
	}
	check(texts{"godebug.gctrace": "1", "load.godebug.netdns": "go", "goexperiment": "nogreenteagc", "thp": "never", "param.x": "1", "arm": "a"}, tc)
	check(texts{"godebug.gctrac": Default, "goexperiment": Default}, tc)
	check(texts{"godebug.gctrac": "1", "load.godebug.netdn": "go"}, build.Toolchain{})
	check(texts{"goexperiment": "noswissmap,regabi,nonoswissmap"}, tc)
	check(texts{"godebug.cpu.avx2": "off"}, tc)
	check(texts{"godebug.cpu.avx3": "off"}, tc,
		Misfit{Key: "godebug.cpu.avx3", Text: "cpu.avx3", Why: `the toolchain in /opt/go has no setting "cpu.avx3" of GODEBUG, and would ignore it`})
	check(texts{"godebug.gctrac": "1", "load.godebug.gocachehash": "1", "goexperiment": "greenteagc,nogreentea"}, tc,
		Misfit{Key: "godebug.gctrac", Text: "gctrac", Why: `the toolchain in /opt/go has no setting "gctrac" of GODEBUG, and would ignore it`},
		Misfit{Key: "goexperiment", Level: "greenteagc,nogreentea", Text: "greentea", Why: `the toolchain in /opt/go has no experiment "greentea"`},
		Misfit{Key: "load.godebug.gocachehash", Why: "only the go command reads gocachehash, and no workload does"})
	require.Contains(t, Misfits(texts{"godebug.gctrac": "1"}, tc)[0].There, "gctrace")

	require.Nil(t, Toolchain(texts{"gogc": "50", "toolchain": Default}))
	require.Equal(t, texts{"GOTOOLCHAIN": "go1.26.3"}, Toolchain(texts{"toolchain": "go1.26.3"}))
	require.Equal(t, texts{"GOROOT": "/opt/go"}, Toolchain(texts{"toolchain": "/opt/go"}))
}
