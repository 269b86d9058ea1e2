package knob

import (
	"fmt"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

var _ = register(Knob{
	Name:  "timer-slack",
	Doc:   "by how much the kernel may put off the workload's sleeps, to wake it for several at once",
	Scope: Process,
	Allow: "a time from 1ns to 4s, such as 50µs",
	Try:   "timer-slack=1ms",
	Note:  "it touches the timeouts of futexes and of epoll, on which the Go runtime's timers wait; 50µs is the kernel's default",
	Parse: func(_, text string) (string, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d < 1 || d > 4*time.Second {
			return "", fmt.Errorf("%q is not a time from 1ns to 4s", text)
		}
		return d.String(), nil
	},
	Effects: func(_, level string, _ host.Host) (Effects, error) {
		d, err := time.ParseDuration(level)
		return Effects{Process: launch.Settings{TimerSlack: &d}}, err
	},
	Read:  fromProcess(slackOf),
	Shown: []string{procSlack},
})
