package host

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"

	"github.com/assaylab/assay/harness/sysfs"
)

// A cpuinfo is /proc/cpuinfo: one map a processor, and what stands below the
// last one on arm and riscv ("Hardware", "Revision") with it.
//
// It is parsed here, as procfs parses only the layout of the architecture that
// it was built for, and a fake tree may be of another.
type cpuinfo []map[string]string

func readCPUInfo(root sysfs.FS) cpuinfo {
	return parseCPUInfo(text(root, "proc/cpuinfo"))
}

func parseCPUInfo(s string) cpuinfo {
	var info cpuinfo
	for line := range strings.Lines(s) {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if key == "processor" {
			info = append(info, make(map[string]string))
		}
		if len(info) > 0 {
			info[len(info)-1][key] = value
		}
	}
	return info
}

// first is the first value that a key has.
func (info cpuinfo) first(key string) string {
	for _, p := range info {
		if v := p[key]; v != "" {
			return v
		}
	}
	return ""
}

// has says whether the first processor has a flag (x86).
func (info cpuinfo) has(flags ...string) bool {
	words := strings.Fields(info.first("flags"))
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	for _, f := range flags {
		if !set[f] {
			return false
		}
	}
	return true
}

// numbers are the logical CPUs listed.
func (info cpuinfo) numbers() []int {
	var cpus []int
	for _, p := range info {
		if n, err := number(p["processor"]); err == nil {
			cpus = append(cpus, n)
		}
	}
	return cpus
}

// arch is GOARCH. Of a fake tree it is what its files say.
func arch(root sysfs.FS, info cpuinfo) string {
	if own(root) {
		return runtime.GOARCH
	}
	switch { // proc/sys/kernel/arch is there from Linux 6.1 on
	case text(root, "proc/sys/kernel/arch") == "aarch64", info.first("CPU implementer") != "":
		return "arm64"
	case text(root, "proc/sys/kernel/arch") == "x86_64", info.first("flags") != "":
		return "amd64"
	}
	return runtime.GOARCH
}

// model names the processor. On arm64 the kernel gives numbers only:
// implementer and part of the MIDR register, which name the core's design.
func model(root sysfs.FS, info cpuinfo) string {
	if own(root) && cpuid.CPU.BrandName != "" {
		return cpuid.CPU.BrandName
	}
	if m := info.first("model name"); m != "" {
		return m
	}
	var words []string
	for _, key := range []string{"CPU implementer", "CPU part", "CPU variant", "CPU revision"} {
		if v := info.first(key); v != "" {
			words = append(words, strings.TrimPrefix(key, "CPU ")+" "+v)
		}
	}
	return strings.Join(words, " ")
}

// level is the highest GOAMD64 that the processor can run, 0 where it is none
// or can't be told. The CPU itself is asked on the real root, because that is
// what the Go runtime does at start, whatever flags the kernel hides.
func level(root sysfs.FS, info cpuinfo, arch string) int {
	if arch != "amd64" {
		return 0
	}
	if own(root) {
		return cpuid.CPU.X64Level()
	}
	return info.level()
}

// level reads the feature groups of the x86-64 psABI by the kernel's flag names
// (pni is SSE3, abm is LZCNT; avx implies that the kernel saves its registers).
func (info cpuinfo) level() int {
	for i, flags := range []string{
		"cmov cx8 fpu fxsr mmx sse sse2",
		"cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3",
		"avx avx2 bmi1 bmi2 f16c fma abm movbe",
		"avx512f avx512bw avx512cd avx512dq avx512vl",
	} {
		if !info.has(strings.Fields(flags)...) {
			return i
		}
	}
	return 4
}

// own says whether root is this machine's own, so that its CPU may be asked directly.
func own(root sysfs.FS) bool { return root != "" && root.Path("") == "/" }

// nodeNumber reads the N of ".../nodeN/cpulist".
func nodeNumber(name string) int {
	_, rest, _ := strings.Cut(name, "/node/node")
	digits, _, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}
