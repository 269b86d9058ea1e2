package knob

import (
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/resource"
)

var _ = register(provided(Knob{
	Name:  "fs",
	Doc:   "the file system that HOME and TMPDIR of the workload lie on, made new before and removed after",
	Allow: `"ext4:SIZE", "xfs:SIZE", "tmpfs:SIZE", overlay, each with mount options behind commas ("ext4:512MiB,noatime")`,
	Try:   "fs=ext4:64MiB",
	Note:  "ext4 and xfs lie in a file where TMPDIR points, behind a loop device without page cache of its own, so their speed is that disk's; it is made anew whenever the level changes between trials",
}, resource.Files, filesSupport))

func filesSupport(level string, h host.Host) error {
	f, err := resource.ParseFiles(level)
	if err != nil {
		return err
	}
	if err := fileSystem(f.Type, h); err != nil {
		return err
	}
	program := f.Program()
	if program == "" {
		return nil
	}
	if !slices.ContainsFunc(resource.Folders, func(dir string) bool { return h.FS.Exists(dir + "/" + program) }) {
		return unsupported("%s is not there: install %s", program, map[string]string{"ext4": "e2fsprogs", "xfs": "xfsprogs"}[f.Type])
	}
	if !h.FS.Exists("dev/loop-control") {
		return driver(h, "loop", "CONFIG_BLK_DEV_LOOP")
	}
	return nil
}

// fileSystem says whether the kernel knows a type, or can load it.
func fileSystem(kind string, h host.Host) error {
	text, err := h.FS.Read("proc/filesystems")
	if err != nil {
		return err
	}
	if slices.Contains(strings.Fields(text), kind) {
		return nil
	}
	return driver(h, kind, map[string]string{
		"ext4": "CONFIG_EXT4_FS", "xfs": "CONFIG_XFS_FS", "tmpfs": "CONFIG_TMPFS", "overlay": "CONFIG_OVERLAY_FS",
	}[kind])
}
