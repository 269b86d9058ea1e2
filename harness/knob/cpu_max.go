package knob

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "cpu.max",
	Doc:   "CPU time that the workload may use: a number of CPUs, or a quota in each period",
	Scope: Cgroup,
	Allow: "a number of CPUs such as 0.5, QUOTA/PERIOD such as 5ms/10ms, or max",
	Try:   "cpu.max=0.5",
	Note:  "Go 1.25 and later derive GOMAXPROCS from the quota of the leaf, where it is set; one on a group above does not reach it",
	Parse: func(_, text string) (string, error) {
		b, err := parseBandwidth(text)
		return b.String(), err
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		b, err := parseBandwidth(level)
		if err != nil {
			return Effects{}, err
		}
		return Effects{Cgroup: []sysfs.Write{{File: "cpu.max", Value: b.file()}}}, b.below(h)
	},
	Check:   cpuMaxCheck,
	Checked: "periods in which the workload was throttled (nr_throttled of cpu.stat); idle where there were none",
	Refuses: []Refusal{
		{Cell: "cpu.max=0.005", Why: "no quota below 1ms a period"},
		{Cell: "cpu.max=100us/1ms", Why: "no quota below 1ms a period"},
		{Cell: "cpu.max=5s/10s", Why: "the period has to be from 1ms to 1s"},
		{Cell: "cpu.max=2", Where: "a container that has a quota of half a CPU", Files: map[string]string{quotaAboveV2: "50000 100000"}, Why: "the group above has 0.5"},
		{Cell: "cpu.max=max", Where: "a container that has a quota of half a CPU", Files: map[string]string{quotaAboveV1: "50000", periodAboveV1: "100000"}, Why: "the group above has 0.5"},
	},
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := fromLeaf("cpu.max", e)
		if b, err := parseBandwidth(text); err == nil {
			return b.String(), ok
		}
		return text, ok
	},
	Leaf:   "cpu.max",
	Causes: []string{"run-queue", "throttling"}, // who is throttled is runnable and does not run
})

// Files of the group that this process sees as the uppermost. In a container it
// is the container's, and may have a quota; on a machine itself v2's has no such
// file, and v1's says -1.
const (
	quotaAboveV2  = "sys/fs/cgroup/cpu.max"
	quotaAboveV1  = "sys/fs/cgroup/cpu/cpu.cfs_quota_us"
	periodAboveV1 = "sys/fs/cgroup/cpu/cpu.cfs_period_us"
)

// below refuses a bandwidth that the group above does not have: the workload
// would be held to that one, while Go, which looks at the leaf alone
// (internal/runtime/cgroup), would take this one for its GOMAXPROCS.
func (b bandwidth) below(h host.Host) error {
	text, err := h.FS.Read(quotaAboveV2)
	if err != nil {
		quota, errQuota := h.FS.Read(quotaAboveV1)
		period, errPeriod := h.FS.Read(periodAboveV1)
		if errQuota != nil || errPeriod != nil {
			return nil
		}
		text = strings.TrimSpace(quota) + " " + strings.TrimSpace(period)
	}
	above, err := parseBandwidth(strings.TrimSpace(text))
	if err != nil || above.quota == 0 { // "-1 100000" is no quota
		return nil
	}
	if b.quota == 0 || b.quota*above.period > above.quota*b.period {
		return unsupported("the group above has %s CPUs (a container's quota), and what is below has no more: run outside of it, or lower the level", above)
	}
	return nil
}

func cpuMaxCheck(_, level string, e Evidence) Standing {
	throttled, ok := e.Counts["nr-throttled"]
	switch {
	case level == "max":
		return Standing{Word: InForce}
	case !ok:
		return Standing{Word: InForce, Why: "throttling was not counted"}
	case throttled == 0:
		return Standing{Word: Idle, Why: fmt.Sprintf("the workload was not throttled in any of %.0f periods", e.Counts["nr-periods"])}
	}
	return Standing{Word: InForce, Why: fmt.Sprintf("throttled in %.0f of %.0f periods", throttled, e.Counts["nr-periods"])}
}

