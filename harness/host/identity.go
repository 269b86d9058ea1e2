package host

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/assaylab/assay/harness/sysfs"
)

// machine is an identity that stays over boots and gives nothing away: machine
// ids are meant to be kept secret, so only a keyed hash of one leaves the host.
// It also says what was hashed, because not every source tells two machines apart.
func machine(root sysfs.FS, h Host) (id, from string) {
	for _, name := range []string{
		"etc/machine-id",
		"var/lib/dbus/machine-id",
		"sys/firmware/devicetree/base/serial-number",
	} {
		s := strings.Trim(text(root, name), "\x00")
		if s != "" && s != "uninitialized" { // what an image holds before its first boot
			return keyed(s), "/" + name
		}
	}
	kind := fmt.Sprintf("%s\n%s\n%d\n%d", h.Arch, h.CPU.Model, len(h.CPU.Online), h.Memory.Total>>30)
	return keyed(kind), "CPU model, CPU count and memory (no /etc/machine-id: two machines of one kind look the same)"
}

func keyed(s string) string {
	mac := hmac.New(sha256.New, []byte("assay"))
	mac.Write([]byte(s))
	return hex.EncodeToString(mac.Sum(nil))[:8]
}

// Same lists what tells two readings apart as machines, "kernel: 6.1.0-18, was
// 6.1.0-17" for h against an older o. Nil means that a run begun on o may go on
// on h. A reboot is no difference. Neither are settings: knobs and sessions
// watch those.
func (h Host) Same(o Host) []string {
	var differ []string
	add := func(what, now, was string) {
		if now != was {
			differ = append(differ, fmt.Sprintf("%s: %s, was %s", what, orNothing(now), orNothing(was)))
		}
	}
	add("machine", h.Machine, o.Machine)
	add("arch", h.Arch, o.Arch)
	add("kernel", h.Kernel, o.Kernel)
	add("kernel command line", h.Cmdline, o.Cmdline)
	add("CPU", h.CPU.Model, o.CPU.Model)
	add("CPUs online", FormatCPUs(h.CPU.Online), FormatCPUs(o.CPU.Online))
	add("hypervisor", h.Virtual, o.Virtual)
	if !nearly(h.Memory.Total, o.Memory.Total) {
		add("memory", inBytes(h.Memory.Total), inBytes(o.Memory.Total))
	}
	return differ
}

// nearly allows 1 %: what firmware and kernel keep for themselves moves a
// little from boot to boot.
func nearly(a, b int64) bool {
	return max(a, b)-min(a, b) <= max(a, b)/100
}

func inBytes(n int64) string { return fmt.Sprintf("%d bytes", n) }

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
