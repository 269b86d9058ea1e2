package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

// A precision that the budget does not hold is said with the budget that would.
func TestABudgetTooSmallForThePrecisionIsSaid(t *testing.T) {
	check := func(budget time.Duration, precision float64, want string) {
		t.Helper()
		o := overview{
			Blocks: 20, MaxBlocks: 1000, Trials: 84, // 4 cells, and a warm-up of each
			Time:       estimate{Budget: budget, Trial: 2 * time.Second, Block: 8 * time.Second, Blocks: int(budget / (8 * time.Second))},
			Detectable: &foresight{Prospects: []verdict.Prospect{{Precise: 204}, {Precise: 381}, {}}},
		}
		require.Equal(t, want, o.short(precision))
	}
	check(5*time.Minute, 0.01, "the precision of 1 % takes about 381 blocks, 50m56s, and the budget of 5m0s holds 37: --budget 51m would hold them")
	check(51*time.Minute, 0.01, "")
	check(time.Second, 0.01, "the precision of 1 % takes about 381 blocks, 50m56s, and the budget of 1s holds 0: --budget 51m would hold them")
	check(5*time.Minute, 0, "")
	check(0, 0.01, "")
}

// Where no run may have so many blocks a larger budget is no help.
func TestAPrecisionOutOfReachIsSaid(t *testing.T) {
	check := func(max int, p verdict.Prospect, want string) {
		t.Helper()
		half := 0.01
		p.Quantity, p.Detectable = spec.Ratio, &half
		o := overview{
			Blocks: 20, MaxBlocks: max, Trials: 84, Detectable: &foresight{Prospects: []verdict.Prospect{p}},
			Time: estimate{Budget: time.Hour, Trial: time.Second, Block: 4 * time.Second, Blocks: 900},
		}
		require.Equal(t, want, o.short(0.001))
	}
	check(1000, verdict.Prospect{Precise: 800}, "")
	check(700, verdict.Prospect{Precise: 800}, "the precision of 0.1 % takes more blocks than the 700 that this run may have, whatever its budget (ask for a coarser one)")
	check(1000, verdict.Prospect{}, "the precision of 0.1 % takes more blocks than the 1000 that this run may have, whatever its budget (ask for a coarser one)")
}

func TestABudgetIsRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1750 * time.Millisecond: "2s", time.Minute: "60s", time.Minute + 1: "2m", 55*time.Minute + time.Second: "56m",
	} {
		require.Equal(t, want, roundedUp(d))
	}
}

// A budget that holds no whole block has one made all the same, by which all else goes.
func TestWithoutAWholeBlockOneIsMade(t *testing.T) {
	o := overview{Blocks: 20, Time: estimate{Budget: time.Second, Trial: time.Second, Block: 4 * time.Second, Run: 8 * time.Second}}
	require.Equal(t, 1, o.made())
	require.Contains(t, o.Time.String(), "holds no whole block of 4s: one is made all the same")
	o.Time.Blocks = 7
	require.Equal(t, 7, o.made())
	o.Time.Trial = 0
	require.Equal(t, 20, o.made())
}

// Blocks that settled a claim in an earlier run are as many as it takes at most.
func TestWhatWasSettledMayTakeFewer(t *testing.T) {
	got := needs(verdict.Prospect{Needed: 34, Settled: true}, time.Second)
	require.Contains(t, got, "settled by 34 blocks, 34s, or fewer")
	if got := needs(verdict.Prospect{Needed: 34}, time.Second); strings.Contains(got, "fewer") {
		t.Error(got)
	}
}