// Bounds of the kernel (kernel/sched/core.c: min_cfs_quota_period,
// max_cfs_quota_period), in microseconds; and more CPUs than any machine has.
const (
	leastMicros   = 1_000
	longestPeriod = 1_000_000
	defaultPeriod = 100_000
	mostCPUs      = 8192
)

// A bandwidth is a CPU quota in each period, in microseconds. Quota 0 is no limit.
type bandwidth struct{ quota, period int64 }

// parseBandwidth reads "max", a number of CPUs, "QUOTA/PERIOD" in Go durations,
// or the kernel's own "QUOTA PERIOD" in microseconds.
func parseBandwidth(text string) (bandwidth, error) {
	if text == "max" {
		return bandwidth{period: defaultPeriod}, nil
	}
	b, err := bandwidthOf(text)
	switch {
	case err != nil:
		return bandwidth{}, err
	case b.quota == 0:
		return b, nil // "max 100000"
	case b.period < leastMicros || b.period > longestPeriod:
		return bandwidth{}, fmt.Errorf("%q: the period has to be from 1ms to 1s", text)
	case b.quota < leastMicros:
		return bandwidth{}, fmt.Errorf("%q: the kernel takes no quota below 1ms a period (0.01 CPUs of 100ms): lengthen the period", text)
	case b.quota > mostCPUs*b.period:
		return bandwidth{}, fmt.Errorf("%q is more than %d CPUs", text, mostCPUs)
	}
	return b, nil
}

func bandwidthOf(text string) (bandwidth, error) {
	if quota, period, ok := strings.Cut(text, "/"); ok {
		q, err := micros(quota)
		if err != nil {
			return bandwidth{}, err
		}
		p, err := micros(period)
		return bandwidth{q, p}, err
	}
	if quota, period, ok := strings.Cut(text, " "); ok {
		p, err := kernelMicros(period)
		if quota == "max" || err != nil {
			return bandwidth{0, p}, err
		}
		q, err := kernelMicros(quota)
		return bandwidth{q, p}, err
	}
	q, err := cpusToMicros(text)
	return bandwidth{q, defaultPeriod}, err
}

func micros(text string) (int64, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d%time.Microsecond != 0 {
		return 0, fmt.Errorf("%q is not a time in whole microseconds, such as 50ms", text)
	}
	return d.Microseconds(), nil
}

func kernelMicros(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 48)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is not a number of microseconds", text)
	}
	return int64(n), nil
}

// cpusToMicros is exact: 0.1 has no float64.
func cpusToMicros(text string) (int64, error) {
	if text == "" || len(text) > 20 || strings.Trim(text, "0123456789.") != "" {
		return 0, fmt.Errorf("%q is not a number of CPUs", text)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || r.Sign() <= 0 {
		return 0, fmt.Errorf("%q is not a number of CPUs above 0", text)
	}
	r.Mul(r, new(big.Rat).SetInt64(defaultPeriod))
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, fmt.Errorf("%q: give at most 5 decimals, the kernel counts in microseconds of 100ms", text)
	}
	return r.Num().Int64(), nil
}

// String is the canonical level: a number of CPUs where the period is the
// default, since 0.5 and 50ms/100ms are the same.
func (b bandwidth) String() string {
	switch {
	case b.period == 0:
		return ""
	case b.quota == 0:
		return "max" // with whatever period
	case b.period == defaultPeriod:
		s := big.NewRat(b.quota, b.period).FloatString(5)
		return strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return show(b.quota) + "/" + show(b.period)
}

func show(us int64) string { return (time.Duration(us) * time.Microsecond).String() }

// file is the text for cpu.max.
func (b bandwidth) file() string {
	if b.quota == 0 {
		return fmt.Sprintf("max %d", b.period)
	}
	return fmt.Sprintf("%d %d", b.quota, b.period)
}
