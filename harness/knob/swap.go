package knob

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/resource"
)

const zramControl = "sys/class/zram-control"

var _ = register(provided(Knob{
	Name:  "swap",
	Doc:   "a swap area, made before and removed after: a file, or memory compressed (zram)",
	Allow: `none, "file:SIZE", "zram:SIZE", with SIZE such as 512MiB`,
	Try:   "swap=file:64MiB",
	Note:  "the area is used before any other that the machine has; a file lies where TMPDIR points, and has to be on a disk",
	Gives: func(level string, h *host.Host) {
		if a, err := resource.ParseSwap(level); err == nil {
			h.Swap += a.Size
		}
	},
	Check:   swappinessCheck,
	Checked: "pages swapped in and out on the machine (pswpin and pswpout of /proc/vmstat); idle where there were none",
	Causes:  []string{"swap", "major-faults"},
}, resource.Swap, swapSupport))

func swapSupport(level string, h host.Host) error {
	a, err := resource.ParseSwap(level)
	if err != nil {
		return err
	}
	if _, err := h.FS.Read("proc/swaps"); errors.Is(err, fs.ErrNotExist) {
		return unsupported("this kernel has no swapping (CONFIG_SWAP)")
	}
	switch a.Medium {
	case resource.None:
		if h.Swap > 0 {
			return unsupported("this machine has swap of its own (proc/swaps lists it): swapoff it first")
		}
		return nil
	case "zram":
		if !h.FS.Exists(zramControl) {
			return driver(h, "zram", "CONFIG_ZRAM")
		}
	}
	return nil
}

// driver says whether this kernel has, or can load, a part that is not there yet.
func driver(h host.Host, module, option string) error {
	dir := "lib/modules/" + h.Kernel + "/"
	for _, list := range []string{"modules.builtin", "modules.dep"} {
		text, err := h.FS.Read(dir + list)
		if err == nil && strings.Contains(text, "/"+module+".ko") {
			return nil
		}
	}
	set, err := configured(h, option)
	switch {
	case err != nil:
		return err
	case !set:
		return unsupported("this kernel has no %s (%s is not set)", module, option)
	}
	return nil
}
