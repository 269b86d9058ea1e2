package main

import (
	"testing"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/stretchr/testify/require"
)

func TestEveryTriggerMakesPairs(t *testing.T) {
	for name := range triggers {
		wanted := 5
		if name == "gc" || name == "trace" {
			wanted = 5 * longShare
		}
		for _, control := range []string{"spin", "sleep"} {
			set, err := (&config{trigger: name, control: control, ops: int64(wanted)}).setup("main")
			require.NoError(t, err)
			ops, err := set.Run()
			require.NoError(t, err)
			tr := set.(*trial)
			for i, list := range tr.lists() {
				if len(*list) != 5 || ops != 5 {
					t.Errorf("%s: list %d holds %d values of %d pairs, want 5", name, i, len(*list), ops)
				}
			}
			for i := range tr.first {
				if tr.excess[i] != tr.first[i]-tr.matched[i] || tr.pauses[i] < tr.triggers[i] || tr.first[i] < 0 {
					t.Errorf("%s: pair %d: first %d, matched %d, excess %d, trigger %d, pause %d",
						name, i, tr.first[i], tr.matched[i], tr.excess[i], tr.triggers[i], tr.pauses[i])
				}
			}
			if n := tr.stopsAfter - tr.stopsBefore; stopsWorld(name) && n < 5 {
				t.Errorf("%s: %d stops of the world, want 5 or more", name, n)
			}
			require.NoError(t, set.Close())
		}
	}
}

func TestSpinnersEndWithTheTrial(t *testing.T) {
	set, err := (&config{trigger: "none", control: "spin", ops: 1, spinners: 1}).setup("main")
	require.NoError(t, err)
	require.NoError(t, set.Close()) // returns only when they have
}

func TestAMissedStopAndAMissedGoroutineAreFound(t *testing.T) {
	check := func(want string, tr *trial) {
		t.Helper()
		tr.config = &config{trigger: "gc", ops: 1}
		require.ErrorContains(t, tr.Report(new(driver.Result)), want)
	}
	check("19 goroutines ran, want 20", &trial{first: []int64{1}, probe: probe{ran: 19}})
	check("counts 0 stops of the world, the trigger gc was pulled 1 times", &trial{first: []int64{1}, probe: probe{ran: 20}})
}

func TestRanksAreOrderStatistics(t *testing.T) {
	values := []int64{5, -3, 9, 1, 7}
	check := func(percent int, want int64) {
		t.Helper()
		if got := rank(values, percent); got != want {
			t.Errorf("p%d: %d, want %d", percent, got, want)
		}
	}
	check(50, 5)
	check(99, 9)
	check(20, -3)
	check(21, 1)
	if values[0] != 5 {
		t.Error("the values were sorted in place: pairs no longer match")
	}
}

func TestAPauseLastsUntilItsTime(t *testing.T) {
	for _, how := range []string{"spin", "sleep"} {
		until := driver.Nanotime() + int64(50*time.Microsecond)
		pause(how, until)
		if now := driver.Nanotime(); now < until {
			t.Errorf("%s ended %d ns early", how, until-now)
		}
	}
}
