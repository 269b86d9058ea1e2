package driver

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assaylab/assay/workloads/wire"
	"github.com/stretchr/testify/require"
)

// A fake is a trial that writes down what happens to it.
type fake struct {
	log         *[]string
	run, report error
	unit        string
}

func (f *fake) note(s string) { *f.log = append(*f.log, s) }

func (f *fake) Run() (int64, error) { f.note("run"); return 10, f.run }

func (f *fake) Report(r *Result) error {
	f.note("report")
	if f.unit != "" {
		r.Set(f.unit, 7)
	}
	return f.report
}

func (f *fake) Close() error { f.note("close"); return nil }

// workload declares one param of each kind and runs f.
func workload(f *fake) Workload {
	return Workload{
		Name: "fake", Benchmark: "Fake", Doc: "nothing", Examples: []string{"go run ./workloads/fake"},
		Metrics: []wire.Metric{{Unit: "widgets", Doc: "how many", Exact: true}},
		Declare: func(p *Params) Setup {
			var (
				i int64
				b int64
				d float64
				s string
				o bool
				t time.Duration
			)
			p.Int(&i, "number", "5", "an int", Min("1"), Max("9"))
			p.Bytes(&b, "size", "64MiB", "bytes")
			p.Float(&d, "share", "0.5", "a float")
			p.String(&s, "spread", "fixed", "a word", OneOf("fixed", "uniform"))
			p.Bool(&o, "switch", "false", "a switch")
			p.Duration(&t, "limit", "1m0s", "a duration")
			p.Check(func() error {
				if i == 7 && !o {
					return errors.New("-number=7 takes -switch")
				}
				return nil
			})
			p.Holds("-size", func() float64 { return float64(b) })
			return func(role string) (Trial, error) {
				f.note("setup " + role)
				return f, nil
			}
		},
	}
}

func TestWrongFlagsAreUsageErrorsAndStartNothing(t *testing.T) {
	check := func(want string, args ...string) {
		t.Helper()
		var log []string
		var out, errs bytes.Buffer
		code := workload(&fake{log: &log}).main(args, &out, &errs)
		if code != exitUsage || out.Len() > 0 || len(log) > 0 || !strings.Contains(errs.String(), want) {
			t.Errorf("%q: exit %d, stdout %q, %v, stderr %q; want exit 2 and %q", args, code, &out, log, &errs, want)
		}
	}
	check("not defined: -colour", "-colour=red")
	check(`"64MB" is not a size (a number and B, KiB, MiB, GiB or TiB`, "-size=64MB")
	check("0 is below the least, 1", "-number=0")
	check("10 is above the most, 9", "-number=1e1")
	check(`"normal" is not a level (fixed, uniform)`, "-spread=normal")
	check("write 0.5", "-share=half")
	check("write 100ms", "-limit=5")
	check("-switch", "-switch=perhaps")
	check(`argument "stray"`, "stray")
	check(`argument "-number=5"`, "--", "-number=5")
	check("there is only main", "-role=load")
	check("whole number from 1", "-count=0")
	check("write 5%", "-inject=5")
	check("-size: that is 1073741824.0 GiB in memory at once, and this machine has", "-size=1048576TiB")
	check("-number=7 takes -switch", "-number=7", "-count=3")
}

func TestOnlyWhoPrintsIsRepeated(t *testing.T) {
	cmd, out, errs := duoCommand(t, "-role=host", "-count=2")
	cmd.Run()
	require.Equal(t, exitUsage, cmd.ProcessState.ExitCode())
	require.Empty(t, out.String())
	require.Contains(t, errs.String(), "role host prints none")
}

func TestHelpAndDescriptionComeFromTheSameParams(t *testing.T) {
	var log []string
	w := workload(&fake{log: &log})
	var help, errs bytes.Buffer
	require.Equal(t, exitOK, w.main([]string{"-h"}, &help, &errs))
	d := w.Description()
	require.NoError(t, d.Validate())
	for _, p := range d.Params {
		if !strings.Contains(help.String(), "-"+p.Name+"="+p.Default) || !strings.Contains(help.String(), p.Allowed()) {
			t.Errorf("-h does not show %s, its default and its levels:\n%s", p.Name, &help)
		}
	}
	if !strings.Contains(help.String(), "go run ./workloads/fake") {
		t.Errorf("-h shows no example:\n%s", &help)
	}
	if !d.Metrics[0].Primary || d.Metrics[0].Unit != "ns/op" {
		t.Errorf("metrics %v: ns/op is primary where the workload names no other", d.Metrics)
	}
}

func TestHelpSaysWhyThereIsNoCourse(t *testing.T) {
	check := func(want, why string) {
		t.Helper()
		var log []string
		w := workload(&fake{log: &log})
		w.NoCourse = why
		var help, errs bytes.Buffer
		require.Equal(t, exitOK, w.main([]string{"-h"}, &help, &errs))
		require.Contains(t, help.String(), want)
		require.Equal(t, why, w.Description().NoCourse)
	}
	check("nothing where all of it goes by the clock", "")
	check("nothing here: it is one operation", "it is one operation")
}

