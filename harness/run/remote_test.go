package run

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// far gives a Remote whose other end is an executor, and what became of that end.
func far(t *testing.T, e Executor) (*Remote, net.Conn, <-chan error) {
	t.Helper()
	near, there := net.Pipe()
	t.Cleanup(func() { near.Close(); there.Close() })
	ended := make(chan error, 1)
	go func() { ended <- Serve(context.Background(), e, []string{"CPU 0 is shared"}, there) }()
	r, notes, err := Meet(near)
	require.NoError(t, err)
	require.Equal(t, []string{"CPU 0 is shared"}, notes)
	return r, near, ended
}

func TestRemoteTellsAllOfAnAttemptAndOfItsSample(t *testing.T) {
	asked := Attempt{
		Trial: plan.Trial{N: 3, Plot: 1, Step: 2, Side: 1, Cell: 4}, Block: 5, Number: 2,
		Cell: plan.Cell{Index: 4, Arm: plan.ArmPositive, Levels: map[string]string{"thp": "never"}, Inject: 0.05}, Nuisance: map[string]uint64{"layout": 1 << 60}, Timeout: time.Minute,
	}
	want := sample.Sample{
		Env: "host", Start: time.Now().UTC(), Wall: 1 << 60, Window: sample.Measured, Outcome: sample.OK, Counters: map[string]float64{"steal-share": 0.25},
		Standings: map[string]sample.Standing{"thp": {Word: "in force"}}, Taints: []sample.Taint{{Kind: "steal", Value: 1, Limit: 0.5, Unit: "x"}},
		Lines: []sample.Line{{Name: "GC/live=64MiB", Iters: 7, Values: []sample.Value{{Value: 12.5, Unit: "ns/op"}, {Value: 1 << 40, Unit: "peak-RSS-bytes"}}}},
	}
	var got Attempt
	r, _, ended := far(t, Single(func(_ context.Context, a Attempt) (sample.Sample, error) { got = a; return want, nil }))
	for range 2 {
		samples, err := r.Try(t.Context(), []Attempt{asked})
		require.NoError(t, err)
		require.Equal(t, []sample.Sample{want}, samples)
		require.Equal(t, asked, got)
	}
	require.NoError(t, r.End())
	require.NoError(t, <-ended)
}

func TestRemoteTellsWhyTheOtherEndCantGoOn(t *testing.T) {
	r, _, ended := far(t, Single(func(context.Context, Attempt) (sample.Sample, error) {
		return sample.Sample{}, errors.New("a leaf can't be removed")
	}))
	_, err := r.Try(t.Context(), []Attempt{{}})
	require.EqualError(t, err, "a leaf can't be removed")
	require.EqualError(t, <-ended, "a leaf can't be removed")
}

func TestAnExecutorThatIsGoneIsLost(t *testing.T) {
	r, near, ended := far(t, Single(func(context.Context, Attempt) (sample.Sample, error) { return sample.Sample{}, nil }))
	near.Close()
	var lost *Lost
	_, err := r.Try(t.Context(), []Attempt{{}})
	require.ErrorAs(t, err, &lost)
	require.ErrorAs(t, r.End(), &lost)
	require.Error(t, <-ended)
}

type stream struct {
	io.Reader
	io.Writer
}

func TestNonsenseIsLost(t *testing.T) {
	check := func(answer, why string) {
		t.Helper()
		r, _, err := Meet(stream{strings.NewReader("{}\n" + answer), io.Discard})
		require.NoError(t, err)
		_, err = r.Try(t.Context(), []Attempt{{}})
		var lost *Lost
		require.ErrorAs(t, err, &lost, answer)
		require.ErrorContains(t, err, why)
	}
	_, _, err := Meet(stream{strings.NewReader("bash: not found"), io.Discard})
	require.ErrorContains(t, err, "lost")
	_, _, err = Meet(stream{strings.NewReader(`{"error":"no cgroups"}`), io.Discard})
	require.EqualError(t, err, "no cgroups")
	check("", "EOF")
	check("kernel panic - not syncing", "invalid character")
	check(`{"samples":[]}`, "0 samples for a step of 1 trial")
	check(`{"samples":[{},{}]}`, "2 samples")
	check(`{"samples":[{"lines":"BenchmarkX 1 two ns/op\n"}]}`, "benchmark line")
}

func FuzzRemote(f *testing.F) {
	f.Add([]byte(`{"samples":[{"outcome":"ok","lines":"BenchmarkX 1 2 ns/op\n"}]}`))
	f.Add([]byte(`{"error":"no"}`))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		r, _, err := Meet(stream{strings.NewReader("{}\n" + string(answer)), io.Discard})
		require.NoError(t, err)
		samples, err := r.Try(t.Context(), []Attempt{{}})
		if (err == nil) != (len(samples) == 1) {
			t.Fatalf("%d samples and %v", len(samples), err)
		}
	})
}

func FuzzServe(f *testing.F) {
	f.Add([]byte(`{"step":[{"Block":1}]}` + "\n{}"))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, asked []byte) {
		Serve(t.Context(), Single(func(context.Context, Attempt) (sample.Sample, error) { return sample.Sample{}, nil }), nil, stream{strings.NewReader(string(asked)), io.Discard})
	})
}
