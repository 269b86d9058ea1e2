package compare

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

func TestARunIsTheSameAsItsOwnSamples(t *testing.T) {
	dir := plain().write(t)
	r := compared(t, dir, filepath.Join(dir, results.SamplesFile))
	if len(r.Rows) != 6 || len(r.OnlyA)+len(r.OnlyB) > 0 {
		t.Fatalf("%d rows, want 6; only in A %v, in B %v", len(r.Rows), r.OnlyA, r.OnlyB)
	}
	for _, x := range r.Rows {
		if x.A != x.B || x.Moved || *x.Estimate != 1 {
			t.Errorf("%s %s: %+v", x.Name(), x.Metric, x)
		}
	}
	if len(r.Differences) > 0 {
		t.Errorf("differences: %v", r.Differences)
	}
	if !slices.ContainsFunc(r.Unknown, func(s string) bool { return strings.HasPrefix(s, "workload source (only A") }) {
		t.Errorf("what the file can't say is not named: %v", r.Unknown)
	}
}

func TestEveryDifferenceIsNamed(t *testing.T) {
	check := func(want string, change func(*made)) {
		t.Helper()
		m := plain()
		change(&m)
		m.seed = 2
		r := compared(t, plain().write(t), m.write(t))
		var got []string
		for _, d := range r.Differences {
			got = append(got, fmt.Sprintf("%s: %.8s, %.8s", d.What, d.A, d.B))
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("differences %q, want %q", text, want)
		}
	}
	check("", func(*made) {})
	check("workload source: aaaaaaaa, ffffffff", func(m *made) { m.source = strings.Repeat("f", 64) })
	check("kernel: 6.1.0, 6.12.1", func(m *made) { m.kernel = "6.12.1" })
	check("harness version: 0.1.0, 0.2.0", func(m *made) { m.version = "0.2.0" })
	check("emulation: false, true", func(m *made) { m.emulated = true })
	check("experiment: thp-gc, other", func(m *made) { m.experiment = "other" })
	check("gogc: 100, 200", func(m *made) { m.fixed = map[string]string{"gogc": "200"} })
}

func TestAnEffectIsFoundWithItsWay(t *testing.T) {
	m := plain()
	m.factor, m.seed = 1.10, 2
	r := compared(t, plain().write(t), m.write(t))
	for _, name := range []string{"Churn thp=never", "Churn thp=always"} {
		for metric, want := range map[string]float64{"ns/op": 1.10, "ops/s": 1 / 1.10} {
			x := row(t, r, name, metric)
			if !x.Moved || x.Way != Worse || math.Abs(*x.Estimate-want) > 0.02 || *x.Lo > want || *x.Hi < want {
				t.Errorf("%s %s: %s %v [%v, %v], want worse by %v", name, metric, x.Way, *x.Estimate, *x.Lo, *x.Hi, want)
			}
		}
	}
	if x := row(t, r, "Churn thp=never", "procs"); !x.Exact || x.Moved || x.P != nil {
		t.Errorf("an exact metric that did not change: %+v", x)
	}
	if r.M != 4 || r.Moved != 4 || r.Expected != alpha*4 {
		t.Errorf("m %d, moved %d, expected %v; want 4, 4, 0.2", r.M, r.Moved, r.Expected)
	}
	if r.Rows[0].Moved == false || r.Rows[len(r.Rows)-1].Moved {
		t.Error("what moved does not stand first")
	}
}

func TestALevelHeldFixedMeetsTheSameLevelVaried(t *testing.T) {
	text := "gogc: 100\n\nthp: never\n" + lines("Churn", 6, 1000, 0.01, 3) // a file without always
	r := compared(t, plain().write(t), file(t, text))
	if x := row(t, r, "Churn thp=never", "ns/op"); x.B.N != 6 || x.A.N != 10 {
		t.Errorf("%d and %d values", x.A.N, x.B.N)
	}
	if got := fmt.Sprint(r.OnlyA); got != "[Churn thp=never: ops/s, procs Churn thp=always: ns/op, ops/s, procs]" {
		t.Errorf("only in A: %s", got)
	}
}

func TestWithoutOverlapThereIsARefusal(t *testing.T) {
	check := func(want string, a, b string) {
		t.Helper()
		_, err := both(t, a, b)
		var refused Refusal
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want a refusal with %q", err, want)
		}
	}
	check("in common", file(t, lines("A", 3, 1, 0.1, 1)), file(t, lines("B", 3, 1, 0.1, 1)))
	m := plain()
	m.window = sample.Whole
	check("never compared", plain().write(t), m.write(t))
	m = plain()
	m.blocks = 0
	check("holds no benchmark result", plain().write(t), m.write(t))
}

