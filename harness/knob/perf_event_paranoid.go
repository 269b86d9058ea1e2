package knob

import (
	"fmt"
	"strconv"
)

const paranoid = "proc/sys/kernel/perf_event_paranoid"

var _ = register(Knob{
	Name:  "perf-event-paranoid",
	Doc:   "what processes without privilege may count and sample: -1 everything, 2 themselves in user space, 3 and 4 (Debian) nothing",
	Scope: Machine,
	Allow: "a whole number from -1 to 4",
	Try:   "perf-event-paranoid=1",
	Parse: func(_, text string) (string, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < -1 || n > 4 {
			return "", fmt.Errorf("%q is not a whole number from -1 to 4", text)
		}
		return strconv.Itoa(n), nil
	},
	Effects: number(paranoid),
	Read:    saying(paranoid),
	Host:    below(paranoid),
})
