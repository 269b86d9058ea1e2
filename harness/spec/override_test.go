package spec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnOverrideIsAPartOfTheExperiment(t *testing.T) {
	base, err := Parse("small.yaml", []byte(small))
	require.NoError(t, err)
	check := func(blocks int, precision, budget, want string, min, max int) {
		t.Helper()
		o, err := ParseOverride(blocks, precision, budget)
		require.NoError(t, err)
		e, err := base.With(o)
		require.NoError(t, err)
		if e.Override.String() != want || e.Design.Blocks != min || e.Design.MaxBlocks != max {
			t.Errorf("%s: %d to %d blocks", e.Override, e.Design.Blocks, e.Design.MaxBlocks)
		}
		if same := e.SHA256() == base.SHA256(); same != (want == "") {
			t.Errorf("%q: the hash is that of the file: %t", want, same)
		}
	}
	check(0, "", "", "", 10, 10)
	check(25, "", "", "--blocks 25", 25, 25)
	check(0, "1%", "", "--precision 1%", 10, lifted)
	check(0, "0.5%", "90s", "--precision 0.5% --budget 1m30s", 10, lifted)
	check(40, "2%", "", "--blocks 40 --precision 2%", 40, 40)
	check(0, "", "30m", "--budget 30m0s", 10, lifted)
}

func TestWhatIsNoOverrideIsRefused(t *testing.T) {
	check := func(blocks int, precision, budget, want string) {
		t.Helper()
		if _, err := ParseOverride(blocks, precision, budget); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%d %q %q: %v", blocks, precision, budget, err)
		}
	}
	check(-1, "", "", "--blocks -1: ")
	check(maxBlocks+1, "", "", "--blocks 10001: ")
	for _, p := range []string{"1", "0%", "51%", "NaN%", "-1%", "1e0%"} {
		check(0, p, "", "--precision "+p+": ")
	}
	for _, b := range []string{"30", "0s", "-5m", "soon"} {
		check(0, "", b, "--budget "+b+": ")
	}
}

// Too few blocks for a claim are refused on the command line as in a file.
func TestAnOverrideIsHeldAgainstTheClaims(t *testing.T) {
	base, err := Parse("small.yaml", []byte(small))
	require.NoError(t, err)
	e, err := base.With(Override{Blocks: 3})
	require.NoError(t, err)
	_, err = Check(e, lab{})
	require.ErrorContains(t, err, "3 blocks can't decide 1 sub-claims")
}
