package stat

import "math"

// Finite is a number as JSON can hold it: nil where it is infinite or none.
func Finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}
