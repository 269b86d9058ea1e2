package collect

import (
	"fmt"

	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Collector{
	Name:  "thermal",
	Doc:   "how often the measured CPUs, or their packages, were slowed down for heat (thermal_throttle/{core,package}_throttle_count; x86 only)",
	Group: "noise",
	Read: func(r *Reader, c Moment) {
		for _, cpu := range r.CPUs {
			for _, part := range []string{"core", "package"} {
				text, ok := r.Host(fmt.Sprintf("sys/devices/system/cpu/cpu%d/thermal_throttle/%s_throttle_count", cpu, part))
				if n, _, is := number(text); ok && is {
					c["thermal-throttles"] += float64(n)
				}
			}
		}
	},
	Missing: func(fs sysfs.FS) string {
		return absent(fs, "sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/core_throttle_count", "only the host of a virtual machine and x86 processors count it")
	},
})
