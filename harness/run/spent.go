package run

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/assaylab/assay/harness/sample"
)

// An arrival is when the bytes of a stream up to an offset had been read.
type arrival struct {
	end int
	at  time.Time
}

// mostArrivals bounds what is kept of a program that prints without end.
const mostArrivals = 1 << 16

// spent is what each benchmark of a test binary took of the time that its processes
// were there, the longest first: what it sets up, and the search for its iterations
// where there is one, included. A benchmark tells its name when it begins (-test.v),
// and those within one count as one. Of a program that tells no names it is nil.
func spent(text []byte, arrivals []arrival, end time.Time) []sample.Spent {
	took := map[string]time.Duration{}
	now, since, offset := "", time.Time{}, 0
	for line := range bytes.Lines(text) {
		for len(arrivals) > 1 && arrivals[0].end <= offset {
			arrivals = arrivals[1:]
		}
		offset += len(line)
		name, ok := sample.Told(line)
		if f := function(name); ok && f != now && len(arrivals) > 0 {
			if now != "" {
				took[now] += arrivals[0].at.Sub(since)
			}
			now, since = f, arrivals[0].at
		}
	}
	if now == "" {
		return nil
	}
	took[now] += end.Sub(since)
	return longest(took)
}

// longest are those of note: a hundredth of the time, or more.
func longest(took map[string]time.Duration) []sample.Spent {
	var all time.Duration
	for _, d := range took {
		all += d
	}
	var list []sample.Spent
	for _, name := range slices.Sorted(maps.Keys(took)) {
		if d := took[name]; d*100 >= all {
			list = append(list, sample.Spent{Name: name, NS: int64(d)})
		}
	}
	slices.SortStableFunc(list, func(a, b sample.Spent) int { return cmp.Compare(b.NS, a.NS) })
	return list
}
