package vm

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/vm/link"
)

// Files of a boot, in a folder of its own.
const (
	initramfsFile = "initramfs"
	controlSocket = "control"
	channelSocket = "channel"
	acpiFile      = "processors.aml"
	treeFile      = "machine.dtb"
	swapFile      = "swap"
)

// board is the part of QEMU's command line that says what the machine is. The
// device tree is made of it, so it has to be the same there and at the boot.
func (m Machine) board(extra string) []string {
	kind := map[string]string{"amd64": "q35", "arm64": "virt,gic-version=3"}[m.Kernel.Arch]
	args := append([]string{"-M", kind + extra}, m.processor()...)
	sockets := fmt.Sprintf("%d,sockets=%d,cores=%d,threads=%d", m.CPUs, m.Nodes, m.CPUs/m.Nodes/m.Threads, m.Threads)
	args = append(args, "-smp", sockets, "-m", mebibytes(m.Memory))
	return append(args, m.numa()...)
}

// processor is what runs the guest's instructions.
func (m Machine) processor() []string {
	if !m.Emulate {
		return []string{"-accel", "kvm", "-cpu", "host"}
	}
	cpu := map[string]string{
		// acpi-cpufreq refuses AMD's family 0xf, which is what QEMU's own is.
		"amd64": "max,vendor=GenuineIntel,family=6,model=85",
		// Pointer authentication by the book takes three quarters of the time of
		// a boot; the architecture allows QEMU's own way too.
		"arm64": "max,pauth-impdef=on",
	}[m.Kernel.Arch]
	return []string{"-accel", "tcg,thread=multi", "-cpu", cpu}
}

func mebibytes(n int64) string { return fmt.Sprintf("%dM", n>>20) }

// numa divides CPUs and memory among nodes, each as far from each other as 21
// is from 10, which is what two sockets commonly say.
func (m Machine) numa() []string {
	if m.Nodes == 1 {
		return nil
	}
	var args []string
	per := m.CPUs / m.Nodes
	for n := range m.Nodes {
		args = append(args,
			"-object", fmt.Sprintf("memory-backend-ram,id=node%d,size=%s", n, mebibytes(m.Memory/int64(m.Nodes))),
			"-numa", fmt.Sprintf("node,nodeid=%d,cpus=%d-%d,memdev=node%d", n, n*per, (n+1)*per-1, n))
	}
	for a := range m.Nodes {
		for b := a + 1; b < m.Nodes; b++ {
			args = append(args, "-numa", fmt.Sprintf("dist,src=%d,dst=%d,val=21", a, b))
		}
	}
	return args
}

// arguments is QEMU's command line, its files in dir.
func (m Machine) arguments(dir string) []string {
	in := func(name string) string { return filepath.Join(dir, name) }
	args := append(m.board(""),
		"-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio", "-monitor", "none",
		"-kernel", m.Kernel.Image, "-initrd", in(initramfsFile), "-append", m.kernelLine(),
		"-device", "virtio-serial-pci")
	for i, port := range []struct{ name, socket string }{{link.Control, controlSocket}, {link.Channel, channelSocket}} {
		args = append(args,
			"-chardev", fmt.Sprintf("socket,id=port%d,path=%s", i, in(port.socket)),
			"-device", fmt.Sprintf("virtserialport,chardev=port%d,name=%s,nr=%d", i, port.name, i+1))
	}
	for i, d := range m.Disks {
		args = append(args, drive(fmt.Sprintf("disk%d", i), d.Image, serial(i))...)
	}
	if m.Swap > 0 {
		args = append(args, drive("swap", in(swapFile), swapSerial)...)
	}
	if len(m.Frequencies) > 0 {
		if m.Kernel.Arch == "amd64" {
			args = append(args, "-acpitable", "file="+in(acpiFile))
		} else {
			args = append(args, "-dtb", in(treeFile))
		}
	}
	return args
}

func drive(id, image, serial string) []string {
	return []string{
		"-drive", fmt.Sprintf("file=%s,if=none,id=%s,format=raw", image, id),
		"-device", fmt.Sprintf("nvme,drive=%s,serial=%s", id, serial),
	}
}

// kernelLine is the kernel's command line. A kernel that panics ends the guest
// (panic=-1 with -no-reboot). Without tsc=reliable an emulated PC is given the
// clock hpet, which several CPUs wait for in turn.
func (m Machine) kernelLine() string {
	words := []string{"console=ttyAMA0", "quiet", "panic=-1"}
	if m.Kernel.Arch == "amd64" {
		words = []string{"console=ttyS0", "quiet", "panic=-1", "tsc=reliable"}
	}
	if len(m.Frequencies) > 0 {
		// The kernel's own choice would have CPUs look slow that are as fast as ever.
		words = append(words, "cpufreq.default_governor=performance")
	}
	return strings.Join(slices.Concat(words, m.Append), " ")
}
