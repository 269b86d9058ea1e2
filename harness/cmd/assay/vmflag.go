package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/workloads/wire"
)

// A wanted is what --vm asks for.
type wanted struct {
	kernel string // series; empty: the experiment says
	arch   string
	cpus   int
	nodes  int
	memory int64 // bytes
}

// vmWords are the words of --vm, for help and errors.
const vmWords = "kernel=6.1,arch=arm64,cpus=4,numa=2,memory=2GiB"

// parseWanted reads the value of --vm.
func parseWanted(text string) (wanted, error) {
	w := wanted{arch: runtime.GOARCH, cpus: 1, nodes: 1, memory: 2 << 30}
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
	if w.cpus%w.nodes != 0 {
		return w, usagef("--vm %s: %d CPUs can't be divided among %d NUMA nodes (take a multiple)", text, w.cpus, w.nodes)
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
	case "memory":
		w.memory, err = wire.ParseBytes(value)
	default:
		err = fmt.Errorf("no key %q (kernel, arch, cpus, numa, memory)", key)
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

// env is the name of a guest among the environments of a run.
func (w wanted) env(series string) string { return "vm-" + series + "-" + w.arch }

// String tells two machines of guests apart, their kernels left out.
func (w wanted) String() string {
	return fmt.Sprintf("%s, %d CPUs on %d nodes, %d bytes", w.arch, w.cpus, w.nodes, w.memory)
}
