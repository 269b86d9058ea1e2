package vm

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func described(arch string) Machine {
	return Machine{Kernel: Kernel{Arch: arch, Image: "/k/vmlinuz"}, Init: "/i/init", Emulate: true}.withDefaults()
}

func TestCommandLineSaysWhatTheMachineIs(t *testing.T) {
	m := described("amd64")
	m.CPUs, m.Nodes, m.Memory, m.Frequencies, m.Append = 4, 2, 2<<30, []int{2_000_000}, []string{"nokaslr"}
	m.Threads, m.Swap = 2, 64<<20
	m.Disks = []Disk{{Image: "/d/one"}, {Image: "/d/two"}}
	line := strings.Join(m.arguments("/run"), " ")
	for _, want := range []string{
		"-M q35 -accel tcg,thread=multi -cpu max,vendor=GenuineIntel,family=6,model=85 -smp 4,sockets=2,cores=1,threads=2 -m 2048M",
		"memory-backend-ram,id=node1,size=1024M -numa node,nodeid=1,cpus=2-3,memdev=node1",
		"-numa dist,src=0,dst=1,val=21",
		"-kernel /k/vmlinuz -initrd /run/initramfs -append console=ttyS0 quiet panic=-1 tsc=reliable cpufreq.default_governor=performance nokaslr",
		"socket,id=port0,path=/run/control -device virtserialport,chardev=port0,name=assay.control,nr=1",
		"file=/d/two,if=none,id=disk1,format=raw -device nvme,drive=disk1,serial=assay-disk-1",
		"file=/run/swap,if=none,id=swap,format=raw -device nvme,drive=swap,serial=assay-swap",
		"-acpitable file=/run/processors.aml",
	} {
		if !strings.Contains(line, want) {
			t.Errorf("%s\nlacks %q", line, want)
		}
	}
	if strings.Contains(line, "-dtb") {
		t.Error("a PC has no device tree")
	}
	m = described("arm64")
	m.Frequencies = []int{2_000_000}
	line = strings.Join(m.arguments("/run"), " ")
	for _, want := range []string{"-M virt,gic-version=3 -accel tcg,thread=multi -cpu max,pauth-impdef=on -smp 1,sockets=1,cores=1,threads=1 -m 1024M", "console=ttyAMA0", "-dtb /run/machine.dtb"} {
		if !strings.Contains(line, want) {
			t.Errorf("%s\nlacks %q", line, want)
		}
	}
	if strings.Contains(line, "-numa") || strings.Contains(line, "-acpitable") {
		t.Errorf("one node, no ACPI table: %s", line)
	}
	m.Emulate = false
	require.Contains(t, strings.Join(m.arguments("/run"), " "), "-accel kvm -cpu host")
}

// The device tree is asked for with the words that the boot has too.
func TestTheTreeIsThatOfTheMachine(t *testing.T) {
	m := described("arm64")
	m.CPUs, m.Nodes = 4, 2
	tree, boot := m.board(",dumpdtb=/x"), m.arguments("/run")
	require.Equal(t, "virt,gic-version=3,dumpdtb=/x", tree[1])
	require.Equal(t, tree[2:], boot[2:len(tree)])
}

func TestMachinesThatCannotBeAreRefused(t *testing.T) {
	image := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.WriteFile(image, nil, 0o644))
	check := func(want string, change func(*Machine)) {
		t.Helper()
		m := described("amd64")
		change(&m)
		err := m.check()
		if want == "" {
			require.NoError(t, err)
			return
		}
		require.ErrorContains(t, err, want)
	}
	check("", func(m *Machine) { m.Disks = []Disk{{Image: image}} })
	check("no kernel", func(m *Machine) { m.Kernel = Kernel{} })
	check("no first process", func(m *Machine) { m.Init = "" })
	check("3 CPUs can't be divided among 2 NUMA nodes", func(m *Machine) { m.CPUs, m.Nodes = 3, 2 })
	check("can't be divided among 3 NUMA nodes in whole MiB", func(m *Machine) { m.CPUs, m.Nodes = 3, 3 })
	check("too few to boot with", func(m *Machine) { m.Memory = 1 << 20 })
	check("4 CPUs can't be divided into cores of 2 threads on 4 NUMA nodes", func(m *Machine) { m.CPUs, m.Nodes, m.Threads = 4, 4, 2 })
	check("it is for arm64", func(m *Machine) { m.Frequencies, m.Turbo = []int{1}, 2 })
	check("above other frequencies", func(m *Machine) { m.Kernel.Arch, m.Frequencies, m.Turbo = "arm64", []int{2}, 2 })
	check("not whole MiB", func(m *Machine) { m.Swap = 4096 })
	check("the highest first", func(m *Machine) { m.Frequencies = []int{1, 2} })
	check("is not a file", func(m *Machine) { m.Disks = []Disk{{Image: "/no/such"}} })
}

func TestAMachineLoadsWhatItsPartsNeed(t *testing.T) {
	m := described("arm64")
	require.Equal(t, []string{"virtio_pci", "virtio_console"}, m.modules())
	m.Swap = 1 << 20
	require.Contains(t, m.modules(), "nvme")
	m.Frequencies, m.Disks, m.Modules = []int{1}, []Disk{{Type: "xfs"}}, []string{"zram"}
	for _, want := range []string{"cpufreq_dt", "nvme", "xfs", "zram"} {
		if !slices.Contains(m.modules(), want) {
			t.Errorf("%v lack %s", m.modules(), want)
		}
	}
}
