package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A gcLine is what a line of gctrace=1 says of one cycle:
//
//	gc 12 @0.123s 5%: 0.018+1.2+0.004 ms clock, 0.036+0.1/1.2/0+0.008 ms cpu, ...
//
// (see "gctrace" in the documentation of package runtime).
type gcLine struct {
	cycle uint64
	mark  span // wall time of the concurrent mark phase, in ns
}

// A span is where a printed time can lie. The runtime cuts, it does not round
// (fmtNSAsMS in runtime/mgc.go): from 10 ms on to whole milliseconds, below to
// two digits and at most three decimals.
type span struct {
	lo, width float64
}

func (s span) middle() float64 { return s.lo + s.width/2 }

// What cutting can hide, at worst: half a millisecond; and of the values with
// two digits, 1.0 ms, which may be 1.0999 (10 ms may be 10.999 just as well).
// A mark phase under 10 µs has less than two digits, but no live heap does that.
const (
	maxAbsolute = 500_000
	maxRelative = 0.05
)

// parseTrace reads one line. Lines that are anything else are not ok.
func parseTrace(line string) (gcLine, bool) {
	rest, ok := strings.CutPrefix(line, "gc ")
	if !ok {
		return gcLine{}, false
	}
	number, rest, ok := strings.Cut(rest, " @")
	cycle, err := strconv.ParseUint(number, 10, 32) // the runtime counts cycles in 32 bits
	if !ok || err != nil {
		return gcLine{}, false
	}
	_, rest, ok = strings.Cut(rest, "%")
	if !ok {
		return gcLine{}, false
	}
	// Between the colon and the share there can be a remark in brackets.
	_, rest, ok = strings.Cut(rest, ": ")
	if !ok {
		return gcLine{}, false
	}
	clock, _, ok := strings.Cut(rest, " ms clock, ")
	phases := strings.Split(clock, "+")
	if !ok || len(phases) != 3 {
		return gcLine{}, false
	}
	mark, ok := parseMS(phases[1])
	return gcLine{cycle: cycle, mark: mark}, ok
}

// parseMS reads a time as fmtNSAsMS prints it.
func parseMS(text string) (span, bool) {
	if strings.Trim(text, "0123456789.") != "" || len(text) > 15 {
		return span{}, false
	}
	ms, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return span{}, false
	}
	if text == "0" {
		return span{0, 1e3}, true // printed for all below 1 µs
	}
	width := 1e6
	if _, decimals, ok := strings.Cut(text, "."); ok {
		for range decimals {
			width /= 10
		}
	}
	return span{ms * 1e6, width}, true
}

// marks are the middles of the mark phases of cycles from+1 to to. They are
// none where nothing was traced; a gap is an error.
func marks(lines []gcLine, from, to uint64) ([]float64, error) {
	var found []float64
	for _, l := range lines {
		if l.cycle > from && l.cycle <= to {
			found = append(found, l.mark.middle())
		}
	}
	if len(lines) > 0 && uint64(len(found)) != to-from {
		return nil, fmt.Errorf("gctrace shows %d of the %d cycles of the window", len(found), to-from)
	}
	return found, nil
}
