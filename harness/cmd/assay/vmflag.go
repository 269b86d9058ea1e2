package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/vm"
	"github.com/assaylab/assay/workloads/wire"
)

// A wanted is what --vm asks for.
type wanted struct {
	kernel string // series; empty: the experiment says
	arch   string
	cpus   int
	nodes  int
	memory int64 // bytes

	threads     int   // of a core
	swap        int64 // bytes; 0: none
	frequencies []int // kHz, the highest first; none: no driver
}

// vmWords are the words of --vm, for help and errors.
const vmWords = "kernel=6.1,arch=arm64,cpus=4,threads=2,numa=2,memory=2GiB,swap=512MiB,cpufreq=3GHz/1.2GHz"

// vmKeys are their keys.
const vmKeys = "kernel, arch, cpus, threads, numa, memory, swap, cpufreq"

// guests is what --vm asks for; nil where it was not given.
func (f runFlags) guests() (*wanted, error) {
	if f.vm == "" {
		return nil, nil
	}
	w, err := parseWanted(f.vm)
	return &w, err
}

// vmFlags are the flags of what may run in guests.
func (f *runFlags) vmFlags(c *cobra.Command, verb string) {
	c.Flags().StringVar(&f.vm, "vm", "", verb+" guests in the place of this machine: "+vmWords)
	c.Flags().BoolVar(&f.wait, "wait", false, "wait for the host lock")
}

// parseWanted reads the value of --vm.
func parseWanted(text string) (wanted, error) {
	w := wanted{arch: runtime.GOARCH, cpus: 1, threads: 1, nodes: 1, memory: 2 << 30}
	seen := map[string]bool{}
	for _, word := range strings.Split(text, ",") {
		key, value, ok := strings.Cut(word, "=")
		if !ok || value == "" {
			return w, usagef("--vm %s: %q is no key=value (such as --vm %s)", text, word, vmWords)
		}
		if seen[key] {
			return w, usagef("--vm %s: %s stands there twice", text, key)
		}
		seen[key] = true
		if err := w.set(key, value); err != nil {
			return w, usagef("--vm %s: %w", text, err)
		}
	}
	if err := w.machine(vm.Kernel{Arch: w.arch}).Check(); err != nil {
		return w, usagef("--vm %s: %w", text, err)
	}
	return w, nil
}

func (w *wanted) set(key, value string) (err error) {
	switch key {
	case "kernel":
		w.kernel, err = knob.Parse(knob.KernelKey, value)
		if err == nil && w.kernel == knob.Default {
			err = fmt.Errorf("kernel: name a series, such as 6.1")
		}
	case "arch":
		if w.arch = value; value != "amd64" && value != "arm64" {
			err = fmt.Errorf("arch %s: guests are amd64 or arm64", value)
		}
	case "cpus":
		w.cpus, err = count(value)
	case "numa":
		w.nodes, err = count(value)
	case "threads":
		w.threads, err = count(value)
	case "memory":
		if w.memory, err = wire.ParseBytes(value); err == nil && w.memory == 0 {
			err = errors.New("a guest with none can't be booted (256 MiB do)") // of a vm.Machine, 0 is its default
		}
	case "swap":
		w.swap, err = wire.ParseBytes(value)
	case "cpufreq":
		w.frequencies, err = frequencies(value)
	default:
		err = fmt.Errorf("no key %q (%s)", key, vmKeys)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// mostCPUs is what the guests' boards have room for.
const mostCPUs = 64

func count(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostCPUs {
		return 0, fmt.Errorf("%q is no number from 1 to %d", text, mostCPUs)
	}
	return n, nil
}

// frequencies are those of a driver, in any order: "3GHz/1.2GHz".
func frequencies(text string) ([]int, error) {
	var all []int
	for word := range strings.SplitSeq(text, "/") {
		khz, err := knob.Kilohertz(word)
		if err != nil {
			return nil, err
		}
		if slices.Contains(all, int(khz)) {
			return nil, fmt.Errorf("%s stands there twice", word)
		}
		all = append(all, int(khz))
	}
	slices.SortFunc(all, func(a, b int) int { return b - a })
	return all, nil
}

// env is the name of a guest among the environments of a run.
func (w wanted) env(series string) string { return "vm-" + series + "-" + w.arch }

// machine is what to boot with a kernel.
func (w wanted) machine(k vm.Kernel) vm.Machine {
	return vm.Machine{
		Kernel: k, CPUs: w.cpus, Threads: w.threads, Nodes: w.nodes, Memory: w.memory, Swap: w.swap,
		Frequencies: w.frequencies, Modules: vm.Resources,
	}
}

// String tells two machines of guests apart, their kernels left out.
func (w wanted) String() string {
	text := fmt.Sprintf("%s, %d CPUs on %d nodes, %d bytes", w.arch, w.cpus, w.nodes, w.memory)
	if w.threads > 1 || w.swap > 0 || w.frequencies != nil {
		text += fmt.Sprintf(", %d threads a core, %d bytes of swap, frequencies %v", w.threads, w.swap, w.frequencies)
	}
	return text
}
