package knob

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const (
	clockFolder = "sys/devices/system/clocksource/clocksource0/"
	clockNow    = clockFolder + "current_clocksource"
)

var _ = register(Knob{
	Name:  "clocksource",
	Doc:   "what the kernel reads the time from",
	Scope: Machine,
	Allow: "one that the machine has, such as tsc, kvm-clock, hpet, acpi_pm",
	Try:   "clocksource=hpet",
	Note:  "hpet and acpi_pm can't be read without a system call; the harness's own times come from the same clock",
	Parse: func(_, text string) (string, error) {
		if !clockName.MatchString(text) {
			return "", fmt.Errorf("%q is no name of a clock", text)
		}
		return text, nil
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		text, err := h.FS.Read(clockFolder + "available_clocksource")
		if err != nil {
			return Effects{}, unsupported("this kernel does not say which clocks it has (%savailable_clocksource)", clockFolder)
		}
		if clocks := strings.Fields(text); !slices.Contains(clocks, level) {
			return Effects{}, unsupported("this machine has %s", strings.Join(clocks, ", "))
		}
		return one(h, clockNow, level, sysfs.Text)
	},
	Refuses: []Refusal{{Cell: "clocksource=sundial", Why: "this machine has"}},
	Read:    saying(clockNow),
	Host:    below(clockNow),
})

var clockName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)
