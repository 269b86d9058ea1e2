package report

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/testenv"
)

// A made samples.txt with the plan it belongs to.
type made struct {
	plan plan.Plan
	text string
}

// factors lays out a full cross, controls last.
func factors(fs ...plan.Factor) plan.Plan {
	p := plan.Plan{Factors: fs}
	cells := []map[string]string{{}}
	for _, f := range fs {
		var next []map[string]string
		for _, c := range cells {
			for _, l := range f.Levels {
				n := map[string]string{f.Key: l}
				for k, v := range c {
					n[k] = v
				}
				next = append(next, n)
			}
		}
		cells = next
	}
	for i, c := range cells {
		p.Cells = append(p.Cells, plan.Cell{Index: i, Arm: plan.ArmMain, Levels: c})
	}
	return p
}

func withAA(p plan.Plan) plan.Plan {
	p.Cells = append(p.Cells, plan.Cell{Index: len(p.Cells), Arm: plan.ArmAA, Levels: p.Cells[0].Levels},
		plan.Cell{Index: len(p.Cells) + 1, Arm: plan.ArmPositive, Levels: p.Cells[0].Levels, Inject: 0.2})
	return p
}

// samples writes blocks of trials in random order; line gives what follows the
// configuration of one trial.
func samples(p plan.Plan, blocks int, line func(rng *rand.Rand, c plan.Cell) string) made {
	rng := rand.New(rand.NewPCG(11, 5))
	var b strings.Builder
	b.WriteString("goos: linux\nprogram: gc-churn\n\nUnit gc-mark-cpu-ns/cycle better=lower\nUnit gomaxprocs assume=exact\n\n")
	for range blocks {
		for _, i := range rng.Perm(len(p.Cells)) {
			c := p.Cells[i]
			if p.HasControls() {
				fmt.Fprintf(&b, "arm: %s\n", c.Arm)
			}
			for _, f := range p.Factors {
				fmt.Fprintf(&b, "%s: %s\n", f.Key, sample.Written(c.Levels[f.Key]))
			}
			b.WriteString(line(rng, c) + "\n")
		}
	}
	return made{p, b.String()}
}

func factorOf(p plan.Plan, c plan.Cell) float64 {
	v := 1.0
	for _, f := range p.Factors {
		for i, l := range f.Levels {
			if c.Levels[f.Key] == l {
				v *= 1 + 0.13*float64(i)
			}
		}
	}
	return v
}

