package collect

import (
	"fmt"

	"github.com/assaylab/assay/harness/sysfs"
)

const cpufreqFiles = "sys/devices/system/cpu/cpu%d/cpufreq/%s"

var _ = register(Collector{
	Name:   "frequency",
	Doc:    "lowest frequency of the measured CPUs as the window ends, and how far below their ceiling (cpufreq/{scaling_cur_freq,scaling_max_freq}; admin-guide/pm/cpufreq.rst)",
	Group:  "noise",
	AtEnd:  true,
	Stands: []string{"cpu-frequency-hz", "frequency-drop"},
	Read: func(r *Reader, c Moment) {
		for _, cpu := range r.CPUs {
			now, ok := r.Host(fmt.Sprintf(cpufreqFiles, cpu, "scaling_cur_freq"))
			if !ok {
				continue
			}
			khz, _, ok := number(now)
			if !ok {
				continue
			}
			ceiling, _ := r.Host(fmt.Sprintf(cpufreqFiles, cpu, "scaling_max_freq"))
			most, _, _ := number(ceiling)
			slowest(khz, most, c)
		}
	},
	Missing: func(fs sysfs.FS) string {
		return absent(fs, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq", "no cpufreq driver, as in most virtual machines; cycles of measure: [perf] tell the mean frequency where there is a PMU")
	},
})

// slowest keeps the slowest CPU; kHz, ceiling 0 for unknown.
func slowest(khz, ceiling int64, c Moment) {
	hz := float64(khz) * 1000
	if old, ok := c["cpu-frequency-hz"]; ok && old <= hz {
		return
	}
	c["cpu-frequency-hz"] = hz
	if ceiling > 0 {
		c["frequency-drop"] = max(0, 1-float64(khz)/float64(ceiling))
	}
}
