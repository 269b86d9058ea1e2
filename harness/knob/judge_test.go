package knob

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// stand judges one level by evidence.
func stand(t *testing.T, key, level string, e Evidence) (Standing, bool) {
	t.Helper()
	levels := map[string]string{key: level}
	effects, err := Resolve(levels, looking(t))
	require.NoError(t, err)
	s, ok := Judge(levels, effects, e)[key]
	return s, ok
}

type counts = map[string]float64
type texts = map[string]string

func TestTheMechanismIsJudged(t *testing.T) {
	check := func(key, level string, e Evidence, word Word, why string) {
		t.Helper()
		if s, ok := stand(t, key, level, e); !ok || s.Word != word || s.Why != why {
			t.Errorf("%s=%s stood %q, %q; want %q, %q", key, level, s.Word, s.Why, word, why)
		}
	}
	huge := func(bytes float64) Evidence {
		return Evidence{Counts: counts{"anon-huge-bytes": bytes, "rss-bytes": 71 << 20, "thp-fault-allocs": 3}}
	}
	check("thp", "never", huge(0), InForce, "AnonHugePages 0 B of 71 MiB")
	check("thp", "never", huge(2<<20), NotInForce, "AnonHugePages 2 MiB of 71 MiB, though none are allowed (the workload may collapse pages itself)")
	check("thp", "madvise", huge(0), Idle, "no page of the workload was huge: the Go heap is not advised (AnonHugePages 0 B of 71 MiB)")
	check("thp", "madvise", huge(2<<20), InForce, "AnonHugePages 2 MiB of 71 MiB")
	check("thp", "always", huge(64<<20), InForce, "AnonHugePages 64 MiB of 71 MiB")
	check("thp", "always", huge(0), Idle, "no page of the workload was huge (AnonHugePages 0 B of 71 MiB; on the whole host 3 were given at faults and 0 collapsed)")
	check("thp", "always", Evidence{}, InForce, "the workload's huge pages were not read")
	check("thp-defrag", "defer", huge(0), Idle, "no page of the workload was huge")
	check("thp-defrag", "defer", huge(2<<20), InForce, "")

	leaf := func(file, text string, c counts) Evidence { return Evidence{Leaf: texts{file: text}, Counts: c} }
	check("cpu.max", "0.5", leaf("cpu.max", "50000 100000", counts{"nr-throttled": 0, "nr-periods": 9}), Idle, "the workload was not throttled in any of 9 periods")
	check("cpu.max", "0.5", leaf("cpu.max", "50000 100000", counts{"nr-throttled": 4, "nr-periods": 9}), InForce, "throttled in 4 of 9 periods")
	check("cpu.max", "0.5", leaf("cpu.max", "max 100000", counts{"nr-throttled": 4}), NotInForce, "cpu.max was max 100000, not 50000 100000")
	check("cpu.max", "max", leaf("cpu.max", "max 100000", counts{"nr-throttled": 0}), InForce, "")
	check("cpu.weight", "200", leaf("cpu.weight", "200\n", nil), InForce, "")
	check("memory.max", "2GiB", leaf("memory.max", "2147483648", counts{"cgroup-peak-bytes": 80 << 20}), Idle, "peak 80 MiB of 2 GiB: the limit was not reached")
	check("memory.max", "64MiB", leaf("memory.max", "67108864", counts{"cgroup-peak-bytes": 64 << 20}), InForce, "peak 64 MiB of 64 MiB")
	check("memory.max", "64MiB", leaf("memory.max", "67108864", counts{"oom-kills": 1}), InForce, "the kernel killed 1 processes at the limit")
	check("memory.max", "max", leaf("memory.max", "max", nil), InForce, "")
	check("memory.max", "64MiB", leaf("memory.max", "max", nil), NotInForce, "memory.max was max, not 67108864")
	check("memory.max", "64MiB", Evidence{Leaf: texts{}}, NotInForce, "memory.max was not there")
	check("memory.max", "67108865B", leaf("memory.max", "67108864", counts{"cgroup-peak-bytes": 64 << 20}), InForce, "memory.max was rounded to 67108864; peak 64 MiB of 64 MiB")
	check("memory.max", "64MiB", leaf("memory.max", "67000000", nil), NotInForce, "memory.max was 67000000, not 67108864")
	check("cpuset.cpus", "0-1", leaf("cpuset.cpus", "0,1", nil), InForce, "")
	check("cpuset.cpus", "0-1", leaf("cpuset.cpus", "0", nil), NotInForce, "cpuset.cpus was 0, not 0-1")
	check("swappiness", "10", leaf("memory.swappiness", "60", nil), NotInForce, "memory.swappiness was 60, not 10")
	check("swappiness", "10", leaf("memory.swappiness", "10", counts{"pages-swapped-in": 0, "pages-swapped-out": 0}), Idle, "no page was swapped on this machine during the window")
	check("swappiness", "10", leaf("memory.swappiness", "10", counts{"pages-swapped-in": 2, "pages-swapped-out": 5}), InForce, "2 pages swapped in, 5 out, on the whole machine")

	env := func(name, text string) Evidence { return Evidence{Env: texts{name: text}} }
	check("gogc", "50", env("GOGC", "50"), InForce, "")
	check("gogc", "50", env("GOGC", "100"), NotInForce, "GOGC was 100, not 50")
	check("gogc", "50", env("PATH", "/bin"), NotInForce, "GOGC was not there")
	idle := func(times, beyond float64) Evidence {
		return Evidence{Affinity: []int{0, 1}, Counts: counts{"idle-entries": times, "idle-ns": 4e6, "disabled-idle-entries": beyond, "disabled-idle-ns": 3e6}}
	}
	check("c-state-limit", "C1", idle(0, 0), Idle, "no measured CPU was idle in the window")
	check("c-state-limit", "C1", idle(9, 2), InForce, "the measured CPUs were idle 9 times, 4ms in all")
	check("c-state-limit", "C1", idle(9, 3), NotInForce, "the measured CPUs were 3 times in states that are disabled, 3ms in all")
	check("c-state-limit", "any", idle(9, 3), InForce, "the measured CPUs were idle 9 times, 4ms in all")
	check("c-state-limit", "C1", Evidence{}, InForce, "the idle states of the measured CPUs were not read")
	reads := func(text, cgo string) Evidence {
		return Evidence{Env: texts{"GODEBUG": text}, Build: texts{"godebugs": "gctrace,netdns", "CGO_ENABLED": cgo}}
	}
	check("godebug.gctrace", "1", reads("madvdontneed=1,gctrace=1", "0"), InForce, "")
	check("godebug.gctrac", "1", reads("gctrac=1", "0"), NotInForce, `the toolchain that built the binary has no setting "gctrac" of GODEBUG`)
	check("godebug.gctrace", "1", env("GODEBUG", "gctrace=1"), Unproved, "it is in the environment; whether the program reads it could not be found out, as the sources of the toolchain that built it are not known")
	check("godebug.netdns", "cgo+1", reads("netdns=cgo+1", "1"), InForce, "")
	check("godebug.netdns", "go", reads("netdns=go", "0"), InForce, "")
	check("godebug.netdns", "cgo", reads("netdns=cgo", "0"), NotInForce, "the binary was built without cgo, and so has no other resolver than Go's: set cgo-enabled=1 beside it")
	feature := func(setting, said string, build texts) Evidence {
		e := Evidence{Env: texts{"GODEBUG": setting}, Build: build}
		if said != "" {
			e.Said = []string{`GODEBUG: unknown cpu feature "sse9"`, said}
		}
		return e
	}
	knows := texts{"go": "go1.26.8", "godebugs": "cpu.all,cpu.avx2,gctrace"}
	check("godebug.cpu.avx2", "off", feature("cpu.avx2=off", "", knows), InForce, "")
	check("godebug.cpu.avx2", "on", feature("cpu.avx2=on", `GODEBUG: can not enable "avx2", missing CPU support`, knows), NotInForce, `the runtime said: GODEBUG: can not enable "avx2", missing CPU support`)
	check("godebug.cpu.avx", "off", feature("cpu.avx=off", `GODEBUG: can not enable "avx2", missing CPU support`, knows), NotInForce, `the toolchain that built the binary has no setting "cpu.avx" of GODEBUG`)
	check("godebug.cpu.avx2", "off", feature("cpu.avx2=off", "", texts{"go": "go1.20"}), InForce, "the runtime said nothing against it")
	check("godebug.cpu.avx2", "off", feature("cpu.avx2=off", "", texts{}), Unproved, "it is in the environment; whether the program reads it could not be found out, as the sources of the toolchain that built it are not known")
	check("godebug.gctrace", "1", env("GODEBUG", "gctrace=1,gctrace=0"), NotInForce, "GODEBUG was gctrace=1,gctrace=0, not gctrace=1")
	check("gomaxprocs", "2", Evidence{Env: texts{"GOMAXPROCS": "2"}, Counts: counts{"gomaxprocs": 4}}, NotInForce, "the workload reports GOMAXPROCS 4")
	check("gomaxprocs", "2", Evidence{Env: texts{"GOMAXPROCS": "2"}, Counts: counts{"gomaxprocs": 2}}, InForce, "as the workload reports")

	build := func(name, text string) Evidence { return Evidence{Build: texts{name: text}} }
	check("goamd64", "v3", build("GOAMD64", "v3"), InForce, "")
	check("goamd64", "v3", build("GOAMD64", "v1"), NotInForce, "GOAMD64 was v1, not v3")
	check("goexperiment", "jsonv2,nogreenteagc", build("GOEXPERIMENT", "nogreenteagc,jsonv2"), InForce, "")
	check("goexperiment", "nogreenteagc", build("GOAMD64", "v1"), NotInForce, "GOEXPERIMENT was not there")

	check("cpus", "1", Evidence{Affinity: []int{1}}, InForce, "")
	check("cpus", "1", Evidence{Affinity: []int{0, 1}}, NotInForce, "affinity was 0-1, not 1")
	check("thp", "never", Evidence{Host: texts{thpEnabled: "always [madvise] never"}}, NotInForce, thpEnabled+" was madvise, not never")
}

