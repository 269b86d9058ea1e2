package knob

import "github.com/assaylab/assay/harness/host"

var _ = register(Knob{
	Name:  "goarch",
	Doc:   "architecture that the workload is compiled for (GOARCH)",
	Scope: Build,
	Allow: "amd64, arm64, 386",
	Try:   "goarch=amd64",
	Not:   []string{"goamd64", "goarm64"},
	Parse: oneOf("amd64", "arm64", "386"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		switch {
		case level == h.Arch:
		case level != "386" || h.Arch != "amd64":
			return Effects{}, unsupported("this machine is %s", h.Arch)
		case !h.FS.Exists("proc/sys/abi/vsyscall32"):
			return Effects{}, unsupported("this kernel runs no 32-bit programs (CONFIG_IA32_EMULATION)")
		}
		return buildWith("GOARCH", level), nil
	},
	Read: func(_ string, e Evidence) (string, bool) { return fromBuild("GOARCH", e) },
})
