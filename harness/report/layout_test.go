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
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/compare"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/testenv"
)

// commits are files of several machines and commits, as benchstat is used on:
// sub-benchmarks with keys, GOMAXPROCS suffixes, notes that vary, exact units.
func commits(seed uint64, slower float64) string {
	rng := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	b.WriteString("goos: linux\nUnit things assume=exact\n")
	for k := range 8 {
		fmt.Fprintf(&b, "note: run%d\n", k)
		for _, arch := range []string{"amd64", "arm64"} {
			fmt.Fprintf(&b, "goarch: %s\npkg: example.com/p\n", arch)
			for _, name := range []string{"Encode/format=json/size=4k-8", "Encode/format=gob/size=1k-8", "Decode/format=json/size=64k-16", "Bare"} {
				v := slower * math.Exp(0.02*rng.NormFloat64()) * float64(len(name))
				fmt.Fprintf(&b, "Benchmark%s 100 %.4g ns/op %d B/op %.3g MB/s 3 things\n", name, v, 16*len(name), 1000/v)
			}
		}
		b.WriteString("BenchmarkBroken 1 x ns/op\n")
	}
	return b.String()
}

// Every projection and filter gives the texts that benchstat gives.
func TestLayoutsAreBenchstats(t *testing.T) {
	bin := testenv.Benchstat(t)
	dir := t.TempDir()
	var paths []string
	for i, text := range []string{commits(1, 1), commits(2, 1.1), commits(3, 0.9)} {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("c%d.txt", i)))
		require.NoError(t, os.WriteFile(paths[i], []byte(text), 0o644))
	}
	all := []string{"old=" + paths[0], "new=" + paths[1], paths[2]}
	checked := 0
	check := func(files []string, q Query) {
		t.Helper()
		args := append(q.Args(files[0]), files[1:]...)
		var want, stderr bytes.Buffer
		cmd := exec.Command(bin, args...)
		cmd.Stdout, cmd.Stderr = &want, &stderr
		require.NoError(t, cmd.Run(), stderr.String())
		require.NotContains(t, stderr.String(), "benchstat:", "benchstat exits 0 on its own errors")
		require.NotEmpty(t, want.String())
		inputs, err := compare.Sources(files)
		require.NoError(t, err)
		l, err := LayOut(inputs, q, true)
		require.NoError(t, err, "%+v", q)
		var got strings.Builder
		require.NoError(t, WriteTables(&got, l.Tables))
		if fold(got.String()) != fold(want.String()) {
			t.Errorf("benchstat %q\n got\n%s\nwant\n%s", args, got.String(), want.String())
		}
		checked++
	}
	check(all, Query{Ignore: "note"})
	check(all[:2], Query{})
	check(all[:1], Query{Ignore: "note", Col: "goarch"})
	check(all[:2], Query{Table: "goarch", Row: ".name,/format", Col: ".file", Ignore: "note"})
	check(all, Query{Table: "goos", Row: "/size@num", Col: "/format,.file", Ignore: ".config"})
	check(all[:2], Query{Col: "/format@(gob json)", Row: "/size@alpha"})
	check(all, Query{Filter: ".unit:(ns/op OR B/op) AND -.name:Bare", Ignore: "note", Col: "/gomaxprocs"})
	check(all[:2], Query{Filter: `/size:/.*k/ goarch:amd64`, Table: "pkg", Row: ".fullname"})
	check([]string{paths[0], paths[0]}, Query{Ignore: "note"})
	require.Equal(t, 9, checked)
}

func laidOut(t *testing.T, q Query, texts ...string) (Layout, error) {
	t.Helper()
	var files []string
	for i, text := range texts {
		files = append(files, filepath.Join(t.TempDir(), fmt.Sprintf("f%d.txt", i)))
		require.NoError(t, os.WriteFile(files[i], []byte(text), 0o644))
	}
	inputs, err := compare.Sources(files)
	require.NoError(t, err)
	return LayOut(inputs, q, true)
}

func TestWhatCannotBeLaidOutIsAnError(t *testing.T) {
	check := func(want string, q Query, texts ...string) {
		t.Helper()
		if _, err := laidOut(t, q, texts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", q, err, want)
		}
	}
	one := "BenchmarkA 1 5 ns/op\n"
	check("no benchmark result", Query{}, "")
	check("no benchmark result", Query{}, one, "Nothing was measured.\n")
	check("passes the filter", Query{Filter: ".name:B"}, one)
	check("passes the filter", Query{Col: "thp@(never)"}, "thp: always\n"+one)
	check("--col thp@(never): no result has the key thp (there are .file, .fullname, .name)", Query{Col: "thp@(never)"}, one)
	check("--col nosuch: no result has the key nosuch (there are .file, .fullname, .name, /gomaxprocs, /size, thp)", Query{Col: "nosuch"}, "thp: always\nBenchmarkA/size=4-8 1 5 ns/op\n")
	check("--row .name,/mode: no result has the key /mode", Query{Row: ".name,/mode"}, "BenchmarkA/size=4 1 5 ns/op\n")
	check("layout of the tables", Query{Row: "a@"}, one)
	check("layout of the tables", Query{Table: ".unit"}, one)
	check("layout of the tables", Query{Ignore: "("}, one)
	check("filter of the tables", Query{Filter: "a:("}, one)
	check("token too long", Query{}, "BenchmarkA 1 5 "+strings.Repeat("x", 1<<20)+"\n")
}

