package cgroup

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Values between v2 notation, which experiments use, and v1's.

const unlimited = "max"

// cpu.max is "QUOTA PERIOD" in microseconds, QUOTA "max" for none; the period
// may be left out and then stays. v1 has a file for each, quota -1 for none.
func splitQuota(value string) (quota, period string, err error) {
	fields := strings.Fields(value)
	if len(fields) < 1 || len(fields) > 2 {
		return "", "", fmt.Errorf("%q is not \"QUOTA PERIOD\" in microseconds, such as \"50000 100000\"", value)
	}
	if quota, err = maxTo("-1", fields[0]); err != nil {
		return "", "", err
	}
	if len(fields) == 1 {
		return quota, "", nil
	}
	period, err = count(fields[1])
	return quota, period, err
}

func joinQuota(quota, period string) string {
	if strings.HasPrefix(quota, "-") {
		quota = unlimited
	}
	return quota + " " + period
}

// The kernel keeps one number for both: v2's weight w is shares of
// w*1024/100, so that v2's default 100 is v1's default 1024
// (cpu_weight_write_u64 in kernel/sched/core.c, CGROUP_WEIGHT_DFL). The same
// rule here gives a group the same standing against its siblings on either
// version. Note: the linear map of 1..10000 onto 2..262144 that container
// runtimes used makes the default weight 2597 shares, two and a half
// times the default of every other group; it is not used for that reason.
func weightToShares(value string) (string, error) {
	w, err := strconv.ParseUint(value, 10, 64)
	if err != nil || w < 1 || w > 10000 {
		return "", fmt.Errorf("%q is not a weight from 1 to 10000", value)
	}
	return strconv.FormatUint((w*1024+50)/100, 10), nil
}

// sharesToWeight is what the kernel would show on v2. Shares outside of
// what a weight can be become the nearest weight.
func sharesToWeight(value string) (string, error) {
	s, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		return "", fmt.Errorf("%q is not a number of shares", value)
	}
	return strconv.FormatUint(min(max((s*100+512)/1024, 1), 10000), 10), nil
}

// maxTo writes "max" as v1 does and leaves a count as it is.
func maxTo(none, value string) (string, error) {
	if value == unlimited {
		return none, nil
	}
	return count(value)
}

// count is a whole number without sign, in the form that the kernel shows.
func count(value string) (string, error) {
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		return "", fmt.Errorf("%q is not a whole number or \"max\"", value)
	}
	return strconv.FormatUint(n, 10), nil
}

// bytesFromV1 finds "max" in a v1 limit. v1 shows none as the largest count of
// pages that a long holds in bytes, less than a page below 1<<63, whatever the
// page size (PAGE_COUNTER_MAX in linux/page_counter.h).
func bytesFromV1(value string) (string, error) {
	const largestPage = 1 << 18
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return "", fmt.Errorf("%q is not a number of bytes", value)
	}
	if n >= math.MaxInt64-largestPage {
		return unlimited, nil
	}
	return value, nil
}

// fields reads lines "KEY VALUE", as of cpu.stat and memory.events. A line that
// is not of this form is left out.
func fields(text string) map[string]uint64 {
	values := map[string]uint64{}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseUint(value, 10, 64); err == nil {
			values[key] = n
		}
	}
	return values
}

// splitUsage divides exact CPU time in the ratio of sampled ticks, as the kernel
// does for v2 (cputime_adjust in kernel/sched/cputime.c): all of it is user time
// where no tick fell on the system.
func splitUsage(usage, user, system uint64) (uint64, uint64) {
	switch {
	case system == 0:
		return usage, 0
	case user == 0:
		return 0, usage
	}
	part := float64(system) / (float64(user) + float64(system))
	s := min(uint64(float64(usage)*part), usage)
	return usage - s, s
}

// ioUnits are the counts of a line of io.stat, "MAJOR:MINOR rbytes=1 wbytes=2
// rios=3 wios=4 dbytes=5 dios=6" (cgroup-v2.rst).
var ioUnits = map[string]string{"rbytes": "io-read-bytes", "wbytes": "io-write-bytes", "rios": "io-reads", "wios": "io-writes"}

// addIO adds up the devices of io.stat. A leaf that used none has no lines: zeros.
func addIO(text string, units map[string]float64) {
	for _, unit := range ioUnits {
		units[unit] = 0
	}
	for word := range strings.FieldsSeq(text) {
		key, value, _ := strings.Cut(word, "=")
		if n, err := strconv.ParseUint(value, 10, 64); err == nil && ioUnits[key] != "" {
			units[ioUnits[key]] += float64(n)
		}
	}
}

// pressureTotal takes the stall time in nanoseconds of "some" task, or of "full",
// all of them, from the text of a pressure file (accounting/psi.rst; total= is in
// microseconds).
func pressureTotal(text, of string) (float64, bool) {
	for line := range strings.Lines(text) {
		rest, isIt := strings.CutPrefix(line, of+" ")
		if !isIt {
			continue
		}
		for word := range strings.FieldsSeq(rest) {
			if total, ok := strings.CutPrefix(word, "total="); ok {
				us, err := strconv.ParseUint(total, 10, 64)
				return float64(us) * 1000, err == nil
			}
		}
	}
	return 0, false
}
