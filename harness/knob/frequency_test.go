package knob

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
)

// written is what a level writes on a host, file by file.
func written(t *testing.T, h host.Host, key, level string) texts {
	t.Helper()
	e, err := Resolve(texts{key: level}, h)
	require.NoError(t, err)
	files := texts{}
	for _, w := range e.Host {
		files[w.File] = w.Value
	}
	return files
}

func refused(t *testing.T, h host.Host, why string, levels texts) {
	t.Helper()
	_, err := Resolve(levels, h)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, why)
}

func TestEveryPolicyIsWritten(t *testing.T) {
	h := machine(t, nil)
	check := func(key, level, file, want0, want1 string) {
		t.Helper()
		require.Equal(t, texts{policy0 + file: want0, policy1 + file: want1}, written(t, h, key, level))
	}
	check("governor", "performance", "scaling_governor", "performance", "performance")
	check("energy-performance-preference", "power", "energy_performance_preference", "power", "power")
	check("cpu-max-freq", "1.2GHz", "scaling_max_freq", "1200000", "1200000")
	check("cpu-min-freq", "800MHz", "scaling_min_freq", "800000", "800000")
	put(t, h, policy1+"cpuinfo_max_freq", "4500000")
	check("cpu-max-freq", "highest", "scaling_max_freq", "3000000", "4500000")
	check("cpu-max-freq", "lowest", "scaling_max_freq", "800000", "800000")
}

func TestFrequenciesThatCannotBeSayWhy(t *testing.T) {
	h := machine(t, nil)
	refused(t, h, "policy0/scaling_available_governors offers performance, powersave", texts{"governor": "ondemand"})
	refused(t, h, "policy0 goes from 800MHz to 3GHz", texts{"cpu-max-freq": "3.1GHz"})
	refused(t, h, "policy0 goes from 800MHz to 3GHz", texts{"cpu-min-freq": "700MHz"})
	refused(t, h, "cpu-min-freq=2GHz is above cpu-max-freq=1.5GHz", texts{"cpu-min-freq": "2GHz", "cpu-max-freq": "1.5GHz"})
	refused(t, h, "above cpu-max-freq=lowest", texts{"cpu-min-freq": "highest", "cpu-max-freq": "lowest"})
	refused(t, h, "the governor performance takes no", texts{"governor": "performance", "energy-performance-preference": "power"})
	for _, key := range []string{"scaling_governor", "energy_performance_preference"} {
		h = machine(t, map[string]string{policy0 + key: "", policy1 + key: ""})
	}
	refused(t, h, "has no energy_performance_preference", texts{"energy-performance-preference": "power"})
	refused(t, host.Host{FS: h.FS + "/nowhere"}, "frequency is not this kernel's to set", texts{"governor": "performance"})
}

func TestTurboKnowsEachDriversWay(t *testing.T) {
	check := func(change map[string]string, level string, want texts, now string) {
		t.Helper()
		h := machine(t, change)
		require.Equal(t, want, written(t, h, "turbo", level))
		k, _ := Lookup("turbo")
		current, support := scout{host: h, reach: everything, writable: h.FS.Writable}.knob(k)
		require.Equal(t, Support{Word: Yes}, support)
		require.Equal(t, now, current)
	}
	check(nil, "off", texts{boost: "0"}, "on")
	check(map[string]string{intelTurbo: "1"}, "off", texts{intelTurbo: "1"}, "off")
	check(map[string]string{intelTurbo: "0"}, "on", texts{intelTurbo: "0"}, "on")
	check(map[string]string{boost: "", policy0 + "boost": "1", policy1 + "boost": "0"}, "on", texts{policy0 + "boost": "1", policy1 + "boost": "1"}, "off/on")
	refused(t, machine(t, map[string]string{boost: ""}), "has no turbo", texts{"turbo": "off"})
}

func TestPoliciesThatDifferAreAllShown(t *testing.T) {
	h := machine(t, map[string]string{policy1 + "scaling_max_freq": "2100000"})
	k, _ := Lookup("cpu-max-freq")
	current, support := scout{host: h, reach: everything, writable: h.FS.Writable}.knob(k)
	require.Equal(t, Support{Word: Yes}, support)
	require.Equal(t, "2.1GHz/3GHz", current)
	e, err := Resolve(texts{"cpu-max-freq": Default}, h)
	require.NoError(t, err)
	require.Equal(t, []string{policy0 + "scaling_max_freq", policy1 + "scaling_max_freq"}, e.Observe)
}

func TestTheKernelRoundsAFrequency(t *testing.T) {
	levels := texts{"cpu-max-freq": "1GHz"}
	e, err := Resolve(levels, looking(t))
	require.NoError(t, err)
	seen := Evidence{Host: texts{policy0 + "scaling_max_freq": "800000", policy1 + "scaling_max_freq": "1000000"}}
	require.Equal(t, Standing{InForce, policy0 + "scaling_max_freq: the kernel made 800000 of 1000000"}, Judge(levels, e, seen)["cpu-max-freq"])
	require.Equal(t, texts{"cpu-max-freq": "1GHz/800MHz"}, Effective(levels, e, seen))
}

func TestThreadsOfACoreCanBeSwitchedOnlyWhereThatCanBeUndone(t *testing.T) {
	h := machine(t, nil)
	require.Equal(t, texts{smtControl: "off"}, written(t, h, "smt", "off"))
	check := func(now, groups, level, why string) {
		t.Helper()
		refused(t, machine(t, map[string]string{smtControl: now, "proc/self/cgroup": groups}), why, texts{"smt": level})
	}
	check("notsupported", "0::/\n", "off", "one thread each")
	check("notimplemented", "0::/\n", "off", "on this architecture")
	check("forceoff", "0::/\n", "on", "until the next boot")
	check("on", "3:cpuset:/\n0::/\n", "off", "leaves the cpusets of cgroup v1 for good")
	refused(t, h, "cpus and smt can't be set together", texts{"smt": "off", "cpus": "1"})
}
