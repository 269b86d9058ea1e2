package compare

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSourcesTakeLabelsAndFolders(t *testing.T) {
	dir, path := plain().write(t), file(t, lines("X", 3, 10, 0.1, 1))
	all, err := Sources([]string{"old=" + path, dir, path, path, "-"})
	require.NoError(t, err)
	var got []string
	for _, s := range all {
		got = append(got, s.Path())
	}
	require.Equal(t, []string{"old=" + path, dir + "=" + dir + "/samples.txt", path + "#0=" + path, path + "#1=" + path, "-=-"}, got)
	if all[1].Side == nil || all[1].Side.Facts["kernel"] != "6.1.0" || all[0].Side != nil {
		t.Errorf("a folder has facts and a file none: %+v", all[1].Side)
	}
	_, err = Sources([]string{t.TempDir()})
	require.ErrorContains(t, err, "not the folder of a run")
}

// Each line of samples.txt is told the block that it was measured in, and what
// else was set, whatever order attempts were committed in.
func TestLinesKnowTheirTrials(t *testing.T) {
	dir := plain().write(t)
	all, err := Sources([]string{dir})
	require.NoError(t, err)
	at := all[0].Trials([]string{"thp"})
	text, err := os.ReadFile(all[0].File)
	require.NoError(t, err)
	n, cells := 0, 3 // never, always, and the repeat of never
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		got, ok := at(i + 1)
		want := Trial{Block: n / cells, Rest: map[bool]string{true: "map[arm:aa]", false: "map[arm:main]"}[n%cells == 2]}
		if !ok || got != want {
			t.Errorf("line %d: %+v, want %+v", i+1, got, want)
		}
		n++
	}
	if n != 30 {
		t.Errorf("%d lines", n)
	}
	if _, ok := at(1); ok {
		t.Error("the head of the file is of no trial")
	}
}

// Columns of one run are held against each other within blocks: what wanders from
// block to block is in neither.
func TestColumnsOfARunAreComparedWithinBlocks(t *testing.T) {
	var base, of Column
	for b := range 12 {
		level := float64(1000 * (b + 1)) // each block another machine, nearly
		rest := []string{"x", "y"}
		for k, r := range rest {
			base.Values = append(base.Values, level*float64(1+k))
			of.Values = append(of.Values, level*float64(1+k)*(1.05+0.0001*float64(b)))
			base.Trials, of.Trials = append(base.Trials, Trial{b, r}), append(of.Trials, Trial{b, r})
		}
	}
	paired := Columns("", []Beside{{Row: "X", Unit: "sec/op", Base: base, Of: of, Metric: Metric{Better: "lower"}}})
	x := paired.Rows[0]
	if !x.Paired || !x.Moved || x.Way != Worse || *x.Lo < 1.049 || *x.Hi > 1.052 {
		t.Errorf("within blocks: %+v", x)
	}
	base.Trials, of.Trials = nil, nil
	unpaired := Columns("", []Beside{{Row: "X", Unit: "sec/op", Base: base, Of: of}})
	if y := unpaired.Rows[0]; y.Paired || y.Moved || *y.Lo > 1 {
		t.Errorf("the same, unpaired: %+v", y)
	}
	g, err := paired.Gate(0.03, nil)
	require.NoError(t, err)
	if g.Word != Fails {
		t.Errorf("the gate: %+v", g)
	}
}

// No gate passes on times of an emulated CPU, whatever they are.
func TestAGateCantTellOfAnEmulatedSide(t *testing.T) {
	m := plain()
	a := m.write(t)
	m.emulated, m.seed = true, 2
	r := compared(t, a, m.write(t))
	g, err := r.Gate(0.5, nil)
	require.NoError(t, err)
	if g.Word != TooWide || !strings.Contains(g.Why, "emulated") || g.Code() != 4 {
		t.Errorf("%+v", g)
	}
}

// A whole process and a measured window are never laid side by side.
func TestWindowsOfTwoKindsAreRefused(t *testing.T) {
	a := plain()
	b := plain()
	b.window = "process"
	all, err := Sources([]string{a.write(t), b.write(t)})
	require.NoError(t, err)
	_, err = Unlike([]Side{*all[0].Side, *all[1].Side})
	var refused Refusal
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, "never compared")
}
