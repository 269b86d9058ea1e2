package knob

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
)

func TestTheSliceIsFoundWhereThisKernelHasIt(t *testing.T) {
	check := func(file string, change map[string]string) {
		t.Helper()
		h := machine(t, change)
		require.Equal(t, texts{file: "10000000"}, written(t, h, "sched-slice", "10ms"))
		k, _ := Lookup("sched-slice")
		current, _ := scout{host: h, reach: everything, writable: h.FS.Writable}.knob(k)
		require.Equal(t, "3ms", current)
	}
	check(baseSlice, nil)
	check(minGranularity, map[string]string{baseSlice: "", minGranularity: "3000000"})
	check(oldGranularity, map[string]string{baseSlice: "", oldGranularity: "3000000"})
}

func TestASliceOutOfReachSaysWhy(t *testing.T) {
	check := func(why string, change map[string]string, edit func(*host.Host)) {
		t.Helper()
		change[baseSlice] = ""
		h := machine(t, change)
		edit(&h)
		refused(t, h, why, texts{"sched-slice": "10ms"})
	}
	none := func(*host.Host) {}
	check("debugfs is not mounted", map[string]string{}, none)
	check("this kernel has neither", map[string]string{debugSched + "/features": "X"}, none)
	check("CONFIG_SCHED_DEBUG", map[string]string{}, func(h *host.Host) { h.Kernel = "5.10.0" })
	check("needs root", map[string]string{"sys/kernel/debug/x": "1"}, func(h *host.Host) { h.Root = false })
	require.ErrorContains(t, closedSlice(baseSlice, host.Host{Root: true}), "locked down")
	require.ErrorContains(t, closedSlice(baseSlice, host.Host{}), "needs root")
}

func TestMemoryKnobsKnowTheirMachine(t *testing.T) {
	h := machine(t, nil)
	h.Memory.Total, h.Memory.PageSize = 24<<30, 4096
	refused(t, h, "up to 9216 pages of 2048 KiB", texts{"nr-hugepages": "9217"})
	require.Equal(t, texts{hugepagesFile: "9216"}, written(t, h, "nr-hugepages", "9216"))
	refused(t, h, "up to 511 can be left out", texts{"thp-max-ptes-none": "512"})
	refused(t, h, "2048kB, 64kB, not of 16kB", texts{"mthp.16kB": "always"})
	refused(t, machine(t, map[string]string{pmdFile: "", mthpFile("64kB"): ""}), "they came with Linux 6.8", texts{"mthp.64kB": "always"})
	refused(t, machine(t, map[string]string{"proc/meminfo": "CommitLimit: 1000000 kB\nCommitted_AS: 900000 kB\n"}), "878 MiB of the 976 MiB", texts{"overcommit-memory": "2"})
	require.Equal(t, texts{overcommitFile: "2"}, written(t, h, "overcommit-memory", "2"))
	refused(t, h, "this machine has tsc, hpet, acpi_pm", texts{"clocksource": "kvm-clock"})
	require.Equal(t, texts{portRange: "20000 60999"}, written(t, h, "local-port-range", "20000-60999"))
}

func TestFewerHugePagesThanAskedForAreNotTheLevel(t *testing.T) {
	levels := texts{"nr-hugepages": "100"}
	e, err := Resolve(levels, looking(t))
	require.NoError(t, err)
	s := Judge(levels, e, Evidence{Host: texts{hugepagesFile: "37"}})["nr-hugepages"]
	require.Equal(t, Standing{NotInForce, hugepagesFile + ": the kernel made 37 of 100; memory was too fragmented for more than 37"}, s)
}

func TestSysctlsThatAnExperimentMayNotTouch(t *testing.T) {
	check := func(key, why string) {
		t.Helper()
		_, err := Parse("sysctl."+key, "1")
		require.ErrorContains(t, err, why, key)
	}
	for _, name := range []string{
		"kernel.panic", "kernel.panic_on_oops", "kernel.hung_task_panic", "kernel.softlockup_panic", "vm.panic_on_oom",
		"kernel.oops_limit", "kernel.sysrq", "kernel.ctrl-alt-del",
	} {
		check(name, "is refused: "+stops)
	}
	for _, name := range []string{"kernel.modules_disabled", "kernel.kexec_load_disabled", "kernel.unprivileged_bpf_disabled"} {
		check(name, "is refused: "+final)
	}
	check("kernel.core_pattern", runs)
	check("kernel.modprobe", runs)
	check("kernel.usermodehelper.bset", runs)
	check("fs.binfmt_misc.register", runs)
	check("fs.suid_dumpable", guards)
	check("kernel.yama.ptrace_scope", guards)
	check("vm.compact_memory", isAnAct)
	check("net.ipv4.route.flush", isAnAct)
	check("net.ipv4.ip_forward", spreads)
	check("net.ipv4.conf.all.rp_filter", spreads)
	check("net.ipv6.conf.lo.disable_ipv6", spreads)
	check("kernel.ns_last_pid", countsOn)
	check("kernel.hostname", nameOf)
	check("kernel.nmi_watchdog", switching)

	check("vm.swappiness", "has a knob: use swappiness")
	check("vm.drop_caches", "has a knob: use drop-caches")
	check("vm.dirty_bytes", "has a knob: use dirty-bytes")
	check("vm.overcommit_kbytes", "another unit of overcommit-ratio")
	check("kernel.sched_min_granularity_ns", "use sched-slice")
	check("vm.nr_hugepages_mempolicy", "use nr-hugepages")
}

