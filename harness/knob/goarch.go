package knob

import (
	"errors"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "goarch",
	Doc:   "architecture that the workload is compiled for (GOARCH)",
	Scope: Build,
	Allow: "amd64, arm64, 386, arm",
	Try:   "goarch=amd64",
	Note:  "of another architecture than the machine's only 386 runs, on amd64; nothing is emulated",
	Not:   []string{"goamd64", "goarm64", "goarm"},
	Parse: oneOf("amd64", "arm64", "386", "arm"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		switch {
		case level == h.Arch:
		case level == "arm" && h.Arch == "arm64":
			return Effects{}, errors.New("whether these CPUs run 32-bit programs is not said anywhere: build for arm64")
		case level != "386" || h.Arch != "amd64":
			return Effects{}, unsupported("this machine is %s", h.Arch)
		case !h.FS.Exists("proc/sys/abi/vsyscall32"):
			return Effects{}, unsupported("this kernel runs no 32-bit programs (CONFIG_IA32_EMULATION)")
		}
		return buildWith("GOARCH", level), nil
	},
	Refuses: []Refusal{{Cell: "goarch=amd64", Where: "a machine of another architecture", Lacks: func(h *host.Host) { h.Arch = "arm64" }, Why: "this machine is arm64"}},
	Read:    func(_ string, e Evidence) (string, bool) { return fromBuild("GOARCH", e) },
})