// Two runs of one file that flags gave other designs differ in these, and not in the file.
func TestADesignByTheCommandLineIsSaidAsSuch(t *testing.T) {
	check := func(change func(*made), what, of, against string) {
		t.Helper()
		a, b := plain(), plain()
		a.file, b.file = "name: thp-gc\n", "name: thp-gc\n"
		b.override = spec.Override{Budget: spec.Duration(time.Minute)}
		change(&b)
		r := compared(t, a.write(t), b.write(t))
		require.Len(t, r.Differences, 1)
		if d := r.Differences[0]; d.What != what || d.A != of || d.B != against {
			t.Errorf("%+v", d)
		}
	}
	check(func(*made) {}, "design", "as in the file", "--budget 1m0s")
	check(func(m *made) { m.file = "name: other\n" }, "spec-sha256", strings.Repeat("c", 64), strings.Repeat("d", 64))
}

func TestAFolderThatIsNotWholeIsSaid(t *testing.T) {
	a, b := plain().write(t), plain().write(t)
	path := filepath.Join(b, results.TrialsFile)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path, info.Size()-5))
	r := compared(t, a, b)
	require.Len(t, r.Warnings, 1)
	require.Contains(t, r.Warnings[0], "B: the folder is not whole: trials.jsonl is cut in line ")
}

func TestWhatCantBeReadIsAnError(t *testing.T) {
	for _, path := range []string{"/nonexistent", t.TempDir(), file(t, ""), file(t, "no benchmark here\n")} {
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestBadValuesAreLeftOutAndSaid(t *testing.T) {
	good := lines("X", 5, 100, 0.01, 1)
	bad := good + "BenchmarkX 1 NaN ns/op\nBenchmarkX 1 +Inf ns/op\nBenchmarkX oops\nBenchmarkZ 1 0 ns/op\n"
	r := compared(t, file(t, good+"BenchmarkZ 1 0 ns/op\n"), file(t, bad))
	if x := row(t, r, "X", "ns/op"); x.B.N != 5 || x.A != x.B {
		t.Errorf("%+v against %+v", x.A, x.B)
	}
	if len(r.Warnings) != 2 || !strings.Contains(strings.Join(r.Warnings, "\n"), "(NaN, infinite) are left out: 2") {
		t.Errorf("warnings %q", r.Warnings)
	}
	x := row(t, r, "Z", "ns/op")
	if x.Quantity != "difference" || x.Moved || x.Lo != nil || len(x.Warnings) == 0 {
		t.Errorf("zeros, one a side: %+v", x)
	}
}

func TestTheSuffixIsNoPartOfAName(t *testing.T) {
	four, eight := lines("X-4", 6, 100, 0.01, 1), lines("X-8", 6, 100, 0.01, 2)
	r := compared(t, file(t, four), file(t, eight))
	row(t, r, "X", "ns/op")
	if len(r.Differences) != 1 || r.Differences[0].What != procs || r.Differences[0].A != "4" || r.Differences[0].B != "8" {
		t.Errorf("differences %v", r.Differences)
	}
	r = compared(t, file(t, four+eight+lines("X", 6, 100, 0.01, 3)), file(t, eight))
	if x := row(t, r, "X /gomaxprocs=8", "ns/op"); x.A.N != 6 {
		t.Errorf("%d values", x.A.N)
	}
	if len(r.OnlyA) != 2 || r.OnlyA[1].Name != "X /gomaxprocs=1" {
		t.Errorf("only in A: %v", r.OnlyA)
	}
}

func TestUnitsMeetByWhatTheyMean(t *testing.T) {
	a := file(t, strings.Repeat("BenchmarkX 1 2000000000 ns/op\n", 4))
	b := file(t, strings.Repeat("BenchmarkX 1 3 sec/op\n", 4))
	if x := row(t, compared(t, a, b), "X", "ns/op"); x.B.Median != 3e9 || *x.OfMedians != 1.5 {
		t.Errorf("%+v", x)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("BenchmarkX-8 1 2 ns/op\n")
	f.Add("goos: linux\nthp: a\nBenchmarkX/k=v 1 NaN ns/op 1e309 B/op\nthp:\nBenchmarkX 2 0 x-ns\n")
	f.Add("Unit ns/op better=higher\nUnit y assume=exact\nBenchmark 1 1 y 2 y\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parse(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		r, err := Compare(s, s)
		if err != nil {
			t.Fatalf("a file and itself: %v", err)
		}
		if r.Moved > 0 || len(r.OnlyA)+len(r.OnlyB) > 0 {
			t.Fatalf("a file moved against itself: %+v", r)
		}
	})
}

func TestWhatOneSideLacksIsSaid(t *testing.T) {
	s := Side{Path: "DIR"}
	s.failures(results.Run{Attempts: []sample.Sample{
		{N: 0, Outcome: sample.OK}, {N: -1, Block: -1, Outcome: sample.OOM}, {N: 1, Outcome: sample.OOM}, {N: 1, Attempt: 2, Outcome: sample.Void},
		{N: 2, Outcome: sample.GivenUp},
	}})
	require.Equal(t, []string{
		"1 trial not started: what failed too often in a row was given up (assay report DIR says which)",
		"1 of 2 attempts failed: what they would have measured is missing from one side only (assay report DIR says why)",
	}, s.Warnings)
}
