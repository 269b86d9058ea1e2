package cgroup

import (
	"errors"
	"fmt"
	"strings"

	"github.com/assaylab/assay/harness/sysfs"
)

// A reader gives the text of a v1 control file of a leaf, found by its prefix.
type reader func(file string) (string, error)

// An entry is what a v2 control file is called, and how it is written, on v1.
type entry struct {
	write func(value string) ([]sysfs.Write, error) // v1 writes, in order; nil: not to be set
	read  func(v1 reader) (string, error)           // text in v2 notation
	not   string                                    // why v1 has nothing that means the same; the others are nil then
}

// v1 maps every v2 file that an experiment may name. What is not here has no
// known meaning on v1.
var v1 = map[string]entry{
	"cpu.max":       {write: writeQuota, read: readQuota},
	"cpu.max.burst": {write: via("cpu.cfs_burst_us", count), read: asIs("cpu.cfs_burst_us")},
	"cpu.weight":    {write: via("cpu.shares", weightToShares), read: from("cpu.shares", sharesToWeight)},
	"cpu.idle":      {write: via("cpu.idle", count), read: asIs("cpu.idle")},
	"cpu.stat":      {read: readCPUStat},

	"cpuset.cpus":           {write: via("cpuset.cpus", same), read: asIs("cpuset.cpus")},
	"cpuset.mems":           {write: via("cpuset.mems", same), read: asIs("cpuset.mems")},
	partitionFile:           {not: "v1 has no partitions; cpuset.cpu_exclusive and cpuset.sched_load_balance of every group on the way down come nearest"},
	"cpuset.cpus.effective": {read: asIs("cpuset.effective_cpus")},
	"cpuset.mems.effective": {read: asIs("cpuset.effective_mems")},

	"memory.max":        {write: via("memory.limit_in_bytes", toLimit), read: from("memory.limit_in_bytes", bytesFromV1)},
	"memory.current":    {read: asIs("memory.usage_in_bytes")},
	"memory.peak":       {read: asIs("memory.max_usage_in_bytes")},
	"memory.events":     {read: readMemoryEvents},
	"memory.swappiness": {write: via("memory.swappiness", count), read: asIs("memory.swappiness")},
	"memory.high":       {not: "v1 has no limit that throttles; memory.soft_limit_in_bytes is only a hint to global reclaim"},
	"memory.low":        {not: "v1 has no protection from reclaim"},
	"memory.min":        {not: "v1 has no protection from reclaim"},
	"memory.swap.max":   {not: "v1 limits memory and swap as one sum (memory.memsw.limit_in_bytes), not swap alone"},
	"memory.oom.group":  {not: "v1 kills one process at a time"},

	"io.max":    {write: writeThrottles, read: readThrottles},
	"io.weight": {write: via("blkio.bfq.weight", toBFQ), read: from("blkio.bfq.weight", defaultWeight)},

	"pids.max":     {write: via("pids.max", toPids), read: asIs("pids.max")},
	"pids.current": {read: asIs("pids.current")},
}

// v1Only are files that v2 has nothing for, with the reason.
var v1Only = map[string]string{
	"memory.swappiness": "v2 has no swappiness of a group: vm.swappiness of the machine applies to all",
}

func via(file string, convert func(string) (string, error)) func(string) ([]sysfs.Write, error) {
	return func(value string) ([]sysfs.Write, error) {
		text, err := convert(value)
		return []sysfs.Write{{File: file, Value: text}}, err
	}
}

func from(file string, convert func(string) (string, error)) func(reader) (string, error) {
	return func(v1 reader) (string, error) {
		text, err := v1(file)
		if err != nil {
			return "", err
		}
		return convert(strings.TrimSpace(text))
	}
}

func asIs(file string) func(reader) (string, error) { return from(file, same) }

func same(value string) (string, error)    { return value, nil }
func toLimit(value string) (string, error) { return maxTo("-1", value) }
func toPids(value string) (string, error)  { return maxTo(unlimited, value) }

// writeQuota sets the period first: the kernel checks each write against the other
// file's present value, and refuses a quota that the old period makes larger than
// the parent's. A new group has no quota that the period could be refused for.
func writeQuota(value string) ([]sysfs.Write, error) {
	quota, period, err := splitQuota(value)
	if err != nil {
		return nil, err
	}
	set := sysfs.Write{File: "cpu.cfs_quota_us", Value: quota}
	if period == "" {
		return []sysfs.Write{set}, nil
	}
	return []sysfs.Write{{File: "cpu.cfs_period_us", Value: period}, set}, nil
}

func readQuota(v1 reader) (string, error) {
	quota, err := v1("cpu.cfs_quota_us")
	if err != nil {
		return "", err
	}
	period, err := v1("cpu.cfs_period_us")
	return joinQuota(strings.TrimSpace(quota), strings.TrimSpace(period)), err
}

// readCPUStat gives v2's lines as far as v1 knows them. On a hybrid host the
// reader answers cpu.stat of the unified leaf under the name "unified:cpu.stat".
func readCPUStat(v1 reader) (string, error) {
	usage, err := cpuUsage(v1)
	if err != nil {
		return "", err
	}
	text, err := v1("cpu.stat")
	if err != nil {
		return "", err
	}
	stat := fields(text)
	return fmt.Sprintf("%snr_periods %d\nnr_throttled %d\nthrottled_usec %d",
		usage, stat["nr_periods"], stat["nr_throttled"], stat["throttled_time"]/1000), nil
}

// cpuUsage prefers the unified leaf, whose split into user and system time the
// kernel has adjusted. Without either there are no lines.
func cpuUsage(v1 reader) (string, error) {
	text, err := v1("unified:cpu.stat")
	if err == nil {
		stat := fields(text)
		return usageLines(stat["usage_usec"], stat["user_usec"], stat["system_usec"]), nil
	}
	var ns [3]uint64
	for i, file := range []string{"cpuacct.usage", "cpuacct.usage_user", "cpuacct.usage_sys"} {
		text, err := v1(file)
		if absent(err) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		ns[i] = fields("n " + text)["n"]
	}
	user, system := splitUsage(ns[0], ns[1], ns[2])
	return usageLines(ns[0]/1000, user/1000, system/1000), nil
}

func usageLines(usage, user, system uint64) string {
	return fmt.Sprintf("usage_usec %d\nuser_usec %d\nsystem_usec %d\n", usage, user, system)
}

// readMemoryEvents gives the two of v2's events that v1 counts: charges that met
// the limit, and processes killed for it (since Linux 4.13).
func readMemoryEvents(v1 reader) (string, error) {
	control, err := v1("memory.oom_control")
	if err != nil {
		return "", err
	}
	failed, err := v1("memory.failcnt")
	if err != nil {
		return "", err
	}
	text := "max " + strings.TrimSpace(failed)
	if kills, counted := fields(control)["oom_kill"]; counted {
		text += fmt.Sprintf("\noom_kill %d", kills)
	}
	return text, nil
}

// absent says of an error that the thing is not there, which is not zero.
func absent(err error) bool { return gone(err) || errors.Is(err, errors.ErrUnsupported) }
