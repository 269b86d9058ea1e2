package results

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func testPlan() plan.Plan {
	p := plan.Plan{Version: plan.Version, Spec: spec.Experiment{Name: "thp-gc"},
		Factors: []plan.Factor{{Key: "thp", Levels: []string{"never", "always"}}}}
	for i, l := range p.Factors[0].Levels {
		p.Cells = append(p.Cells, plan.Cell{Index: i, Arm: plan.ArmMain, Levels: map[string]string{"thp": l}})
	}
	return p
}

func attempt(n, number int, o sample.Outcome, taints ...sample.Taint) *sample.Sample {
	return &sample.Sample{
		N: n, Cell: n % 2, Attempt: number, Outcome: o, Taints: taints, Start: noon.Add(time.Duration(10*n+number) * time.Second),
		Lines: []sample.Line{{Name: "X", Iters: 1, Values: []sample.Value{{Value: float64(100*n + number), Unit: "ns/op"}}}},
	}
}

func create(t *testing.T) *Folder {
	t.Helper()
	f, err := Create(t.TempDir(), noon, testPlan(), "experiment: thp-gc\n\n", nil)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func (f *Folder) fill(t *testing.T) {
	t.Helper()
	require.NoError(t, f.Append(attempt(0, 1, sample.OK)))
	tainted := attempt(1, 1, sample.OK, sample.Taint{Kind: "steal"})
	require.NoError(t, f.Append(tainted))
	require.NoError(t, f.Append(attempt(2, 1, sample.Timeout)))
	require.NoError(t, f.Append(attempt(2, 2, sample.OK)))
	require.NoError(t, f.Adopt(tainted))
}

func text(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(b)
}

func TestTwoRunsInOneSecondGetTwoFolders(t *testing.T) {
	root := t.TempDir()
	a, err := Create(root, noon, testPlan(), "", nil)
	require.NoError(t, err)
	b, err := Create(root, noon, testPlan(), "", nil)
	require.NoError(t, err)
	require.NotEqual(t, a.Dir, b.Dir)
	require.Regexp(t, `/thp-gc/20261120T120000Z-[0-9a-f]{6}$`, a.Dir)
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	f := create(t)
	f.fill(t)
	r, err := Read(f.Dir)
	require.NoError(t, err)
	var got []string
	for _, s := range r.Chosen() {
		v, _ := s.Lines[0].Get("ns/op")
		got = append(got, fmt.Sprintf("%d#%d %s %v", s.N, s.Attempt, s.File, v))
	}
	require.Equal(t, []string{"0#1 samples.txt 1", "1#1 samples.txt 101", "2#2 samples.txt 202"}, got)
	want := "experiment: thp-gc\n\n" +
		"thp: never\nBenchmarkX 1 1 ns/op\n\nthp: never\nBenchmarkX 1 202 ns/op\n\nthp: always\nBenchmarkX 1 101 ns/op\n\n"
	if got := text(t, f.Dir, SamplesFile); got != want {
		t.Errorf("samples.txt:\n%s\nwant:\n%s", got, want)
	}
}

// Of the counters that are not kept in memory it stays known which taints they could
// have shown: evidence about the host stands on no line.
func TestWhatTaintsCouldBeSeenOutlivesTheCounters(t *testing.T) {
	f := create(t)
	for n := range 2 {
		s := attempt(n, 1, sample.OK)
		s.Counters = map[string]float64{"foreign-share": 0, "steal-share": 0.001, "wall-ns": 5}
		require.NoError(t, f.Append(s))
	}
	r, err := Read(f.Dir)
	require.NoError(t, err)
	for _, s := range r.Attempts {
		require.Nil(t, s.Counters)
		require.Equal(t, []string{"steal", "foreign-load"}, s.Looked)
	}
}

// A crash may cut any file at any byte after what was synced before; whatever
// the cut, reading gives a prefix of the attempts and going on loses at most one.
func TestCutAtEveryByteLosesAtMostTheLastAttempt(t *testing.T) {
	f := create(t)
	f.fill(t)
	trials, samples, rejected := text(t, f.Dir, TrialsFile), text(t, f.Dir, SamplesFile), text(t, f.Dir, RejectedFile)
	headEnd := strings.Index(trials, "\n") + 1
	for cut := headEnd; cut <= len(trials); cut++ {
		require.NoError(t, os.WriteFile(filepath.Join(f.Dir, TrialsFile), []byte(trials[:cut]), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(f.Dir, SamplesFile), []byte(samples), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(f.Dir, RejectedFile), []byte(rejected), 0o644))
		g, run, err := Continue(f.Dir)
		done := run.Attempts
		require.NoError(t, err, "cut at %d", cut)
		whole := strings.Count(trials[headEnd:cut], "\n")
		if want := min(whole, 4); len(done) != want { // the fifth line adopts the second attempt
			t.Fatalf("cut at %d: %d attempts, want %d", cut, len(done), want)
		}
		require.NoError(t, g.Append(attempt(3, 1, sample.OK)))
		require.NoError(t, g.Close())
		r, err := Read(f.Dir)
		require.NoError(t, err, "cut at %d, then gone on", cut)
		require.Len(t, r.Attempts, len(done)+1)
	}
}

func TestTextWithoutItsCommitIsCutOff(t *testing.T) {
	f := create(t)
	f.fill(t)
	before := text(t, f.Dir, SamplesFile)
	require.NoError(t, f.samples.append([]byte("thp: never\nBenchmarkX 1 99")))
	require.NoError(t, f.Close())
	_, run, err := Continue(f.Dir)
	done := run.Attempts
	require.NoError(t, err)
	require.Len(t, done, 4)
	require.Equal(t, before, text(t, f.Dir, SamplesFile))
}

// The two are synced at once: a line may outlive a crash that its text did not.
func TestACommitWithoutItsTextIsCutOff(t *testing.T) {
	check := func(name string, harm func(samples string, whole int) string) {
		t.Helper()
		f := create(t)
		f.fill(t)
		trials, whole := text(t, f.Dir, TrialsFile), len(text(t, f.Dir, SamplesFile))
		require.NoError(t, f.Append(attempt(3, 1, sample.OK)))
		require.NoError(t, f.Close())
		samples := text(t, f.Dir, SamplesFile)
		require.Greater(t, len(samples), whole)
		require.NoError(t, os.WriteFile(filepath.Join(f.Dir, SamplesFile), []byte(harm(samples, whole)), 0o644))
		g, run, err := Continue(f.Dir)
		require.NoError(t, err, name)
		require.NoError(t, g.Close())
		require.Len(t, run.Attempts, 4, name)
		require.Equal(t, samples[:whole], text(t, f.Dir, SamplesFile), name)
		require.Equal(t, trials, text(t, f.Dir, TrialsFile), name)
	}
	check("none of it", func(samples string, whole int) string { return samples[:whole] })
	check("a part", func(samples string, whole int) string { return samples[:len(samples)-1] })
	check("zeros in its place", func(samples string, whole int) string {
		return samples[:whole] + strings.Repeat("\x00", len(samples)-whole)
	})
}

// What was cut off a folder is said, sealed or not; nothing is said of a whole one.
func TestDamageIsNamed(t *testing.T) {
	check := func(stopped string, seal bool, harm func(dir string), want ...string) {
		t.Helper()
		f := create(t)
		f.fill(t)
		require.NoError(t, Session{Session: 1, Started: noon, Ended: noon, Stopped: stopped}.Log(f.Dir))
		require.NoError(t, f.Close())
		if seal {
			require.NoError(t, Seal(f.Dir))
		}
		harm(f.Dir)
		r, err := Read(f.Dir)
		require.NoError(t, err)
		got := r.Damage()
		if seal == (r.Unsealed() != "") {
			t.Errorf("sealed %v: %q", seal, r.Unsealed())
		}
		require.Len(t, got, len(want), "%q", got)
		for i := range want {
			require.Contains(t, got[i], want[i])
		}
	}
	nothing := func(string) {}
	cut := func(dir string) {
		path := filepath.Join(dir, TrialsFile)
		require.NoError(t, os.Truncate(path, int64(len(text(t, dir, TrialsFile))-5)))
	}
	check("1 of 1 block", true, nothing)
	check("1 of 1 block", false, nothing)
	check("1 of 1 block", true, cut, "trials.jsonl is cut in line 6", "not as it was sealed: trials.jsonl: changed")
	check("1 of 1 block", false, cut, "trials.jsonl is cut in line 6")
	check("the budget of 1s holds no further block, after 7 of 10", true, nothing, "made 7 blocks, and 1 stand")
	check("the precision of 3 % is reached after 20 blocks", true, nothing) // not told in whole blocks planned
}

func TestAChangedSampleIsNoticed(t *testing.T) {
	f := create(t)
	f.fill(t)
	path := filepath.Join(f.Dir, SamplesFile)
	changed := strings.Replace(text(t, f.Dir, SamplesFile), "1 1 ns/op", "1 9 ns/op", 1)
	require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
	_, err := Read(f.Dir)
	require.ErrorContains(t, err, "trial 0: its text in samples.txt has another checksum")
}

func TestAChangedPlanIsNoticed(t *testing.T) {
	f := create(t)
	path := filepath.Join(f.Dir, PlanFile)
	require.NoError(t, os.WriteFile(path, []byte(text(t, f.Dir, PlanFile)+" "), 0o644))
	_, err := Read(f.Dir)
	require.ErrorContains(t, err, "plan.json was changed")
}

func TestVerifyListsWhatDiffers(t *testing.T) {
	f := create(t)
	f.fill(t)
	require.NoError(t, WriteFile(f.Dir, "plots/a.svg", []byte("<svg/>")))
	require.NoError(t, Seal(f.Dir))
	diffs, err := Verify(f.Dir)
	require.NoError(t, err)
	require.Empty(t, diffs)
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "plots/a.svg"), []byte("<svg />"), 0o644))
	require.NoError(t, os.Remove(filepath.Join(f.Dir, RejectedFile)))
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "notes.txt"), nil, 0o644))
	diffs, err = Verify(f.Dir)
	require.NoError(t, err)
	require.Equal(t, []string{"notes.txt: not in the manifest", "plots/a.svg: changed", "rejected.txt: missing"}, diffs)
}

