package knob

import (
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const smtControl = "sys/devices/system/cpu/smt/control"

var _ = register(Knob{
	Name:  "smt",
	Doc:   "whether each core runs more than one hardware thread",
	Scope: Machine,
	Allow: "on, off",
	Try:   "smt=off",
	Note:  "off, the second thread of each core goes offline, and processes that were bound to it are set free for good",
	Not:   []string{"cpus", cpusetFile}, // they name CPUs that would be gone
	Gives: func(level string, h *host.Host) {
		if level == "off" {
			h.CPU = h.CPU.FirstThreads()
		}
	},
	Parse:   oneOf("on", "off"),
	Effects: smtEffects,
	Refuses: []Refusal{
		{Cell: "smt=off", Where: "a machine without hardware threads", Files: map[string]string{smtControl: "notsupported"}, Why: "one thread each"},
		{Cell: "smt=off", Where: "cgroup v1 with cpusets", Files: map[string]string{"proc/self/cgroup": "3:cpuset:/\n"}, Why: "leaves the cpusets of cgroup v1 for good"},
	},
	Read:  saying(smtControl),
	Host:  below(smtControl),
	Moves: []string{governorFiles, preferences, minFreqFiles, maxFreqFiles},
})

func smtEffects(_, level string, h host.Host) (Effects, error) {
	text, err := h.FS.Read(smtControl)
	if err != nil {
		return Effects{}, unsupported("this kernel has no %s", smtControl)
	}
	switch now := strings.TrimSpace(text); {
	case now == "notsupported":
		return Effects{}, unsupported("the cores of this machine have one thread each, as far as the kernel is told")
	case now == "notimplemented":
		return Effects{}, unsupported("this kernel can't switch it on this architecture")
	case now == "forceoff" && level == "on":
		return Effects{}, unsupported("it was switched off until the next boot (forceoff)")
	case onV1(h, "cpuset") && level != now:
		return Effects{}, unsupported("a CPU that goes offline leaves the cpusets of cgroup v1 for good, so it could not be put back: use a cgroup v2 host, or cgroup_no_v1=cpuset")
	}
	return one(h, smtControl, level, sysfs.Text)
}