// Damaged input is named; what is left is compared and no more is said of it
// than it carries.
func TestDamagedFilesAreLaidOutAsFarAsTheyGo(t *testing.T) {
	cut := commits(1, 1)
	l, err := laidOut(t, Query{Ignore: "note"}, cut[:len(cut)-9], "BenchmarkBare 1 NaN ns/op\nBenchmarkBare 1 0 ns/op\nBenchmarkBare 1 -4 ns/op\nBenchmarkBare 1 +Inf ns/op\nBenchmarkBare\n")
	require.NoError(t, err)
	require.NoError(t, LayoutText(new(strings.Builder), l, 80))
	if text := strings.Join(l.Warnings, "\n"); !strings.Contains(text, "f0.txt:") || !strings.Contains(text, "parsing measurement") {
		t.Errorf("the broken lines are not named: %s", text)
	}
	for _, r := range l.Rows {
		if r.Moved && min(r.A.N, r.B.N) < 4 {
			t.Errorf("%s moved on %d values against %d", r.Name(), r.A.N, r.B.N)
		}
	}
	g, err := l.Gate(0.03, []string{"ns/op"})
	if err == nil && g.Word == compare.Passes {
		t.Errorf("the gate passes on damaged data: %+v", g)
	}
}

// A doubling of lines doubles no evidence without being seen: they are ties.
func TestDoubledLinesAreWarnedOf(t *testing.T) {
	text := commits(1, 1)
	l, err := laidOut(t, Query{Filter: ".unit:ns/op", Ignore: "note"}, text+text, commits(2, 1))
	require.NoError(t, err)
	require.NotEmpty(t, l.Rows)
	for _, r := range l.Rows {
		if r.A.N != 16 || r.B.N != 8 {
			t.Errorf("%s: n %d+%d", r.Name(), r.A.N, r.B.N)
		}
	}
}

func FuzzLayout(f *testing.F) {
	f.Add("BenchmarkA 1 5 ns/op\n", "BenchmarkA 1 NaN ns/op\n", "goos", ".name", ".file", "note", "*")
	f.Add("thp: a\nBenchmarkA/x=1 1 5 ns/op 0 B/op\nthp: b\nBenchmarkA/x=1 1 -5 ns/op\n", "thp: a\n", ".config", "/x@num", "thp@(a b)", "", ".unit:ns/op")
	f.Fuzz(func(t *testing.T, a, b, table, row, col, ignore, filter string) {
		l, err := laidOut(t, Query{Table: table, Row: row, Col: col, Ignore: ignore, Filter: filter}, a, b)
		if err != nil {
			return
		}
		require.NoError(t, LayoutText(new(strings.Builder), l, 100))
		require.NoError(t, LayoutJSON(new(strings.Builder), l))
		l.Gate(0.03, nil)
	})
}

// thousands is 200,000 lines: 10,000 rows, 10 times, under two levels.
func thousands() string {
	rng := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("goos: linux\ngoarch: amd64\n\n")
	for range 10 {
		for i, thp := range []string{"never", "always"} {
			fmt.Fprintf(&b, "thp: %s\n", thp)
			for row := range 10_000 {
				fmt.Fprintf(&b, "BenchmarkRow%d 1 %.0f ns/op\n", row, 1e6*(1+0.02*float64(i))*math.Exp(0.03*rng.NormFloat64()))
			}
		}
	}
	return b.String()
}

// BenchmarkLayout is the command on 200,000 lines, a process a time, with the
// real benchstat on the same file in turn: both see the same hours of a machine.
func BenchmarkLayout(b *testing.B) {
	file := filepath.Join(b.TempDir(), "samples.txt")
	require.NoError(b, os.WriteFile(file, []byte(thousands()), 0o644))
	ours, theirs := filepath.Join(b.TempDir(), "assay"), testenv.Benchstat(b)
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", ours, "../cmd/assay").CombinedOutput()
	require.NoError(b, err, string(out))
	var took, base []float64
	peak := 0.0
	time1 := func(name string, args ...string) (seconds, bytes float64) {
		cmd := exec.Command(name, args...)
		start := time.Now()
		require.NoError(b, cmd.Run())
		return time.Since(start).Seconds(), float64(maxRSS(cmd))
	}
	for b.Loop() {
		s, _ := time1(theirs, "-col", "thp", file)
		base = append(base, s)
		s, rss := time1(ours, "compare", "--col", "thp", file)
		took, peak = append(took, s), max(peak, rss)
	}
	b.ReportMetric(1e9*sample.Median(took), "assay-ns")
	b.ReportMetric(1e9*sample.Median(base), "benchstat-ns")
	b.ReportMetric(sample.Median(took)/sample.Median(base), "assay/benchstat")
	b.ReportMetric(peak, "peak-RSS-bytes")
}

// maxRSS is of a command that ended, in bytes, and no less than this process
// had when it started it: an upper bound.
func maxRSS(cmd *exec.Cmd) int64 {
	return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}