func TestSysctlNamesLeadNowhereElse(t *testing.T) {
	check := func(key, text, why string) {
		t.Helper()
		_, err := Parse(key, text)
		require.ErrorContains(t, err, why, key)
	}
	for _, key := range []string{"sysctl.vm", "sysctl.vm..x", "sysctl...x", "sysctl.vm.x.", "sysctl..vm.x", "sysctl.vm. x", "sysctl.vm.*", "sysctl.vm.[a]"} {
		check(key, "1", "is no name of a setting")
	}
	check("sysctl.vm/vfs_cache_pressure", "1", "has a slash: write dots")
	check("sysctl.../../etc.passwd", "1", "has a slash")
	check("sysctl.vm.vfs_cache_pressure", "0100", "read as octal")
	check("sysctl.vm.vfs_cache_pressure", "1\n2", "control character")
	level, err := Parse("sysctl.net.ipv4.tcp_rmem", "4096  131072 6291456")
	require.NoError(t, err)
	require.Equal(t, "4096 131072 6291456", level)
	refused(t, machine(t, nil), "this kernel has no proc/sys/vm/nothing_such", texts{"sysctl.vm.nothing_such": "1"})
}

func TestGroupsThatV1DoesNotHave(t *testing.T) {
	v1 := machine(t, map[string]string{"proc/self/cgroup": "4:memory:/\n1:cpu:/\n5:blkio:/\n0::/\n"})
	check := func(key, level, why string) {
		t.Helper()
		refused(t, v1, why, texts{key: level})
		k, _ := Lookup(key)
		_, support := scout{host: v1, reach: everything, writable: v1.FS.Writable}.knob(k)
		require.Equal(t, No, support.Word)
		require.Contains(t, support.Why, why)
		v2 := v1
		v2.Cgroup = host.CgroupV2
		_, err := Resolve(texts{key: level}, v2)
		require.NoError(t, err)
	}
	check("memory.high", "1GiB", "no limit that throttles")
	check("memory.low", "1GiB", "no protection from reclaim")
	check("memory.swap.max", "1GiB", "memory and swap as one sum")
}

func TestGroupKnobsKnowTheirMachine(t *testing.T) {
	h := machine(t, nil)
	h.Cgroup = host.CgroupV2
	leaf := func(key, level string) string {
		t.Helper()
		e, err := Resolve(with(key, level), h)
		require.NoError(t, err)
		return e.Cgroup[len(e.Cgroup)-1].Value
	}
	require.Equal(t, "254:0 rbps=max wbps=1048576 riops=7 wiops=max", leaf("io.max", "vda,wbps=1MiB,riops=7"))
	require.Equal(t, "default 200", leaf("io.weight", "200"))
	require.Equal(t, "50000", leaf("cpu.max.burst", "50ms")) // after cpu.max
	require.Equal(t, "max", leaf("pids.max", "max"))
	refused(t, h, "there is no disk sda here", texts{"io.max": "sda,wbps=1MiB"})
	refused(t, h, "no memory on node 1 here", texts{"cpuset.mems": "0-1"})
	refused(t, h, "means nothing without cpu.max", texts{"cpu.max.burst": "50ms"})
	refused(t, h, "above the quota of cpu.max=0.5, 50ms", texts{"cpu.max.burst": "51ms", "cpu.max": "0.5"})
	refused(t, h, "cpu.idle and cpu.weight can't be set together", texts{"cpu.idle": "1", "cpu.weight": "200"})
	h.Kernel, h.Swap = "5.10.0", 0
	refused(t, h, "came with Linux 5.15", texts{"cpu.idle": "1"})
	refused(t, h, "came with Linux 5.14", texts{"cpu.max.burst": "0s", "cpu.max": "0.5"})
	refused(t, h, "has no swap", texts{"memory.swap.max": "1GiB"})
}