// cases are the samples.txt that the comparison with benchstat runs over.
func cases() map[string]made {
	thp := plan.Factor{Key: "thp", Levels: []string{"never", "madvise", "always"}}
	gogc := plan.Factor{Key: "gogc", Levels: []string{"50", "100", "off"}}
	procs := plan.Factor{Key: "gomaxprocs", Levels: []string{"1", "2"}}
	heap := plan.Factor{Key: "param.live-heap", Levels: []string{"64MiB", "1GiB"}}
	quota := plan.Factor{Key: "cpu.max", Levels: []string{"50ms/100ms", "max"}}
	odd := plan.Factor{Key: "env.x", Levels: []string{"", "a b", "-v", "AND", `say "hi"`, "(x)", "k:v,w@z", "/p/"}}
	gc := func(p plan.Plan) func(*rand.Rand, plan.Cell) string {
		return func(rng *rand.Rand, c plan.Cell) string {
			v := factorOf(p, c) * math.Exp(0.02*rng.NormFloat64())
			return fmt.Sprintf("BenchmarkGCChurn 1 %.0f gc-mark-cpu-ns/cycle %.4g ns/op %.0f peak-RSS-bytes %d gomaxprocs %.2f MB/s\n",
				98.6e6*v, 431.7*v, 8.1e7*v*v, 2+c.Index%2, 812/v)
		}
	}
	out := map[string]made{}
	add := func(name string, p plan.Plan, blocks int, line func(plan.Plan) func(*rand.Rand, plan.Cell) string) {
		out[name] = samples(p, blocks, line(p))
	}
	add("one factor", factors(thp), 10, gc)
	add("one factor, controls", withAA(factors(thp)), 12, gc)
	add("two factors", factors(thp, gogc), 7, gc)
	add("three factors, controls", withAA(factors(quota, heap, procs)), 6, gc)
	add("few samples", factors(thp), 3, gc)
	add("one sample", factors(thp), 1, gc)
	add("nothing varies", factors(), 8, gc)
	add("one level only", factors(plan.Factor{Key: "thp", Levels: []string{"never"}}), 8, gc)
	add("odd levels", factors(odd, procs), 6, gc)
	columns := factors(thp, gogc)
	columns.Spec.Report = spec.Report{Columns: spec.Scalar{Text: "gogc"}}
	add("columns chosen", columns, 6, gc)
	add("zeros and ties", factors(thp), 8, func(p plan.Plan) func(*rand.Rand, plan.Cell) string {
		return func(rng *rand.Rand, c plan.Cell) string {
			return fmt.Sprintf("BenchmarkA 1 %d x-events 5 ties/op %d mixed\nBenchmarkB 1 0 x-events 5 ties/op %g mixed\n",
				rng.IntN(2)*c.Index, int(factorOf(p, c)*10), -1+2*rng.Float64())
		}
	})
	add("lines missing", factors(thp), 8, func(p plan.Plan) func(*rand.Rand, plan.Cell) string {
		return func(rng *rand.Rand, c plan.Cell) string {
			s := fmt.Sprintf("BenchmarkA/size=4k 1 %.3f ns/op\n", 10*factorOf(p, c)*math.Exp(0.01*rng.NormFloat64()))
			if c.Index != 1 {
				s += fmt.Sprintf("BenchmarkB 1 %.3f ns/op\n", 7e9*factorOf(p, c))
			}
			if c.Index == 2 {
				s += "BenchmarkC 1 3 ns/op\n"
			}
			return s
		}
	})
	add("exact that is not", factors(procs), 6, func(p plan.Plan) func(*rand.Rand, plan.Cell) string {
		return func(rng *rand.Rand, c plan.Cell) string {
			return fmt.Sprintf("BenchmarkA 1 %d gomaxprocs\n", 1+rng.IntN(2+c.Index))
		}
	})
	add("garbled lines", factors(thp), 6, func(p plan.Plan) func(*rand.Rand, plan.Cell) string {
		return func(rng *rand.Rand, c plan.Cell) string {
			return "BenchmarkA 1 x ns/op\n" + gc(p)(rng, c)
		}
	})
	return out
}

// fold puts one blank for any run of them, and drops them at line ends.
func fold(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func TestBenchstatTable(t *testing.T) {
	bin := testenv.Benchstat(t)
	for name, m := range cases() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "samples.txt")
			require.NoError(t, os.WriteFile(file, []byte(m.text), 0o644))
			q := queryOf(m.plan)
			var want, stderr bytes.Buffer
			cmd := exec.Command(bin, q.Args(file)...)
			cmd.Stdout, cmd.Stderr = &want, &stderr
			require.NoError(t, cmd.Run(), stderr.String())
			require.NotContains(t, stderr.String(), "benchstat:", "benchstat exits 0 on its own errors")
			require.NotEmpty(t, want.String(), stderr.String())

			tables, _, err := Tables(strings.NewReader(m.text), file, q)
			require.NoError(t, err)
			var got strings.Builder
			require.NoError(t, WriteTables(&got, tables))
			if fold(got.String()) != fold(want.String()) {
				t.Errorf("%s\n got\n%s\nwant\n%s", q.Command(file), got.String(), want.String())
			}
		})
	}
}

// The command in the report is read by a shell, not by exec.
func TestThePrintedCommandSurvivesAShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a shell")
	}
	for name, m := range cases() {
		q := queryOf(m.plan)
		line := strings.TrimPrefix(q.Command("dir with 'quotes'/samples.txt"), "benchstat ")
		out, err := exec.Command(sh, "-c", `printf '%s\0' `+line).Output()
		require.NoError(t, err)
		got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		require.Equal(t, q.Args("dir with 'quotes'/samples.txt"), got, name)
	}
}

