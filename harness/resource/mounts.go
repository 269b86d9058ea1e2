package resource

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sysfs"
)

// over is the mount that a path lies on.
func over(all []sysfs.Mount, file string) (found sysfs.Mount, ok bool) {
	for _, m := range all {
		inside := file == m.Point || strings.HasPrefix(file, strings.TrimSuffix(m.Point, "/")+"/")
		if inside && len(m.Point) >= len(found.Point) {
			found, ok = m, true
		}
	}
	return found, ok
}

func lookMount(point string) (string, error) {
	all, err := machine.Mounts("self")
	if err != nil {
		return "", err
	}
	if m, ok := over(all, point); ok && m.Point == point {
		return fmt.Sprintf("%s of %s on %s", m.Kind, m.Device, m.Point), nil
	}
	return "", fmt.Errorf("nothing is mounted on %s any more (someone unmounted it?)", point)
}

// Unmounted says of a folder that nothing is mounted in it, or what is.
func Unmounted(dir string) error {
	all, err := machine.Mounts("self")
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Point == dir || strings.HasPrefix(m.Point, dir+"/") {
			return fmt.Errorf("%s is mounted on %s: %w", m.Source, m.Point, unix.EBUSY)
		}
	}
	return nil
}

// filesSeen is the file system of a folder, as a process sees it, as a level.
func filesSeen(pid int, dir string) (string, error) {
	all, err := machine.Mounts(strconv.Itoa(pid))
	if err != nil {
		return "", err
	}
	m, ok := over(all, path.Clean(dir))
	if !ok {
		return "", fmt.Errorf("%s lies on no mount", dir)
	}
	return FileSystem{Type: m.Kind, Size: sizeOf(m), Options: chosen(m)}.String(), nil
}

// sizeOf is that of the block device below, or the limit of a tmpfs; 0 for neither.
func sizeOf(m sysfs.Mount) int64 {
	for _, o := range m.Super {
		if kib, ok := strings.CutPrefix(o, "size="); ok && m.Kind == "tmpfs" {
			n, err := strconv.ParseInt(strings.TrimSuffix(kib, "k"), 10, 53)
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	text, err := machine.Read("sys/dev/block/" + m.Device + "/size")
	if err != nil {
		return 0
	}
	sectors, err := strconv.ParseInt(strings.TrimSpace(text), 10, 53)
	if err != nil {
		return 0
	}
	return sectors * 512
}

// usual are options that a mount shows without being asked for them.
var usual = []string{
	"rw", "nosuid", "nodev", "relatime", "seclabel", "inode64", "size", "mode", "uid", "gid", "lowerdir", "upperdir", "workdir",
	"uuid", "attr2", "logbufs", "logbsize", "noquota", "nodiscard",
}

// chosen are the other options, of the mount and of the file system, sorted.
func chosen(m sysfs.Mount) []string {
	chosen := slices.DeleteFunc(slices.Concat(m.Options, m.Super), func(o string) bool {
		key, _, _ := strings.Cut(o, "=")
		return slices.Contains(usual, key)
	})
	slices.Sort(chosen)
	return slices.Compact(chosen)
}
