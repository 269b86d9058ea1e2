package host

import "github.com/assaylab/assay/harness/sysfs"

// kept are the files whose text is recorded, as patterns: what is known to
// change timings and can be changed while a machine runs.
var kept = []string{
	// Memory.
	"sys/kernel/mm/transparent_hugepage/enabled",
	"sys/kernel/mm/transparent_hugepage/defrag",
	"sys/kernel/mm/transparent_hugepage/shmem_enabled",
	"sys/kernel/mm/transparent_hugepage/use_zero_page",
	"sys/kernel/mm/transparent_hugepage/hugepages-*/enabled",
	"sys/kernel/mm/transparent_hugepage/khugepaged/defrag",
	"sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_*",
	"sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan",
	"sys/kernel/mm/transparent_hugepage/khugepaged/*_sleep_millisecs",
	"sys/kernel/mm/ksm/run",
	"sys/kernel/mm/lru_gen/enabled",
	"sys/kernel/mm/numa/demotion_enabled",
	"sys/module/zswap/parameters/enabled",
	"proc/sys/vm/compaction_proactiveness",
	"proc/sys/vm/dirty_*",
	"proc/sys/vm/laptop_mode",
	"proc/sys/vm/max_map_count",
	"proc/sys/vm/min_free_kbytes",
	"proc/sys/vm/nr_hugepages",
	"proc/sys/vm/overcommit_*",
	"proc/sys/vm/page-cluster",
	"proc/sys/vm/stat_interval",
	"proc/sys/vm/swappiness",
	"proc/sys/vm/vfs_cache_pressure",
	"proc/sys/vm/watermark_*",
	"proc/sys/vm/zone_reclaim_mode",

	// Scheduler and timers.
	"proc/sys/kernel/nmi_watchdog",
	"proc/sys/kernel/numa_balancing",
	"proc/sys/kernel/perf_event_paranoid",
	"proc/sys/kernel/randomize_va_space",
	"proc/sys/kernel/sched_*",
	"proc/sys/kernel/timer_migration",
	"proc/sys/kernel/watchdog",
	"sys/kernel/debug/sched/features",
	"sys/kernel/debug/sched/*_ns",
	"sys/kernel/debug/sched/preempt",
	"sys/kernel/debug/sched/tunable_scaling",

	// Frequency, idle states, threads.
	"sys/devices/system/cpu/amd_pstate/status",
	"sys/devices/system/cpu/cpufreq/boost",
	"sys/devices/system/cpu/cpufreq/policy*/energy_performance_preference",
	"sys/devices/system/cpu/cpufreq/policy*/scaling_driver",
	"sys/devices/system/cpu/cpufreq/policy*/scaling_governor",
	"sys/devices/system/cpu/cpufreq/policy*/scaling_max_freq",
	"sys/devices/system/cpu/cpufreq/policy*/scaling_min_freq",
	"sys/devices/system/cpu/cpuidle/current_driver",
	"sys/devices/system/cpu/cpuidle/current_governor*",
	"sys/devices/system/cpu/intel_pstate/hwp_dynamic_boost",
	"sys/devices/system/cpu/intel_pstate/max_perf_pct",
	"sys/devices/system/cpu/intel_pstate/min_perf_pct",
	"sys/devices/system/cpu/intel_pstate/no_turbo",
	"sys/devices/system/cpu/intel_pstate/status",
	"sys/devices/system/cpu/isolated",
	"sys/devices/system/cpu/nohz_full",
	"sys/devices/system/cpu/smt/active",
	"sys/devices/system/cpu/smt/control",

	// Network and block devices.
	"proc/sys/net/core/busy_poll",
	"proc/sys/net/core/busy_read",
	"proc/sys/net/core/default_qdisc",
	"proc/sys/net/core/netdev_max_backlog",
	"proc/sys/net/core/?mem_max",
	"proc/sys/net/core/somaxconn",
	"proc/sys/net/ipv4/tcp_congestion_control",
	"proc/sys/net/ipv4/tcp_?mem",
	"sys/block/[!lr]*/queue/scheduler", // not loop and ram devices
}

// settings reads every file that kept matches and this user may read.
func settings(root sysfs.FS) map[string]string {
	m := make(map[string]string)
	for _, pattern := range kept {
		files, err := root.Glob(pattern)
		if err != nil {
			continue // no root: Read says so
		}
		for _, f := range files {
			if s := text(root, f); s != "" {
				m[f] = s
			}
		}
	}
	return m
}
