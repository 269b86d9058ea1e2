package main

import (
	"fmt"
	"math"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const aLine = "gc 12 @0.123s 5%: 0.018+1.2+0.004 ms clock, 0.036+0.1/1.2/0+0.008 ms cpu, 4->4->2 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P"

func TestTraceLinesGiveTheMarkPhase(t *testing.T) {
	check := func(line string, cycle uint64, lo, width float64) {
		t.Helper()
		l, ok := parseTrace(line)
		if !ok || l.cycle != cycle || math.Abs(l.mark.lo-lo) > 1 || math.Abs(l.mark.width-width) > 1 {
			t.Errorf("%q: %+v, %v; want cycle %d, mark from %v, %v wide", line, l, ok, cycle, lo, width)
		}
	}
	with := func(mark string) string { return strings.Replace(aLine, "+1.2+", "+"+mark+"+", 1) }
	check(aLine, 12, 1.2e6, 1e5)
	check(with("124"), 12, 124e6, 1e6)
	check(with("0.018"), 12, 18e3, 1e3)
	check(with("0.25"), 12, 250e3, 1e4)
	check(with("0"), 12, 0, 1e3)
	check(aLine+" (forced)", 12, 1.2e6, 1e5)
	check(strings.Replace(aLine, "5%:", "5% (checking for goroutine leaks):", 1), 12, 1.2e6, 1e5)
}

func TestOtherLinesAreNoTrace(t *testing.T) {
	for _, line := range []string{
		"", "gc", "gc 12", "gc x @0.1s 5%: 1+1+1 ms clock, ",
		"GC forced", "scvg: 8 KB released",
		"gc 12 @0.123s 5%: 0.018+1.2 ms clock, ",
		"gc 12 @0.123s 5%: 0.018+-1+0.1 ms clock, ",
		"gc 12 @0.123s 5%: 0.018+1e9+0.1 ms clock, ",
		"gc 12 @0.123s 5%: 0.018+1.2.3+0.1 ms clock, ",
		"panic: gc 12 @0.1s",
	} {
		if l, ok := parseTrace(line); ok {
			t.Errorf("%q was taken for a trace: %+v", line, l)
		}
	}
}

func FuzzTrace(f *testing.F) {
	f.Add(aLine)
	f.Add("gc 1 @0.000s 100%: 0+0+0 ms clock, 0")
	f.Fuzz(func(t *testing.T, line string) {
		l, ok := parseTrace(line)
		if !ok {
			return
		}
		if !(l.mark.lo >= 0) || !(l.mark.width > 0) || math.IsInf(l.mark.middle(), 0) {
			t.Errorf("%q -> %+v", line, l)
		}
	})
}

// The declared resolution must cover every time that the runtime can print,
// from 10 µs, where it has two digits, to 100 s.
func TestTheDeclaredResolutionCoversWhatPrintingHides(t *testing.T) {
	for ns := 10e3; ns < 100e9; ns *= 1.01 {
		s, ok := parseMS(printedMS(uint64(ns)))
		require.True(t, ok)
		if d := math.Abs(s.middle() - math.Floor(ns)); d > maxAbsolute || d/s.middle() > maxRelative {
			t.Fatalf("%.0f ns is printed as %q, read as %.0f: off by more than declared", ns, printedMS(uint64(ns)), s.middle())
		}
	}
}

// printedMS cuts a time as the runtime does: two digits, at most three decimals,
// whole milliseconds from 10 ms on.
func printedMS(ns uint64) string {
	switch us := ns / 1000; {
	case us >= 10000:
		return fmt.Sprint(us / 1000)
	case us >= 1000:
		return fmt.Sprintf("%d.%d", us/1000, us%1000/100)
	case us >= 100:
		return fmt.Sprintf("%d.%02d", us/1000, us%1000/10)
	default:
		return fmt.Sprintf("%d.%03d", us/1000, us%1000)
	}
}

func TestMarksAreThoseOfTheWindow(t *testing.T) {
	line := func(cycle uint64) gcLine { return gcLine{cycle, span{float64(cycle) * 100, 2}} }
	lines := []gcLine{line(3), line(4), line(5), line(6), line(7)}
	got, err := marks(lines, 4, 6)
	require.NoError(t, err)
	require.Equal(t, []float64{501, 601}, got)

	if _, err := marks(lines, 5, 8); err == nil || !strings.Contains(err.Error(), "shows 2 of the 3 cycles") {
		t.Errorf("a gap: %v", err)
	}
	got, err = marks(nil, 4, 6) // the trace is off: absent, not zero
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestCapturedStderrIsPassedOnWithoutTheTrace(t *testing.T) {
	outer, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	saved, err := dupCloexec(stderrFD)
	require.NoError(t, err)
	require.NoError(t, syscall.Dup3(int(outer.Fd()), stderrFD, 0))
	defer func() {
		syscall.Dup3(saved, stderrFD, 0)
		syscall.Close(saved)
	}()

	c, err := captureTrace()
	require.NoError(t, err)
	os.Stderr.WriteString("before\n" + aLine + "\n" + strings.Replace(aLine, "gc 12", "gc 13", 1) + "\nlast words")
	during, err := os.ReadFile(outer.Name())
	require.NoError(t, err)
	times, err := c.Marks(11, 13)
	require.NoError(t, err)
	require.NoError(t, c.Close())
	os.Stderr.WriteString("\nafter\n")

	after, err := os.ReadFile(outer.Name())
	require.NoError(t, err)
	if string(during) != "" || string(after) != "before\nlast words\nafter\n" {
		t.Errorf("stderr was %q in the window and %q at the end", during, after)
	}
	if len(times) != 2 {
		t.Errorf("%d mark phases, want 2", len(times))
	}
}
