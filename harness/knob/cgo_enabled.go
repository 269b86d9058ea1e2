package knob

import (
	"errors"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "cgo-enabled",
	Doc:   "whether the workload is built with cgo, and so may link the C library (CGO_ENABLED)",
	Scope: Build,
	Allow: "0, 1",
	Try:   "cgo-enabled=0",
	Note:  "workloads are built without cgo by default; of the standard library it changes net, os/user and the start of threads",
	Parse: oneOf("0", "1"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		if level == "1" && !compilerIn(h) {
			return Effects{}, errors.New("no C compiler is in usr/bin or usr/local/bin: apt-get install gcc libc6-dev")
		}
		return buildWith("CGO_ENABLED", level), nil
	},
	Read: func(_ string, e Evidence) (string, bool) { return fromBuild("CGO_ENABLED", e) },
})

func compilerIn(h host.Host) bool {
	for _, name := range []string{"usr/bin/gcc", "usr/bin/cc", "usr/bin/clang", "usr/local/bin/gcc", "usr/local/bin/cc", "usr/local/bin/clang"} {
		if h.FS.Exists(name) {
			return true
		}
	}
	return false
}