func TestBuildFlagsAreJoinedAndHeldOneByOne(t *testing.T) {
	levels := texts{"gcflags": "all=-N -l", "ldflags": "-randlayout=7", "pgo": "workloads/x/heavy.pgo", "goamd64": "v2"}
	e, err := Resolve(levels, looking(t))
	require.NoError(t, err)
	require.Equal(t, texts{"GOAMD64": "v2", "GOFLAGS": "'-gcflags=all=-N -l' -ldflags=-randlayout=7 -pgo=workloads/x/heavy.pgo"}, e.Build)
	check := func(key string, build texts, word Word) {
		t.Helper()
		if got := Judge(levels, e, Evidence{Build: build})[key].Word; got != word {
			t.Errorf("%s by %v stood %q, want %q", key, build, got, word)
		}
	}
	check("gcflags", texts{"-gcflags": "all=-N -l"}, InForce)
	check("gcflags", texts{"-gcflags": "all=-N"}, NotInForce)
	check("gcflags", texts{}, NotInForce)
	check("pgo", texts{"-pgo": "heavy.pgo"}, InForce)
	check("pgo", texts{"-pgo": "default.pgo"}, NotInForce)
	check("ldflags", texts{"-ldflags": "-randlayout=7"}, InForce)
	check("ldflags", texts{"-ldflags": "-randlayout=8"}, NotInForce)
	check("ldflags", texts{"-ldflags": "-randlayout=7 -randlayout=70"}, InForce)
	check("ldflags", texts{"-ldflags": "-randlayout=77"}, NotInForce)
	check("ldflags", texts{"-trimpath": "true"}, NotInForce)
	off := texts{"pgo": "off"}
	e, err = Resolve(off, looking(t))
	require.NoError(t, err)
	require.Equal(t, InForce, Judge(off, e, Evidence{Build: texts{}})["pgo"].Word)
	require.Equal(t, NotInForce, Judge(off, e, Evidence{Build: texts{"-pgo": "default.pgo"}})["pgo"].Word)
}

func TestInstructionSetsThatThisCPULacks(t *testing.T) {
	arm := func(features string) host.Host {
		h := machine(t, map[string]string{"proc/cpuinfo": "Features\t: " + features + "\n"})
		h.Arch = "arm64"
		return h
	}
	refused(t, arm("fp asimd"), "no atomic instructions", texts{"goarm64": "v8.1"})
	refused(t, arm("fp asimd"), "no atomic instructions", texts{"goarm64": "v8.0,lse"})
	refused(t, arm("atomics"), "no crypto instructions", texts{"goarm64": "v9.0,crypto"})
	refused(t, machine(t, nil), "this machine is amd64", texts{"goarm64": "v8.0"})
	refused(t, arm("atomics"), "this machine is arm64", texts{"goamd64": "v1"})
	refused(t, machine(t, nil), "this machine is amd64", texts{"goarch": "arm64"})
	refused(t, machine(t, map[string]string{"proc/sys/abi/vsyscall32": ""}), "no 32-bit programs", texts{"goarch": "386"})
	_, err := Resolve(texts{"cgo-enabled": "1"}, machine(t, map[string]string{"usr/bin/gcc": ""}))
	require.Error(t, err)
	_, err = Resolve(texts{"goarm64": "v9.0,crypto"}, arm("atomics aes sha2"))
	require.NoError(t, err)
}

func TestVariantsOfTheBuildKnowWhatTheyNeed(t *testing.T) {
	h := machine(t, map[string]string{"opt/go/src/runtime/proc.go": "package runtime", "opt/go/bin/go": "#!", "opt/src/src/runtime/proc.go": "package runtime"})
	e, err := Resolve(texts{"toolchain": "/opt/go"}, h)
	require.NoError(t, err)
	require.Equal(t, texts{"GOROOT": "/opt/go"}, e.Build)
	refused(t, h, "/opt/src is no GOROOT", texts{"toolchain": "/opt/src"}) // not built
	refused(t, h, "/opt is no GOROOT", texts{"toolchain": "/opt"})
	e, err = Resolve(texts{"go-language": "1.24"}, h)
	require.NoError(t, err)
	require.Equal(t, texts{"go.mod": "go 1.24"}, e.Build)
	s := Judge(texts{"go-language": "1.24"}, e, Evidence{Build: texts{"go.mod": "go 1.24", "DefaultGODEBUG": "containermaxprocs=0"}})["go-language"]
	require.Equal(t, Standing{InForce, "defaults of GODEBUG: containermaxprocs=0"}, s)

	arm := func(features string) host.Host {
		h := machine(t, map[string]string{"proc/cpuinfo": "Features\t: " + features + "\n"})
		h.Arch = "arm"
		return h
	}
	refused(t, arm("half thumb"), "no floating point", texts{"goarm": "6"})
	refused(t, arm("vfp"), "no VFPv3", texts{"goarm": "7"})
	for level, features := range (texts{"7": "vfp vfpv3", "6": "vfp", "5": "half", "7,softfloat": "half"}) {
		e, err := Resolve(texts{"goarm": level}, arm(features))
		require.NoError(t, err)
		require.Equal(t, texts{"GOARCH": "arm", "GOARM": level}, e.Build)
	}
}

