package spec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFewestBlocksForAFiniteInterval(t *testing.T) {
	var fixed Design
	for _, c := range []struct{ from, to, want int }{{1, 1, 6}, {2, 3, 7}, {4, 6, 8}, {7, 12, 9}, {13, 25, 10}, {26, 51, 11}, {52, 102, 12}} {
		for m := c.from; m <= c.to; m++ {
			if got := fixed.FewestBlocks(m); got != c.want {
				t.Errorf("m = %d: got %d, want %d", m, got, c.want)
			}
		}
	}
	if none, most := fixed.FewestBlocks(0), fixed.FewestBlocks(maxTrials); none != 6 || most > 30 {
		t.Errorf("the ends: %d, %d", none, most)
	}
}

func TestBlocksFitTheNumberOfSubClaims(t *testing.T) {
	check := func(blocks, direction, each string, want string) {
		t.Helper()
		text := strings.NewReplacer("blocks: 10", "blocks: "+blocks, "direction: ratio < 1", direction, "to: {thp: never}", "to: {thp: never}"+each).Replace(small)
		e, err := Parse("small.yaml", []byte(text))
		require.NoError(t, err)
		_, err = Check(e, lab{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s blocks: got %v, want %q", blocks, err, want)
		}
	}
	both := "direction: ratio < 1\n    magnitude: ratio within 0.7..0.9"
	check("6", "direction: ratio < 1", "", "")
	check("5", "direction: ratio < 1", "", "5 blocks can't decide 1 sub-claims")
	check("6", both, "", "6 blocks can't decide 2 sub-claims")
	check("7", both, "", "")
	check("7", both, ", each: [gogc]", "7 blocks can't decide 4 sub-claims")
	check("7", both, ", each: [gogc]", "\nallowed: 8 or more")
	check("8", both, ", each: [gogc]", "")
}

func TestExactClaimsNeedThreeBlocksAndNoMore(t *testing.T) {
	text := `name: x
workload: {program: procs}
knobs: {cpus: [1, 2]}
design: {blocks: 3}
claims:
  - id: a
    compare: {metric: procs, of: {cpus: 1}}
    predict: value == 1 procs
`
	load(t, "x.yaml", text)
	few, err := Parse("x.yaml", []byte(strings.Replace(text, "blocks: 3", "blocks: 2", 1)))
	require.NoError(t, err)
	if _, err := Check(few, lab{}); err == nil || !strings.Contains(err.Error(), "x.yaml:4:18: 2 blocks can't decide an exact value") {
		t.Errorf("got %v", err)
	}
	noisy := strings.Replace(strings.Replace(text, "metric: procs", "metric: wall-ns", 1), "1 procs", "1 ms", 1)
	e, err := Parse("x.yaml", []byte(noisy))
	require.NoError(t, err)
	if _, err := Check(e, lab{}); err == nil || !strings.Contains(err.Error(), "x.yaml:4:18: 3 blocks can't decide 1 sub-claims") {
		t.Errorf("got %v", err)
	}
}

func TestSelectionsMeetLevelsInCanonicalText(t *testing.T) {
	text := strings.NewReplacer("isolation: {memory.max: 2GiB}", "exclude: [{memory.max: 1024MiB, thp: always}]",
		"gogc: [50, 100]", "memory.max: [1GiB, 2048MiB]").Replace(small)
	e := load(t, "small.yaml", text)
	if got := e.Exclude[0].String(); got != "memory.max=1GiB thp=always" {
		t.Errorf("exclude is %q", got)
	}
	before, err := Parse("small.yaml", []byte(text))
	require.NoError(t, err)
	_, err = Check(before, lab{})
	require.NoError(t, err)
	if got := texts(before.Knobs[1].Levels) + " " + before.Exclude[0].String(); got != "1GiB 2048MiB memory.max=1024MiB thp=always" {
		t.Errorf("Check changed what it was given: %s", got)
	}
}

func TestPartsComeInOrder(t *testing.T) {
	r := &Relation{}
	var names []string
	for _, p := range (Claim{Predict: r, Direction: r, Magnitude: r}).Parts() {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "direction magnitude predict" {
		t.Errorf("got %s", got)
	}
}

func TestAHugeMatrixIsRefusedWithoutBeingMade(t *testing.T) {
	var knobs strings.Builder
	for range 60 { // 2^60 cells and more
		knobs.WriteString("  env.A" + strings.Repeat("x", knobs.Len()%97) + strings.Repeat("y", knobs.Len()/97) + ": [1, 2]\n")
	}
	errs := refused(t, "name: small\nworkload: {program: procs}\nknobs:\n"+knobs.String())
	if got := errs[0].Msg; !strings.HasSuffix(got, "the matrix has over 10,000 cells") || errs[0].Pos.Line != 4+13 {
		t.Errorf("line %d: %s", errs[0].Pos.Line, got) // 2^14 is the first power of two over 10,000
	}
}

// A design that stops on precision is judged more strictly, and needs the blocks
// for it: the first of three sub-claims at 0.0125, which 2^-6 is above and 2^-7 is not.
func TestStoppingOnPrecisionHasItsPrice(t *testing.T) {
	fixed, stopped := Design{}, Design{Precision: 0.02}
	if fixed.Alpha() != 0.05 || stopped.Alpha() != 0.0375 {
		t.Errorf("alphas %v and %v", fixed.Alpha(), stopped.Alpha())
	}
	if fixed.FewestBlocks(3) != 7 || stopped.FewestBlocks(3) != 8 || stopped.FewestBlocks(1) != 6 {
		t.Errorf("blocks %d, %d, %d", fixed.FewestBlocks(3), stopped.FewestBlocks(3), stopped.FewestBlocks(1))
	}
}