func TestAQueryKeepsTheOrderOfLevels(t *testing.T) {
	check := func(p plan.Plan, want Query) {
		t.Helper()
		if got := queryOf(p); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	thp := plan.Factor{Key: "thp", Levels: []string{"never", "madvise", "always"}}
	heap := plan.Factor{Key: "param.live-heap", Levels: []string{"64MiB", "1GiB"}}
	check(factors(), Query{})
	check(factors(thp), Query{Col: "thp@(never madvise always)"})
	check(withAA(factors(thp)), Query{Filter: "arm:main", Col: "thp@(never madvise always)"})
	check(factors(thp, heap), Query{Row: "param.live-heap@(64MiB 1GiB),.fullname", Col: "thp@(never madvise always)"})

	included := factors(thp)
	included.Cells = append(included.Cells, plan.Cell{Index: 3, Arm: plan.ArmMain, Levels: map[string]string{"thp": "default"}})
	check(included, Query{Col: "thp@(never madvise always default)"})
}

func TestGarbledLinesAreWarnings(t *testing.T) {
	_, warnings, err := Tables(strings.NewReader("BenchmarkA 1 x ns/op\nBenchmarkA 1 5 ns/op\n"), "f.txt", Query{})
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "f.txt:1")
}

func FuzzTables(f *testing.F) {
	f.Add("BenchmarkA 1 5 ns/op\n", "thp@(a b)", "arm:main")
	f.Add("thp: a\narm: main\nUnit ns/op assume=exact\nBenchmarkA 1 0 ns/op -3 B/op\n", "thp", "*")
	f.Add("BenchmarkA 1 NaN x Inf y\n", ".file", "")
	f.Fuzz(func(t *testing.T, text, col, filter string) {
		tables, _, err := Tables(strings.NewReader(text), "f", Query{Col: col, Filter: filter})
		if err != nil {
			return
		}
		if err := WriteTables(new(strings.Builder), tables); err != nil {
			t.Error(err)
		}
	})
}

// hundredThousand is a file of 10,000 cells and 100,000 lines.
func hundredThousand() (made, Query) {
	param := plan.Factor{Key: "param.n"}
	for i := range 2500 {
		param.Levels = append(param.Levels, fmt.Sprint(i))
	}
	thp := plan.Factor{Key: "thp", Levels: []string{"default", "never", "madvise", "always"}}
	p := factors(thp, param)
	at := map[string]float64{"default": 1, "never": 1.1, "madvise": 0.9, "always": 1.2}
	m := samples(p, 10, func(rng *rand.Rand, c plan.Cell) string {
		return fmt.Sprintf("BenchmarkGCChurn 1 %.0f gc-mark-cpu-ns/cycle\n", 98.6e6*at[c.Levels["thp"]]*math.Exp(0.05*rng.NormFloat64()))
	})
	return m, queryOf(p)
}

func BenchmarkTables(b *testing.B) {
	m, q := hundredThousand()
	b.SetBytes(int64(len(m.text)))
	for b.Loop() {
		tables, _, err := Tables(strings.NewReader(m.text), "samples.txt", q)
		if err != nil || len(tables) != 1 || len(tables[0].Rows) != 2501 {
			b.Fatal(err, len(tables))
		}
		if err := WriteTables(new(strings.Builder), tables); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBenchstat is the yardstick: the real tool on the same file.
func BenchmarkBenchstat(b *testing.B) {
	m, q := hundredThousand()
	bin := testenv.Benchstat(b)
	file := filepath.Join(b.TempDir(), "samples.txt")
	require.NoError(b, os.WriteFile(file, []byte(m.text), 0o644))
	b.SetBytes(int64(len(m.text)))
	for b.Loop() {
		if err := exec.Command(bin, q.Args(file)...).Run(); err != nil {
			b.Fatal(err)
		}
	}
}