// What the CPU's own features say is about 64-bit programs.
func TestSomeARM64MachinesRun32BitPrograms(t *testing.T) {
	h := machine(t, map[string]string{"proc/cpuinfo": "Features\t: fp asimd vfp vfpv3\n"})
	h.Arch = "arm64"
	refused(t, h, "runs no 32-bit programs", texts{"goarch": "arm"})
	refused(t, h, "runs no 32-bit programs", texts{"goarm": "7"})
	h.CPU.Arm32 = []string{"half", "thumb", "vfp"}
	refused(t, h, "no VFPv3", texts{"goarm": "7"})
	e, err := Resolve(texts{"goarm": "6"}, h)
	require.NoError(t, err)
	require.Equal(t, texts{"GOARCH": "arm", "GOARM": "6"}, e.Build)
	e, err = Resolve(texts{"goarch": "arm"}, h)
	require.NoError(t, err)
	require.Equal(t, texts{"GOARCH": "arm"}, e.Build)
}

func TestNewLevelsAreCanonical(t *testing.T) {
	check := func(key, text, want string) {
		t.Helper()
		if got, err := Parse(key, text); got != want || err != nil {
			t.Errorf("%s=%s: %q, %v; want %q", key, text, got, err, want)
		}
	}
	check("cpu-max-freq", "2100MHz", "2.1GHz")
	check("cpu-max-freq", "0.8GHz", "800MHz")
	check("sched-slice", "3000us", "3ms")
	check("umask", "0022", "022")
	check("nofile", "0100:0200", "100:200")
	check("nofile", "64:64", "64")
	check("memlock", "1024KiB:unlimited", "1MiB:unlimited")
	check("numa-policy", "interleave:1,0", "interleave:0-1")
	check("io.max", "vda,wiops=5,rbps=1024KiB", "vda,rbps=1MiB,wiops=5")
	check("local-port-range", "02000-03000", "2000-3000")
	check("goarm64", "v9.0,lse", "v9.0")
	check("goarm64", "v8.0,lse,crypto", "v8.0,lse,crypto")
	check("gcflags", "-N  -l", "-N -l")
	check("memory.swap.max", "0B", "0B")
	check("perf-event-paranoid", "-1", "-1")
	check("goarm", "7,hardfloat", "7")
	check("goarm", "5,softfloat", "5")
	check("goarm", "6,softfloat", "6,softfloat")
	bad := func(key, text, why string) {
		t.Helper()
		_, err := Parse(key, text)
		require.ErrorContains(t, err, why, "%s=%s", key, text)
	}
	bad("cpu-max-freq", "2100", "not a frequency")
	bad("cpu-max-freq", "0.0000001GHz", "from 1MHz to 100GHz")
	bad("sched-slice", "10us", "from 100µs to 1s")
	bad("umask", "888", "mask in octal")
	bad("nofile", "20:10", "above the hard one")
	bad("dirty-bytes", "4KiB", "below 128KiB")
	bad("dirty-ratio", "0", "from 1 to 100")
	bad("local-port-range", "80-90", "from 1024")
	bad("local-port-range", "3000-2000", "below the last")
	bad("io.max", "vda", "not a disk and its limits")
	bad("io.max", "vda,wbps=1MiB,wbps=2MiB", "given twice")
	bad("io.max", "../x,wbps=1MiB", "not a disk")
	bad("numa-policy", "preferred:0-1", "exactly one")
	bad("sched-policy", "fifo", "none of its levels")
	bad("sched-policy", "fifo:100", "from 1 to 99")
	bad("gcflags", "-N 'x'", "quotes")
	bad("pgo", "../x.pgo", "inside this tree")
	bad("pgo", "/x.pgo", "inside this tree")
	bad("toolchain", "1.26", "neither a version of Go nor")
	bad("toolchain", "opt/go", "neither a version of Go nor")
	bad("toolchain", "/opt/../go", "neither a version of Go nor")
	bad("go-language", "1.20", "from 1.21 on")
	bad("go-language", "go1.24", "from 1.21 on")
	bad("energy-performance-preference", "nothing", "none of its levels")
}
