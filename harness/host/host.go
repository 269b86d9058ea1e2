// Package host reads what machine this is: CPU, topology, memory, kernel,
// cgroup mode, mitigations, identity.
//
//  1. [Read] fills a [Host] from the files of a root. A file that is missing
//     leaves its field empty; only a root without any of them is an error.
//  2. [Host.Pick] chooses CPUs to measure on, by topology.
//  3. [Host.Same] tells a resumed run whether it is still on the same machine.
package host

import "github.com/assaylab/assay/harness/sysfs"

// A Host is one machine as it was when read. It marshals to hosts/<env>.json
// without secrets: no host name, no environment.
type Host struct {
	Machine     string            `json:"machine"`      // HMAC of MachineFrom, 8 hex digits
	MachineFrom string            `json:"machine-from"` // "/etc/machine-id", or what stood in for it
	BootID      string            `json:"boot-id"`
	Arch        string            `json:"arch"`   // GOARCH
	Kernel      string            `json:"kernel"` // release: "6.1.0-18-amd64"
	CPU         CPU               `json:"cpu"`
	Memory      Memory            `json:"memory"`
	Cgroup      CgroupMode        `json:"cgroup"`
	Controllers []string          `json:"controllers"`       // that a leaf can have here, by v2 names: cpu, cpuset, io, memory, pids
	Mitigations map[string]string `json:"mitigations"`       // file of /sys/devices/system/cpu/vulnerabilities -> text
	Virtual     string            `json:"virtual,omitempty"` // hypervisor, where one shows
	Clocksource string            `json:"clocksource"`
	Cmdline     string            `json:"cmdline"`  // of the kernel, without what it hands to init
	Settings    map[string]string `json:"settings"` // files below the root that change timings -> text (THP, swappiness, governor, ...)
	GoVersion   string            `json:"go"`       // of the toolchain that builds workloads; filled by the caller
	Root        bool              `json:"root"`     // effective uid 0
	Swap        int64             `json:"swap-bytes"`

	FS sysfs.FS `json:"-"` // where it was read from; knobs look for their files here
}

// A CPU is the processor and which of its parts are online.
type CPU struct {
	Model   string  `json:"model"`
	Online  []int   `json:"online"`  // logical CPUs, ascending
	Cores   [][]int `json:"cores"`   // online siblings of each physical core, by first CPU
	Nodes   [][]int `json:"nodes"`   // online CPUs of each NUMA node that has any, by node number
	Level   int     `json:"goamd64"` // highest GOAMD64 it can run, 0 elsewhere and where it can't be told
	Allowed []int   `json:"allowed"` // online CPUs that this process may use (affinity)

	Arm32 []string `json:"arm32,omitempty"` // on arm64: what 32-bit ARM programs find of the processor ("vfpv3"); nil where they can't run
}

// Memory is in bytes.
type Memory struct {
	Total    int64 `json:"total-bytes"`
	PageSize int   `json:"page-bytes"`
}

// A CgroupMode says where controllers hang.
type CgroupMode string

const (
	CgroupNone   CgroupMode = "none"
	CgroupV1     CgroupMode = "v1"
	CgroupHybrid CgroupMode = "hybrid" // controllers on v1, processes also on v2
	CgroupV2     CgroupMode = "v2"
)
