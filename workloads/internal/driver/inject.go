package driver

import "time"

// slow makes a window that started at start longer by a share of itself, by
// spinning, and so every operation by that share of its mean time.
//
// Note: spinning after each operation was tried on paper and rejected. Work
// that runs beside the operations (a GC mark, background sweep) goes on while
// the operation spins, so a part of the slowdown is won back and its true size
// is unknown. At the end of the window nothing can be won back, and the
// slowdown is exactly what was asked for: a positive control must be known.
func slow(share float64, start time.Time, now func() time.Time) {
	if share <= 0 {
		return
	}
	end := now()
	until := end.Add(time.Duration(share * float64(end.Sub(start))))
	for now().Before(until) {
	}
}
