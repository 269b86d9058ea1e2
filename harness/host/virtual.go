package host

import (
	"strings"

	"github.com/klauspost/cpuid/v2"

	"github.com/assaylab/assay/harness/sysfs"
)

// virtual names the hypervisor that the machine runs under, "" where none shows.
func virtual(root sysfs.FS, info cpuinfo) string {
	if t := text(root, "sys/hypervisor/type"); t != "" {
		return t // "xen"
	}
	if t := text(root, "sys/firmware/devicetree/base/hypervisor/compatible"); t != "" {
		return strings.TrimRight(t, "\x00") // "linux,kvm", on arm64 without firmware tables
	}
	board := product(root)
	if !info.has("hypervisor") {
		// arm64 has no such flag; there the board's name is all there is.
		if info.first("flags") == "" && guestBoard(board) {
			return board
		}
		return ""
	}
	if v := cpuid.CPU.HypervisorVendorID; own(root) && v != cpuid.VendorUnknown {
		board = strings.TrimSpace(v.String() + " " + board)
	}
	if board == "" {
		return "unnamed hypervisor"
	}
	return board
}

// product is the board by the firmware's tables: "QEMU Standard PC (i440FX + PIIX, 1996)".
func product(root sysfs.FS) string {
	return strings.TrimSpace(text(root, "sys/class/dmi/id/sys_vendor") + " " + text(root, "sys/class/dmi/id/product_name"))
}

// guestBoard says whether a board is one that only guests have. The bare-metal
// machines of clouds carry the same vendor and say "metal".
func guestBoard(board string) bool {
	if strings.Contains(board, "metal") {
		return false
	}
	for _, vendor := range []string{"QEMU", "KVM", "VMware", "Amazon EC2", "Google Compute", "Virtual Machine", "OpenStack", "Parallels", "Apple Virtualization"} {
		if strings.Contains(board, vendor) {
			return true
		}
	}
	return false
}