func TestWhatWasNotLookedAtHasNoStanding(t *testing.T) {
	for _, try := range [][2]string{{"memory.max", "64MiB"}, {"goamd64", "v3"}, {"cpus", "1"}, {"thp", Default}} {
		if s, ok := stand(t, try[0], try[1], Evidence{}); ok {
			t.Errorf("%v stood %+v", try, s)
		}
	}
}

func TestAnEnvironmentThatWasGoneCouldNotBeFoundOut(t *testing.T) {
	s, _ := stand(t, "gogc", "50", Evidence{})
	require.Equal(t, Standing{Unproved, "the process had ended before its environment could be read"}, s)
}

func TestEffectiveRecordsWhatDiffersAndWhatWasDefault(t *testing.T) {
	check := func(levels texts, e Evidence, want texts) {
		t.Helper()
		effects, err := Resolve(levels, looking(t))
		require.NoError(t, err)
		require.Equal(t, want, Effective(levels, effects, e))
	}
	check(texts{"memory.max": "67108865B"}, Evidence{Leaf: texts{"memory.max": "67108864"}}, texts{"memory.max": "64MiB"})
	check(texts{"memory.max": "64MiB"}, Evidence{Leaf: texts{"memory.max": "67108864\n"}}, texts{})
	check(texts{"cpu.max": Default}, Evidence{Leaf: texts{"cpu.max": "max 100000"}}, texts{"cpu.max": "max"})
	check(texts{"cpu.max": "5ms/10ms"}, Evidence{Leaf: texts{"cpu.max": "5000 10000\n"}}, texts{})
	check(texts{"gogc": Default, "goamd64": Default}, Evidence{Env: texts{}, Build: texts{"GOAMD64": "v1"}}, texts{"gogc": "unset", "goamd64": "v1"})
	check(texts{"godebug.panicnil": Default, "godebug.gctrace": Default}, Evidence{Env: texts{"GODEBUG": "netdns=go"}, Build: texts{"DefaultGODEBUG": "asynctimerchan=1,panicnil=1"}},
		texts{"godebug.panicnil": "1", "godebug.gctrace": "unset"})
	check(texts{"thp": Default}, Evidence{Host: texts{thpEnabled: "always [madvise] never"}}, texts{"thp": "madvise"})
	check(texts{"thp": "always"}, Evidence{Host: texts{thpEnabled: "[always] madvise never", thpDefrag: "[defer] never", pmdFile: "[inherit] never"}},
		texts{thpDefrag: "defer", pmdFile: "inherit"})
	check(texts{"thp": "always", "thp-defrag": "defer"}, Evidence{Host: texts{thpEnabled: "[always] never", thpDefrag: "[defer] never"}}, texts{})
}
