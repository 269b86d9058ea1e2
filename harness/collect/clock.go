package collect

import (
	"math"

	"golang.org/x/sys/unix"
)

var _ = register(Collector{
	Name:  "clock",
	Doc:   "wall clock less monotonic clock, in ns: it moves only when someone sets or slews the wall clock (clock_gettime(2))",
	Group: "noise",
	Whole: true,
	Read: func(_ *Reader, c Moment) {
		var wall, mono unix.Timespec
		unix.ClockGettime(unix.CLOCK_REALTIME, &wall)
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono)
		// In two parts: a float64 holds ns since 1970 to 256 ns only.
		offset := wall.Nano() - mono.Nano()
		c[clockSeconds], c[clockRest] = float64(offset/1e9), float64(offset%1e9)
	},
})

const (
	clockSeconds = hidden + "clock-s"
	clockRest    = hidden + "clock-ns"
)

var _ = derive(func(begin, end Moment, _ Window, c map[string]float64) {
	s, ok := grown(begin, end, clockSeconds)
	ns, ok2 := grown(begin, end, clockRest)
	if ok && ok2 {
		c["clock-step-ns"] = math.Abs(s*1e9 + ns)
	}
})
