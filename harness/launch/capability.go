package launch

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// AllCapabilities, in Settings.Drop, stands for every one there is.
const AllCapabilities = "all"

// capabilities are named by their numbers: linux/capability.h, without CAP_.
var capabilities = []string{
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
	"linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
	"sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
	"mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
	"checkpoint_restore",
}

// Capabilities are the names that Settings.Drop may have, by number.
func Capabilities() []string { return slices.Clone(capabilities) }

// dropCapabilities takes capabilities from the calling thread's bounding set, so
// that exec does not give them to the child: capabilities(7). The thread itself
// keeps what it has until then, as it has yet to change its user.
func dropCapabilities(names []string) error {
	for number, name := range capabilities {
		if !slices.Contains(names, name) && !slices.Contains(names, AllCapabilities) {
			continue
		}
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(number), 0, 0, 0)
		if errors.Is(err, unix.EINVAL) {
			continue // a kernel that does not know it gives it to nobody
		}
		if err == nil && has == 1 {
			err = unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(number), 0, 0, 0)
		}
		// Who may not drop has none to hand down, and gains none by exec (no_new_privs).
		if errors.Is(err, unix.EPERM) && !capable(number) {
			continue
		}
		if err != nil {
			return fmt.Errorf("drop capability %s: %w (it needs root)", name, err)
		}
	}
	return nil
}

// capable says whether the calling thread has a capability to use or to hand down.
func capable(number int) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return true
	}
	d, bit := data[number/32], uint32(1)<<(number%32)
	return (d.Effective|d.Permitted|d.Inheritable)&bit != 0
}
