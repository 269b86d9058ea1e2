package knob

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

// KernelKey is the knob whose levels are kernels. A run that boots guests boots
// one of each level.
const KernelKey = "kernel"

const releaseFile = "proc/sys/kernel/osrelease"

var _ = register(Knob{
	Name:  KernelKey,
	Doc:   "series of the Linux kernel that trials run on; guests of each are booted with assay run --vm",
	Scope: Boot,
	Allow: "the first two numbers of a release, such as 6.1",
	Try:   "kernel=6.12",
	Note:  "each level is a guest of its own (assay run --vm arch=amd64,cpus=4): name it in design.whole-plot, as each change boots one",
	Parse: func(_, text string) (string, error) {
		if !series.MatchString(text) || Series(text) != text {
			return "", fmt.Errorf("%q is no series of the kernel", text)
		}
		return text, nil
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		if Series(h.Kernel) != level {
			return Effects{}, unsupported("this machine runs %s: boot a guest of that kernel (assay run --vm cpus=4)", h.Kernel)
		}
		return Effects{Kernel: level, Observe: []string{releaseFile}}, nil
	},
	Refuses: []Refusal{
		{Cell: "kernel=6.12", Where: "a machine with another kernel", Lacks: func(h *host.Host) { h.Kernel = "6.1.0-56-amd64" }, Why: "boot a guest of that kernel"},
		{Cell: "kernel=6.01", Why: "no series"},
	},
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := e.Host[releaseFile]
		return Series(text), ok
	},
})

var series = regexp.MustCompile(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)`)

// Series is a kernel's release without what follows its first two numbers: "6.1"
// of "6.1.0-56-cloud-amd64"; empty for a text that is no release.
func Series(release string) string { return series.FindString(strings.TrimSpace(release)) }
