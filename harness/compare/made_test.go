package compare

import (
	"fmt"
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
	"github.com/assaylab/assay/workloads/wire"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// A made folder is a small run with one factor and an aa arm.
type made struct {
	experiment, source, kernel, version string
	levels                              []string // of thp
	fixed                               map[string]string
	blocks                              int
	factor                              float64 // on ns/op
	window                              sample.Window
	emulated                            bool
	seed                                uint64
	override                            spec.Override
	file                                string // the experiment's
}

func plain() made {
	return made{
		experiment: "thp-gc", source: strings.Repeat("a", 64), kernel: "6.1.0", version: "0.1.0",
		levels: []string{"never", "always"}, fixed: map[string]string{"gogc": "100"}, blocks: 10, factor: 1,
		window: sample.Measured, seed: 1,
	}
}

var metrics = []wire.Metric{
	{Unit: "ns/op", Doc: "wall", Better: wire.Lower, Primary: true},
	{Unit: "ops/s", Doc: "rate", Better: wire.Higher},
	{Unit: "procs", Doc: "procs", Exact: true},
}

func (m made) write(t *testing.T) string {
	t.Helper()
	p := plan.Plan{
		Version: plan.Version, Spec: spec.Experiment{Name: m.experiment, Workload: spec.Workload{Program: spec.Scalar{Text: "gc-churn"}}},
		SpecSHA256: strings.Repeat("c", 64), Fixed: m.fixed, Factors: []plan.Factor{{Key: "thp", Levels: m.levels}},
	}
	if m.override != (spec.Override{}) {
		p.Spec.Override, p.SpecSHA256 = m.override, strings.Repeat("d", 64)
	}
	for i, l := range append(m.levels, m.levels[0]) {
		arm := plan.ArmMain
		if i == len(m.levels) {
			arm = plan.ArmAA
		}
		p.Cells = append(p.Cells, plan.Cell{Index: i, Arm: arm, Levels: map[string]string{"thp": l}})
	}
	record := build.Record{
		Description: wire.Description{Name: "gc-churn", Metrics: metrics},
		Binaries:    []build.Binary{{Program: "gc-churn", SHA256: strings.Repeat("b", 64), Source: m.source}},
	}
	h := host.Host{Machine: "b676f319", Arch: "amd64", Kernel: m.kernel, GoVersion: "go1.26.0"}
	header := sample.Header([]sample.Config{
		{Key: "goarch", Value: h.Arch}, {Key: "kernel", Value: h.Kernel}, {Key: "go", Value: h.GoVersion}, {Key: "machine", Value: h.Machine},
		{Key: "experiment", Value: m.experiment}, {Key: "spec-sha256", Value: p.SpecSHA256}, {Key: "seed", Value: fmt.Sprint(m.seed)},
		{Key: "assay", Value: m.version}, {Key: "gogc", Value: m.fixed["gogc"]},
	}, metrics)
	f, err := results.Create(t.TempDir(), noon, p, header, func(dir string) error {
		if err := results.WriteJSON(dir, results.BuildsFile, record); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, results.ExperimentFile), []byte(m.file), 0o644); err != nil {
			return err
		}
		return results.WriteJSON(dir, filepath.Join(results.HostsDir, "host.json"), h)
	})
	require.NoError(t, err)
	defer f.Close()
	rng := rand.New(rand.NewPCG(m.seed, 1))
	n := 0
	for b := range m.blocks {
		for _, c := range p.Cells {
			v := 1000 * m.factor * math.Exp(0.01*rng.NormFloat64())
			s := sample.Sample{
				N: n, Block: b, Cell: c.Index, Attempt: 1, Env: "host", Session: 1, Outcome: sample.OK, Window: m.window, Emulated: m.emulated,
				Start: noon.Add(time.Duration(n) * time.Second),
				Lines: []sample.Line{{Name: "Churn", Iters: 1, Values: []sample.Value{{Value: v, Unit: "ns/op"}, {Value: 1e9 / v, Unit: "ops/s"}, {Value: 2, Unit: "procs"}}}},
			}
			require.NoError(t, f.Append(&s))
			n++
		}
	}
	require.NoError(t, results.Session{Session: 1, Version: m.version}.Log(f.Dir))
	return f.Dir
}

// file writes benchmark lines.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bench.txt")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// lines are n results of a benchmark at a scale, with noise of a share.
func lines(name string, n int, scale, noise float64, seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for range n {
		v := scale * math.Exp(noise*rng.NormFloat64())
		fmt.Fprintf(&b, "Benchmark%s 100 %.4f ns/op %.4f MB/s 16 B/op\n", name, v, 1e6/v)
	}
	return b.String()
}

func compared(t *testing.T, a, b string) Result {
	t.Helper()
	r, err := both(t, a, b)
	require.NoError(t, err)
	return r
}

func both(t *testing.T, a, b string) (Result, error) {
	t.Helper()
	x, err := Read(a)
	require.NoError(t, err)
	y, err := Read(b)
	require.NoError(t, err)
	return Compare(x, y)
}

func row(t *testing.T, r Result, name, metric string) Row {
	t.Helper()
	for _, x := range r.Rows {
		if x.Name() == name && x.Metric == metric {
			return x
		}
	}
	t.Fatalf("no row %s %s", name, metric)
	return Row{}
}
