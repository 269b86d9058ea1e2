package spec

import (
	"fmt"
	"time"
)

// A Duration is a time.Duration that marshals as Go writes it ("1m30s").
type Duration time.Duration

// String is the text of time.Duration.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText is the text of time.Duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	t, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	*d = Duration(t)
	return nil
}