func TestASessionsLastLineHolds(t *testing.T) {
	f := create(t)
	require.NoError(t, Session{Session: 1, Started: noon}.Log(f.Dir))
	require.NoError(t, Session{Session: 1, Started: noon, Ended: noon.Add(time.Minute), Stopped: "SIGTERM"}.Log(f.Dir))
	require.NoError(t, Session{Session: 2, Started: noon.Add(time.Hour)}.Log(f.Dir))
	r, err := Read(f.Dir)
	require.NoError(t, err)
	require.Len(t, r.Sessions, 2)
	require.Equal(t, "SIGTERM", r.Sessions[0].Stopped)
	require.Empty(t, r.Sessions[1].Stopped)
}

func FuzzRead(f *testing.F) {
	seed := &sample.Sample{Outcome: sample.OK, File: SamplesFile}
	f.Add(`{"n":0,"cell":0,"file":"samples.txt","offset":0,"length":5,"crc":1}`+"\n", "thp: never\n")
	f.Add(fmt.Sprintf("%v", seed), "")
	f.Fuzz(func(t *testing.T, lines, samples string) {
		folder, err := Create(t.TempDir(), noon, testPlan(), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		folder.trials.append([]byte(lines))
		folder.samples.append([]byte(samples))
		folder.Close()
		if _, err := Read(folder.Dir); err != nil {
			return
		}
		if _, _, err := Continue(folder.Dir); err != nil {
			t.Errorf("read but could not be continued: %v", err)
		}
	})
}

// A line that a full disk cut short does not take the next one with it.
func TestATornSessionDoesNotTakeTheNextOneWithIt(t *testing.T) {
	f := create(t)
	require.NoError(t, Session{Session: 1, Started: noon}.Log(f.Dir))
	path := filepath.Join(f.Dir, SessionsFile)
	require.NoError(t, os.WriteFile(path, []byte(text(t, f.Dir, SessionsFile)+`{"session":1,"stop`), 0o644))
	require.NoError(t, Session{Session: 2, Started: noon}.Log(f.Dir))
	run, err := Read(f.Dir)
	require.NoError(t, err)
	require.Len(t, run.Sessions, 2)
	require.Equal(t, noon, run.Sessions[1].Started)
}

func TestAFullDiskIsSaidWithTheNextStep(t *testing.T) {
	file, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("there is no /dev/full here: %v", err)
	}
	defer file.Close()
	err = (&tail{file: file}).append([]byte("line\n"))
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, "append to /dev/full: write /dev/full: no space left on device (free some space, then go on with --resume)")
	require.Empty(t, next(os.ErrPermission, "x"))
}
