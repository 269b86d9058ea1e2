package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/stretchr/testify/require"
)

var errOdd = errors.New("odd")

// small is a config that each mode can run in milliseconds.
func small(mode string) *config {
	return &config{mode: mode, goroutines: 6, ops: 60, burst: 4, channels: 3, timer: afterFunc, seed: 1}
}

// done runs a whole trial's phases and gives it back for a look.
func done(t *testing.T, c *config) *trial {
	t.Helper()
	set, err := c.setup("main")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, set.Close()) })
	tr := set.(*trial)
	ops, err := tr.Run()
	require.NoError(t, err)
	if want := (c.ops + c.goroutines - 1) / c.goroutines * c.goroutines; ops != want {
		t.Errorf("%s: %d operations, want %d", c.mode, ops, want)
	}
	return tr
}

func TestEveryModeDoesItsShareAndChecksIt(t *testing.T) {
	check := func(name string, change func(*config)) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			c := small(strings.Split(name, " ")[0])
			change(c)
			tr := done(t, c)
			if f := tr.storm.check; f != nil {
				require.NoError(t, f(tr.operationsDone))
			}
			if n := tr.events(); tr.storm.everyOp && n != tr.share*tr.goroutines {
				t.Errorf("%d events of %d operations", n, tr.share*tr.goroutines)
			}
		})
	}
	for name := range modes {
		check(name, func(*config) {})
		check(name+" uneven", func(c *config) { c.ops, c.stack = 61, 8<<10 })
	}
	check("timers chains", func(c *config) { c.period = 10 * time.Microsecond })
	check("timers ticker", func(c *config) { c.timer, c.period = ticker, 10*time.Microsecond })
	check("timers ticker of its own period", func(c *config) { c.timer = ticker })
	check("timers reset", func(c *config) { c.timer = reset })
	check("select one", func(c *config) { c.channels = 1 })
	check("select many", func(c *config) { c.channels, c.ops = statement+1, 6*2*(statement+1) })
	check("syscall sleep", func(c *config) { c.block = 10 * time.Microsecond })
	check("mutex hold", func(c *config) { c.hold = 2 })
	check("rwmutex hold", func(c *config) { c.hold = 2 })
}

func TestAMissedOperationIsFound(t *testing.T) {
	check := func(mode, want string, spoil func(*trial)) {
		t.Helper()
		tr := done(t, small(mode))
		spoil(tr)
		err := tr.Report(&driver.Result{Ops: 60})
		require.ErrorContains(t, err, want, mode)
	}
	check(mutex, "wrong answer", func(tr *trial) { tr.operationsDone++ })
	check(parkWake, "wrong answer: 61 wake-ups were seen in 60 operations", func(tr *trial) { tr.latency.Of(0).Record(1) })
}

func TestAWakeThroughTheWrongChannelIsFound(t *testing.T) {
	check := func(width int, wait func(*bed) int) {
		t.Helper()
		b := newBed(width)
		wake := func(channel int) error {
			b.wake[channel] <- struct{}{}
			return b.sleep(7, wait)
		}
		for k := range 2 * width {
			require.NoError(t, wake(k%width))
		}
		require.ErrorContains(t, wake(1), "goroutine 7 was woken through channel 1, want 0")
	}
	check(2, waitAny)
	check(statement, waitAny)
	check(statement+1, waitMany)
	check(100, waitMany)
}

func TestAFaultOfOneMemberIsThePhases(t *testing.T) {
	c := muster(3, 0, false, func(i int, share int64) error {
		if i == 1 {
			return errOdd
		}
		return nil
	})
	c.open(5)
	require.ErrorIs(t, c.wait(), errOdd)
	c.dismiss()
}

func TestACrewThatNeverWorkedIsDismissed(t *testing.T) {
	c := muster(100, 64<<10, false, func(int, int64) error { return errOdd })
	c.dismiss() // returns only when all are gone
}

func TestTheDefaultWindowIsTheModesOrASecondOfTheClock(t *testing.T) {
	check := func(c config, want int64) {
		t.Helper()
		if got := c.window(); got != want {
			t.Errorf("%+v: %d operations, want %d", c, got, want)
		}
	}
	for name, m := range modes {
		if m.ops < 1 {
			t.Errorf("mode %s has no default", name)
		}
		check(config{mode: name, goroutines: 7, ops: 5, period: time.Millisecond}, 5)
	}
	check(config{mode: lockOSThread, goroutines: 1000}, 100_000)
	check(config{mode: timers, timer: reset, goroutines: 1, period: time.Hour}, modes[timers].ops*resetShare)
	check(config{mode: timers, timer: afterFunc, goroutines: 1000}, modes[timers].ops)
	check(config{mode: timers, timer: ticker, goroutines: 1000, period: 2 * time.Millisecond}, 500_000)
	check(config{mode: timers, timer: afterFunc, goroutines: 1_000_000, period: time.Microsecond}, mostTimed)
	check(config{mode: timers, timer: afterFunc, goroutines: 1, period: time.Hour}, 1)
	check(config{mode: system, goroutines: 1000, period: time.Hour}, modes[system].ops)
	check(config{mode: system, goroutines: 10, block: time.Millisecond}, 10_000)
	check(config{mode: system, goroutines: 1000, block: time.Millisecond}, mostBlocked)
	check(config{mode: selectMany, goroutines: 1000, channels: 1}, modes[selectMany].ops)
	check(config{mode: selectMany, goroutines: 1000, channels: 1024}, modes[selectMany].ops/256)
}

func TestModesRefuseWhatTheyCannotHold(t *testing.T) {
	check := func(mode string, goroutines int64, block time.Duration, want string) {
		t.Helper()
		err := (&config{mode: mode, goroutines: goroutines, ops: 1, block: block}).allow()
		require.ErrorContains(t, err, want)
	}
	check(pingPong, 3, 0, "-goroutines=3 is odd (take 4)")
	check(lockOSThread, 9999, 0, "above 9000")
	check(system, 10000, time.Millisecond, "above 9000")
	require.NoError(t, (&config{mode: system, goroutines: 10000}).allow()) // no thread is held
}

func TestLockedGoroutinesHaveTheirThreadsBeforeTheWindow(t *testing.T) {
	c := small(lockOSThread)
	c.goroutines = 50
	tr := done(t, c)
	if n := tr.before.threads; n < c.goroutines {
		t.Errorf("%d threads before the window, want one for each of %d goroutines", n, c.goroutines)
	}
	if grown := tr.after.threads - tr.before.threads; grown > 2 { // the runtime may take one more for each processor
		t.Errorf("%d threads were made in the window", grown)
	}
}

func TestAnswersAddUp(t *testing.T) {
	sum := int64(0)
	for n := range int64(100) {
		if got := sumOfAnswers(n); got != sum {
			t.Fatalf("%d items: %d, want %d", n, got, sum)
		}
		sum += answer(n)
	}
}

func TestUseStackTakesThatMuch(t *testing.T) {
	before := read().stacks
	c := muster(64, 256<<10, false, func(int, int64) error { return nil })
	grown := read().stacks - before
	c.dismiss()
	if grown < 64*256<<10 {
		t.Errorf("stacks grew by %d bytes, want %d or more", grown, 64*256<<10)
	}
}
