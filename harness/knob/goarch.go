package knob

import (
	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "goarch",
	Doc:   "architecture that the workload is compiled for (GOARCH)",
	Scope: Build,
	Allow: "amd64, arm64, 386, arm",
	Try:   "goarch=amd64",
	Note:  "of another architecture than the machine's only 32-bit programs run: 386 on amd64, and arm on arm64 where the CPU has it; nothing is emulated",
	Not:   []string{"goamd64", "goarm64", "goarm"},
	Parse: oneOf("amd64", "arm64", "386", "arm"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		if err := executes(level, h); err != nil {
			return Effects{}, err
		}
		return buildWith("GOARCH", level), nil
	},
	Refuses: []Refusal{{Cell: "goarch=amd64", Where: "a machine of another architecture", Lacks: func(h *host.Host) { h.Arch = "arm64" }, Why: "this machine is arm64"}},
	Read:    func(_ string, e Evidence) (string, bool) { return fromBuild("GOARCH", e) },
})

// executes refuses a GOARCH whose programs a host can't run: it runs its own, and the
// 32-bit ones of its family where the kernel, and on ARM the CPU, have a place for them.
func executes(arch string, h host.Host) error {
	switch {
	case arch == h.Arch:
	case arch == "arm" && h.Arch == "arm64":
		if len(h.CPU.Arm32) == 0 {
			return unsupported("this machine is arm64 and runs no 32-bit programs: the CPU has no AArch32, or the kernel no CONFIG_COMPAT")
		}
	case arch != "386" || h.Arch != "amd64":
		return unsupported("this machine is %s", h.Arch)
	case !h.FS.Exists("proc/sys/abi/vsyscall32"):
		return unsupported("this kernel runs no 32-bit programs (CONFIG_IA32_EMULATION)")
	}
	return nil
}
