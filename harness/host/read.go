package host

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/prometheus/procfs"

	"github.com/assaylab/assay/harness/sysfs"
)

// Read describes the machine whose /proc and /sys are below root. What can't be
// read is left empty. The error says that nothing could be read at all.
//
// Which user this is and the page size are asked of the process itself.
func Read(root sysfs.FS) (Host, error) {
	if root == "" {
		return Host{}, errors.New(`host: read: no root folder was given (this machine's own is "/")`)
	}
	h := Host{
		FS:          root,
		Root:        os.Geteuid() == 0,
		Kernel:      text(root, "proc/sys/kernel/osrelease"),
		Cmdline:     kernelArgs(text(root, "proc/cmdline")),
		BootID:      text(root, "proc/sys/kernel/random/boot_id"),
		Clocksource: text(root, "sys/devices/system/clocksource/clocksource0/current_clocksource"),
		Memory:      Memory{PageSize: os.Getpagesize()},
		Mitigations: folder(root, "sys/devices/system/cpu/vulnerabilities"),
		Settings:    settings(root),
	}
	info := readCPUInfo(root)
	h.Arch = arch(root, info)
	h.CPU = readCPU(root, info, h.Arch)
	h.Virtual = virtual(root, info)
	readMemory(root, &h)
	h.Cgroup, h.Controllers = cgroups(root)
	if h.Kernel == "" && h.Memory.Total == 0 && len(h.CPU.Online) == 0 {
		return Host{}, fmt.Errorf("host: read %s: no kernel release, memory or CPU is there (is /proc mounted?)", root.Path("proc"))
	}
	h.Machine, h.MachineFrom = machine(root, h)
	return h, nil
}

// text is the file's text without surrounding white space, "" where it can't be read.
func text(root sysfs.FS, name string) string {
	s, err := root.Read(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

// folder maps the files directly in a folder to their texts.
func folder(root sysfs.FS, name string) map[string]string {
	files, err := root.Glob(name + "/*")
	if err != nil {
		return nil
	}
	m := make(map[string]string)
	for _, f := range files {
		if s := text(root, f); s != "" {
			m[f[strings.LastIndexByte(f, '/')+1:]] = s
		}
	}
	return m
}

func readMemory(root sysfs.FS, h *Host) {
	proc, err := procfs.NewFS(root.Path("proc"))
	if err != nil {
		return
	}
	if m, err := proc.Meminfo(); err == nil && m.MemTotalBytes != nil {
		h.Memory.Total = int64(*m.MemTotalBytes)
	}
	swaps, err := proc.Swaps()
	if err != nil {
		return // a kernel without CONFIG_SWAP has no such file
	}
	for _, s := range swaps {
		h.Swap += int64(s.Size) << 10
	}
}

// kernelArgs is what of a kernel command line addresses the kernel. What
// follows " -- " goes to init, and which init that is matters to no measurement:
// both may hold what nobody should publish.
func kernelArgs(cmdline string) string {
	cmdline, _, _ = strings.Cut(cmdline, " -- ")
	return strings.Join(slices.DeleteFunc(strings.Fields(cmdline), func(arg string) bool {
		return strings.HasPrefix(arg, "init=") || strings.HasPrefix(arg, "rdinit=")
	}), " ")
}
