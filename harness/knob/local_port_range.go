package knob

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const portRange = "proc/sys/net/ipv4/ip_local_port_range"

var _ = register(Knob{
	Name:  "local-port-range",
	Doc:   "ports that outgoing connections are given",
	Scope: Machine,
	Allow: "FIRST-LAST such as 32768-60999, from 1024 to 65535",
	Try:   "local-port-range=20000-60999",
	Parse: func(_, text string) (string, error) { return parsePorts(text, "-") },
	Effects: func(_, level string, h host.Host) (Effects, error) {
		return one(h, portRange, strings.Replace(level, "-", " ", 1), sysfs.Number)
	},
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := e.Host[portRange]
		return strings.Join(strings.Fields(text), "-"), ok
	},
	Host: below(portRange),
})

func parsePorts(text, separator string) (string, error) {
	first, last, found := strings.Cut(text, separator)
	if !found {
		return "", fmt.Errorf("%q is not two ports with %q between", text, separator)
	}
	lo, err := count(first, 1024, 65535)
	if err != nil {
		return "", err
	}
	hi, err := count(last, 1024, 65535)
	if err != nil {
		return "", err
	}
	a, _ := strconv.Atoi(lo)
	b, _ := strconv.Atoi(hi)
	if a >= b {
		return "", fmt.Errorf("%q: the first port has to be below the last", text)
	}
	return lo + "-" + hi, nil
}
