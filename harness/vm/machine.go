package vm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/vm/link"
)

// A Machine is what to boot. Of the zero values only Kernel and Init have to be
// filled in.
type Machine struct {
	Kernel      Kernel
	Init        string        // path of harness/vm/init, built for the kernel's architecture, without cgo
	CPUs        int           // 0: 1
	Threads     int           // hardware threads of a core, CPUs that follow each other; 0: 1
	Memory      int64         // bytes; 0: 1 GiB
	Swap        int64         // bytes of swap that the guest begins with, on a disk that nobody else has; 0: none
	Nodes       int           // NUMA nodes, among which CPUs and memory are divided evenly; 0: 1
	Frequencies []int         // kHz, the highest first: levels of a pretended frequency driver; none: no driver
	Turbo       int           // kHz, above the frequencies: one that CPUs go to only where that is allowed; on arm64; 0: none
	Disks       []Disk        // of their own
	Files       []File        // taken along
	Modules     []string      // names of modules to load, beside those that the guest itself needs
	Append      []string      // words of the kernel's command line
	Emulate     bool          // translate instructions even where the processor could run them: what KVM lacks or gets wrong is not in the way then
	Dir         string        // in which the boot has its files; empty: the system's for such
	Console     io.Writer     // what the kernel says; nil: only the end of it is kept, for errors
	Patience    time.Duration // how long a boot may take before it is tried again; 0: two minutes
}

// Resources are modules behind what experiments can ask for.
var Resources = []string{"loop", "zram", "xfs", "overlay", "veth", "sch_netem", "sch_tbf", "dummy"}

// A Disk is an image of this machine's that a guest has as an nvme device. It is
// written to, and stays when the guest has ended.
type Disk struct {
	Image string // path, raw
	At    string // where it is mounted in the guest; empty: it is not
	Type  string // its file system: "ext4"
}

const (
	defaultMemory   = 1 << 30
	defaultPatience = 2 * time.Minute
)

func (m Machine) withDefaults() Machine {
	m.CPUs, m.Nodes, m.Threads = max(m.CPUs, 1), max(m.Nodes, 1), max(m.Threads, 1)
	if m.Memory == 0 {
		m.Memory = defaultMemory
	}
	if m.Patience == 0 {
		m.Patience = defaultPatience
	}
	return m
}

// Check refuses what can't be a machine, with a clearer word than QEMU's, before there
// is anything to boot it with: of the kernel it asks for the architecture alone.
func (m Machine) Check() error {
	m = m.withDefaults()
	switch {
	case m.CPUs%m.Nodes != 0:
		return fmt.Errorf("%d CPUs can't be divided among %d NUMA nodes (take a multiple)", m.CPUs, m.Nodes)
	case m.CPUs%(m.Nodes*m.Threads) != 0:
		return fmt.Errorf("%d CPUs can't be divided into cores of %d threads on %d NUMA nodes (take a multiple)", m.CPUs, m.Threads, m.Nodes)
	case m.Memory%(int64(m.Nodes)<<20) != 0:
		return fmt.Errorf("%d bytes of memory can't be divided among %d NUMA nodes in whole MiB", m.Memory, m.Nodes)
	case m.Memory < 256<<20:
		return fmt.Errorf("%d bytes of memory are too few to boot with (256 MiB do)", m.Memory)
	case !slices.IsSortedFunc(m.Frequencies, func(a, b int) int { return b - a }):
		return fmt.Errorf("frequencies %v are not in order, the highest first", m.Frequencies)
	case m.Turbo > 0 && (m.Kernel.Arch != "arm64" || len(m.Frequencies) == 0 || m.Turbo <= m.Frequencies[0]):
		return fmt.Errorf("a turbo of %d kHz: it is for arm64, above other frequencies (%v)", m.Turbo, m.Frequencies)
	case m.Swap%(1<<20) != 0:
		return fmt.Errorf("%d bytes of swap are not whole MiB", m.Swap)
	}
	return nil
}

// check refuses also what can't be booted.
func (m Machine) check() error {
	switch {
	case m.Kernel.Image == "":
		return errors.New("vm: no kernel (see Find)")
	case m.Init == "":
		return errors.New("vm: no first process (build harness/vm/init for the guest)")
	}
	if err := m.Check(); err != nil {
		return fmt.Errorf("vm: %w", err)
	}
	for _, d := range m.Disks {
		if info, err := os.Stat(d.Image); err != nil || !info.Mode().IsRegular() {
			return fmt.Errorf("vm: disk %s is not a file (make it first: truncate -s 256M, mkfs.ext4)", d.Image)
		}
		if strings.ContainsAny(d.Image, ",=") {
			return fmt.Errorf("vm: disk %q: QEMU takes no comma or = in a path", d.Image)
		}
	}
	return nil
}

