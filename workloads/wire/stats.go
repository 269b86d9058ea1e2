package wire

import (
	"encoding/json"
	"fmt"
	"strings"
)

// StatsKey begins the line on which a workload that was given -stats says what
// its runtime counted in the window: a configuration line of the benchmark format,
// before the result, whose value is a Stats as JSON. A reader that does not know
// it takes it for configuration; so it is printed only on request.
const StatsKey = "runtime-stats"

// Stats are what the Go runtime counted in the window (package runtime/metrics).
// What the version at hand does not count is absent.
type Stats struct {
	Counters   map[string]float64  `json:"counters"`             // by unit: growth, or what stands at the end
	Histograms map[string][]Bucket `json:"histograms,omitempty"` // by unit: values of the window
}

// A Bucket is values of a histogram that lie together: from Lo to below Hi, in the
// histogram's unit, and how many. Empty ones are left out. An open end is given
// the value of the other. It is written as [lo, hi, n].
type Bucket struct {
	Lo, Hi float64
	N      uint64
}

// MarshalJSON writes three numbers.
func (b Bucket) MarshalJSON() ([]byte, error) {
	return json.Marshal([3]any{b.Lo, b.Hi, b.N})
}

// UnmarshalJSON reads them.
func (b *Bucket) UnmarshalJSON(text []byte) error {
	var v []json.Number
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	if len(v) != 3 {
		return fmt.Errorf("%d numbers in a bucket, want 3", len(v))
	}
	for i, into := range []any{&b.Lo, &b.Hi, &b.N} {
		if err := json.Unmarshal([]byte(v[i]), into); err != nil {
			return err
		}
	}
	return nil
}

// Line is the line of a workload's stdout.
func (s Stats) Line() (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("wire: %s: %w", StatsKey, err)
	}
	return StatsKey + ": " + string(text) + "\n", nil
}

// FindStats finds the line in a workload's stdout; ok is false where there is none.
func FindStats(stdout string) (s Stats, ok bool, err error) {
	for line := range strings.Lines(stdout) {
		if text, found := strings.CutPrefix(line, StatsKey+": "); found {
			if err := json.Unmarshal([]byte(text), &s); err != nil {
				return Stats{}, false, fmt.Errorf("wire: %s: %w", StatsKey, err)
			}
			return s, true, nil
		}
	}
	return Stats{}, false, nil
}
