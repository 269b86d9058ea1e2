package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

func TestTheWorstStandingOfALevelIsTheOneExplained(t *testing.T) {
	check := func(want string, words ...string) {
		t.Helper()
		var c Check
		for _, w := range words {
			c.add(w, w)
		}
		require.Equal(t, want, c.Why)
		require.Equal(t, len(words), c.InForce+c.Idle+c.NotInForce+c.Unproved)
	}
	check(sample.Idle, sample.InForce, sample.Idle, sample.InForce)
	check(sample.Unproved, sample.InForce, sample.Unproved, sample.Idle)
	check(sample.NotInForce, sample.Unproved, sample.NotInForce, sample.Unproved, sample.InForce)
}

func TestAColumnOfWhatWasNotFoundOutIsThereWhereItHoldsSomething(t *testing.T) {
	heads := func(cs ...Check) string { return strings.Join(checkSection(Report{Checks: cs}).grid.heads, " ") }
	require.NotContains(t, heads(Check{InForce: 3}), "not found out")
	s := checkSection(Report{Checks: []Check{{Key: "godebug.x", Level: "1", InForce: 3}, {Unproved: 2, Why: "no sources"}}})
	require.Equal(t, "knob level >in force >idle >not in force >not found out evidence", strings.Join(s.grid.heads, " "))
	require.Equal(t, []string{"godebug.x", "1", "3", "0", "0", "0", "-"}, s.grid.rows[0])
}