// modules names what this machine needs beside what its caller asks for.
func (m Machine) modules() []string {
	names := []string{"virtio_pci", "virtio_console"}
	if len(m.Disks) > 0 || m.Swap > 0 {
		names = append(names, "nvme")
		for _, d := range m.Disks {
			names = append(names, d.Type)
		}
	}
	if len(m.Frequencies) > 0 {
		names = append(names, "cpufreq_conservative", "cpufreq_ondemand", "cpufreq_powersave", "cpufreq_userspace")
		names = append(names, map[string]string{"amd64": "acpi_cpufreq", "arm64": "cpufreq_dt"}[m.Kernel.Arch])
	}
	return append(names, m.Modules...)
}

func serial(disk int) string { return fmt.Sprintf("assay-disk-%d", disk) }

const swapSerial = "assay-swap"

// initramfs packs the first root file system.
func (m Machine) initramfs() (*Initramfs, error) {
	a := newInitramfs()
	order, err := m.Kernel.Order(m.modules()...)
	if err != nil {
		return nil, err
	}
	setup := link.Setup{}
	if m.Swap > 0 {
		setup.Swap = swapSerial
	}
	for _, file := range order {
		at := "/lib/modules/" + filepath.Base(file)
		setup.Modules = append(setup.Modules, at)
		if err := a.Add(File{Path: at, Source: file}); err != nil {
			return nil, err
		}
	}
	for i, d := range m.Disks {
		setup.Disks = append(setup.Disks, link.Disk{Serial: serial(i), At: d.At, Type: d.Type})
	}
	text, err := json.Marshal(setup)
	if err != nil {
		return nil, err
	}
	for _, file := range append([]File{
		{Path: "/init", Source: m.Init, Mode: 0o755},
		{Path: link.SetupFile, Body: text},
		{Path: "/bin/busybox", Source: m.Kernel.Busybox, Mode: 0o755},
		{Path: "/etc/passwd", Body: []byte("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")},
		{Path: "/etc/group", Body: []byte("root:x:0:\nnogroup:x:65534:\n")},
	}, m.Files...) {
		if err := a.Add(file); err != nil {
			return nil, err
		}
	}
	return a, links(a)
}

// applets are the commands that busybox plays in a guest, by their usual paths.
var applets = map[string][]string{
	"/bin":      {"cat", "chmod", "cp", "dd", "df", "dmesg", "echo", "false", "grep", "kill", "ln", "ls", "mkdir", "mount", "mv", "ps", "rm", "rmdir", "sh", "sleep", "sync", "true", "umount", "uname"},
	"/sbin":     {"ip", "losetup", "lsmod", "mkswap", "swapoff", "swapon", "sysctl"},
	"/usr/bin":  {"cut", "env", "find", "free", "head", "id", "mktemp", "nproc", "sort", "tail", "tar", "test", "top", "wc"},
	"/usr/sbin": {"chroot"},
}

func links(a *Initramfs) error {
	for _, dir := range []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin"} {
		for _, name := range applets[dir] {
			if a.has[dir[1:]+"/"+name] {
				continue // the caller took one along
			}
			if err := a.Link(dir+"/"+name, "/bin/busybox"); err != nil {
				return err
			}
		}
	}
	for _, dir := range []string{"/proc", "/sys", "/run", "/tmp", "/root", "/var/lib", "/var/tmp"} {
		if err := a.Folder(dir); err != nil {
			return err
		}
	}
	return nil
}

// native says whether this machine's processor can run the guest's instructions.
//
// Note: /dev/kvm alone does not say so. Inside some virtual machines it is there
// and guests stop in their first instructions; the processor then does not show the
// feature either.
func (m Machine) native() bool {
	if m.Emulate || m.Kernel.Arch != runtime.GOARCH || runtime.GOARCH == "amd64" && !virtualises() {
		return false
	}
	kvm, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	kvm.Close()
	return true
}

// virtualises says whether the processor shows Intel's feature or AMD's.
func virtualises() bool {
	text, err := os.ReadFile("/proc/cpuinfo")
	return err == nil && slices.ContainsFunc(strings.Fields(string(text)), func(word string) bool { return word == "vmx" || word == "svm" })
}

// qemu finds the emulator of an architecture.
func qemu(arch string) (string, error) {
	name, pack := "qemu-system-x86_64", "qemu-system-x86"
	if arch == "arm64" {
		name, pack = "qemu-system-aarch64", "qemu-system-arm"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("vm: no %s on PATH (apt-get install --no-install-recommends %s)", name, pack)
	}
	return path, nil
}
