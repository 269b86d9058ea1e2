package knob

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

// The kernel controls frequency by policies, each of one CPU or of several that
// share a clock. A knob sets all policies alike.
const (
	policies       = "sys/devices/system/cpu/cpufreq/policy*/"
	governorFiles  = policies + "scaling_governor"
	minFreqFiles   = policies + "scaling_min_freq"
	maxFreqFiles   = policies + "scaling_max_freq"
	preferences    = policies + "energy_performance_preference"
	intelTurbo     = "sys/devices/system/cpu/intel_pstate/no_turbo"
	boost          = "sys/devices/system/cpu/cpufreq/boost"
	boostByPolicy  = policies + "boost"
	leastFrequency = "cpuinfo_min_freq"
	mostFrequency  = "cpuinfo_max_freq"
)

// onWorkQueue is for limits that a driver applies by a work item of the kernel
// (freq_qos notifiers and refresh_frequency_limits in drivers/cpufreq/cpufreq.c).
// It runs within a tick or two, on a loaded machine later.
const onWorkQueue = 50 * time.Millisecond

// inPolicies is the effect of writing to a file of every policy what value makes
// of its folder. Policies of CPUs that are offline are left out.
func inPolicies(h host.Host, pattern string, same sysfs.Same, value func(folder string) (string, error)) (Effects, error) {
	files, err := h.FS.Glob(pattern)
	if err != nil {
		return Effects{}, err
	}
	if len(files) == 0 {
		return Effects{}, noPolicies(h, pattern)
	}
	var e Effects
	for _, file := range files {
		folder := file[:strings.LastIndexByte(file, '/')+1]
		if offline(h, folder) {
			continue
		}
		text, err := value(folder)
		if err != nil {
			return Effects{}, err
		}
		e.Host = append(e.Host, sysfs.Write{File: file, Value: text, Same: same})
	}
	return e, nil
}

// offline says whether none of the CPUs of a policy is online, or will be with the
// other levels of the cell: smt=off leaves the policies of second threads without one.
func offline(h host.Host, folder string) bool {
	text, err := h.FS.Read(folder + "related_cpus")
	if err != nil {
		return dormant(err)
	}
	return !slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		cpu, err := strconv.Atoi(word)
		return err != nil || slices.Contains(h.CPU.Online, cpu)
	})
}

func noPolicies(h host.Host, pattern string) error {
	if there, err := h.FS.Glob(strings.TrimSuffix(policies, "/")); err == nil && len(there) > 0 {
		return unsupported("the frequency driver of this machine has no %s", pattern[strings.LastIndexByte(pattern, '/')+1:])
	}
	return unsupported("frequency is not this kernel's to set (no sys/devices/system/cpu/cpufreq/policy*): a hypervisor or firmware does, or the driver is not loaded")
}

// offered refuses a word that a policy does not list.
func offered(h host.Host, list, word string) func(folder string) (string, error) {
	return func(folder string) (string, error) {
		text, err := h.FS.Read(folder + list)
		if err != nil {
			return word, nil // a driver that lists none takes or refuses it itself
		}
		if words := strings.Fields(text); !slices.Contains(words, word) {
			return "", unsupported("%s%s offers %s", folder, list, strings.Join(words, ", "))
		}
		return word, nil
	}
}

// lowest and highest are levels that mean what each policy's processor can do.
const (
	lowest  = "lowest"
	highest = "highest"
)

// parseFrequency reads "2.1GHz", "800MHz", lowest or highest.
func parseFrequency(_, text string) (string, error) {
	if text == lowest || text == highest {
		return text, nil
	}
	khz, err := Kilohertz(text)
	return showKilohertz(khz), err
}

// Kilohertz parses a frequency such as 2.1GHz or 800MHz.
func Kilohertz(text string) (int64, error) {
	digits, scale := text, int64(0)
	for unit, of := range map[string]int64{"GHz": 1_000_000, "MHz": 1_000} {
		if n, ok := strings.CutSuffix(text, unit); ok {
			digits, scale = n, of
		}
	}
	r, ok := new(big.Rat), false
	if len(digits) <= 12 && digits != "" && strings.Trim(digits, "0123456789.") == "" {
		r, ok = r.SetString(digits)
	}
	if !ok || scale == 0 {
		return 0, fmt.Errorf("%q is not a frequency such as 2.1GHz or 800MHz", text)
	}
	r.Mul(r, new(big.Rat).SetInt64(scale))
	if !r.IsInt() || !r.Num().IsInt64() || r.Num().Int64() < 1_000 || r.Num().Int64() > 100_000_000 {
		return 0, fmt.Errorf("%q is not from 1MHz to 100GHz in whole kHz", text)
	}
	return r.Num().Int64(), nil
}

func showKilohertz(khz int64) string {
	of, unit := int64(1_000), "MHz"
	if khz >= 1_000_000 {
		of, unit = 1_000_000, "GHz"
	}
	digits := big.NewRat(khz, of).FloatString(6)
	return strings.TrimRight(strings.TrimRight(digits, "0"), ".") + unit
}

// frequencyText shows what a file holds, in kHz, as a level.
func frequencyText(text string) string {
	khz, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return text
	}
	return showKilohertz(khz)
}

// frequency is the effect of a limit on every policy.
func frequency(files string) func(_, level string, h host.Host) (Effects, error) {
	return func(_, level string, h host.Host) (Effects, error) {
		return inPolicies(h, files, sysfs.Number, func(folder string) (string, error) { return within(h, folder, level) })
	}
}

// within gives a limit in kHz, refusing what a policy's processor can't do.
func within(h host.Host, folder, level string) (string, error) {
	least, err := h.FS.Read(folder + leastFrequency)
	if err != nil {
		return "", err
	}
	most, err := h.FS.Read(folder + mostFrequency)
	if err != nil {
		return "", err
	}
	switch level {
	case lowest:
		return least, nil
	case highest:
		return most, nil
	}
	khz, err := Kilohertz(level)
	if err != nil {
		return "", err
	}
	lo, errLo := strconv.ParseInt(least, 10, 64)
	hi, errHi := strconv.ParseInt(most, 10, 64)
	if errLo == nil && errHi == nil && (khz < lo || khz > hi) {
		return "", unsupported("%s goes from %s to %s", strings.TrimSuffix(folder, "/"), frequencyText(least), frequencyText(most))
	}
	return strconv.FormatInt(khz, 10), nil
}