func TestALineComesOnlyAfterAllWentWell(t *testing.T) {
	check := func(f fake, wantLog string, wantErr string) {
		t.Helper()
		var log []string
		f.log = &log
		w := workload(&f)
		o, err := w.parse(nil)
		require.NoError(t, err)
		var out bytes.Buffer
		err = w.trial(o, nil, &out)
		if got := strings.Join(log, " "); got != wantLog {
			t.Errorf("%q, want %q", got, wantLog)
		}
		if wantErr == "" {
			require.NoError(t, err)
			if !strings.Contains(out.String(), "\nUnit widgets assume=exact\nUnit peak-RSS-bytes better=lower\nBenchmarkFake\t10\t") {
				t.Errorf("printed %q", &out)
			}
			return
		}
		if err == nil || !strings.Contains(err.Error(), wantErr) || out.Len() > 0 {
			t.Errorf("%v and %q on stdout, want an error with %q and nothing", err, &out, wantErr)
		}
	}
	all := "setup main run report close"
	check(fake{unit: "widgets"}, all, "")
	check(fake{run: errors.New("lost an object")}, "setup main run close", "lost an object")
	check(fake{report: errors.New("wrong answer")}, all, "wrong answer")
	check(fake{unit: "gadgets"}, all, "gadgets is not declared")
	check(fake{unit: "ns/op"}, all, "ns/op is set twice")
}

func TestTheWindowLiesBetweenBeginAndEnd(t *testing.T) {
	h, child, err := wire.Pair()
	require.NoError(t, err)
	require.NoError(t, syscall.SetNonblock(int(child.Fd()), true))
	fd, err := syscall.Dup(int(child.Fd()))
	require.NoError(t, err)
	child.Close()
	control, err := wire.OpenControl(fd)
	require.NoError(t, err)

	var log []string
	f := &fake{log: &log, unit: "widgets"}
	w := workload(f)
	o, err := w.parse(nil)
	require.NoError(t, err)
	var out bytes.Buffer
	done := make(chan error, 1)
	go func() { done <- w.trial(o, control, &out) }()

	harness := wire.NewConn(h)
	defer harness.Close()
	// The workload waits for every answer, so its log may be read here.
	hear := func(word, wantLog string) {
		t.Helper()
		_, err := harness.Expect(word, time.Minute)
		require.NoError(t, err)
		if got := strings.Join(log, " "); got != wantLog {
			t.Errorf("at %q: %q, want %q", word, got, wantLog)
		}
	}
	hear(wire.MsgReady, "setup main")
	require.NoError(t, harness.Send(wire.MsgGo))
	hear(wire.MsgBegin, "setup main")
	require.NoError(t, harness.Send(wire.MsgOK))
	hear(wire.MsgEnd, "setup main run")
	require.NoError(t, harness.Send(wire.MsgOK))
	require.NoError(t, <-done)
	require.Equal(t, "setup main run report close", strings.Join(log, " "))
}

func TestAClosedStdoutIsAnError(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	r.Close()
	defer w.Close()
	var log []string
	var errs bytes.Buffer
	code := workload(&fake{log: &log}).main([]string{"-describe"}, w, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "broken pipe") {
		t.Errorf("exit %d, %q", code, &errs)
	}
}

func TestTheHeaderOfRepeatedProcessesIsPassedOnOnce(t *testing.T) {
	check := func(in string, header bool, want string) {
		t.Helper()
		var out bytes.Buffer
		require.NoError(t, passOn(strings.NewReader(in), &out, header))
		if out.String() != want {
			t.Errorf("%q, want %q", &out, want)
		}
	}
	text := "goos: linux\nUnit a better=lower\nBenchmarkA\t1\t2 a\n"
	check(text, true, text)
	check(text, false, "BenchmarkA\t1\t2 a\n")
	if err := passOn(strings.NewReader("goos: linux\n"), io.Discard, true); err == nil {
		t.Error("a process without a result line passed")
	}
}

// A slog takes some time over its one operation and says how much.
type slog struct{ took time.Duration }

func (s *slog) Run() (int64, error) {
	start := time.Now()
	for time.Since(start) < 10*time.Microsecond {
	}
	s.took = time.Since(start)
	return 1, nil
}

func (s *slog) Report(*Result) error { return nil }
func (s *slog) Close() error         { return nil }

func TestInjectionIsPartOfTheWindow(t *testing.T) {
	r := &Result{declared: Workload{}.metrics()}
	s := new(slog)
	require.NoError(t, measure(s, r, options{inject: 10}, []process{{pid: os.Getpid()}}, nil))
	// A bound, not a timing: the window holds Run and ten times as much.
	if r.Window < 11*s.took || r.values[unitOp] != float64(r.Window) {
		t.Errorf("a window of %v and %v ns/op around a run of %v", r.Window, r.values[unitOp], s.took)
	}
}
