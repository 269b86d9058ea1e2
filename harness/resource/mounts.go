package resource

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A mount is a line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
type mount struct {
	device  string // "7:0", major and minor number
	point   string
	kind    string   // "ext4"
	source  string   // "/dev/loop0"
	options []string // of the mount, then of the file system
}

// parseMounts reads the lines in their order; of two on one point the later one is seen.
func parseMounts(text string) ([]mount, error) {
	var all []mount
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		dash := slices.Index(f, "-")
		if dash < 6 || len(f) < dash+4 {
			return nil, fmt.Errorf("mountinfo: %q is not a line of proc_pid_mountinfo(5)", strings.TrimSpace(line))
		}
		all = append(all, mount{
			device: f[2], point: f[4], kind: f[dash+1], source: f[dash+2],
			options: append(strings.Split(f[5], ","), strings.Split(f[dash+3], ",")...),
		})
	}
	return all, nil
}

// over is the mount that a path lies on.
func over(all []mount, file string) (found mount, ok bool) {
	for _, m := range all {
		inside := file == m.point || strings.HasPrefix(file, strings.TrimSuffix(m.point, "/")+"/")
		if inside && len(m.point) >= len(found.point) {
			found, ok = m, true
		}
	}
	return found, ok
}

func lookMount(point string) (string, error) {
	text, err := machine.Read("proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	all, err := parseMounts(text)
	if err != nil {
		return "", err
	}
	if m, ok := over(all, point); ok && m.point == point {
		return fmt.Sprintf("%s of %s on %s", m.kind, m.device, m.point), nil
	}
	return "", fmt.Errorf("nothing is mounted on %s any more (someone unmounted it?)", point)
}

// Unmounted says of a folder that nothing is mounted in it, or what is.
func Unmounted(dir string) error {
	text, err := machine.Read("proc/self/mountinfo")
	if err != nil {
		return err
	}
	all, err := parseMounts(text)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.point == dir || strings.HasPrefix(m.point, dir+"/") {
			return fmt.Errorf("%s is mounted on %s: %w", m.source, m.point, unix.EBUSY)
		}
	}
	return nil
}

// filesSeen is the file system of a folder, as a process sees it, as a level.
func filesSeen(pid int, dir string) (string, error) {
	text, err := machine.Read("proc/" + strconv.Itoa(pid) + "/mountinfo")
	if err != nil {
		return "", err
	}
	all, err := parseMounts(text)
	if err != nil {
		return "", err
	}
	m, ok := over(all, path.Clean(dir))
	if !ok {
		return "", fmt.Errorf("%s lies on no mount", dir)
	}
	return FileSystem{Type: m.kind, Size: m.size(), Options: m.chosen()}.String(), nil
}

// size is that of the block device below, or the limit of a tmpfs; 0 for neither.
func (m mount) size() int64 {
	for _, o := range m.options {
		if kib, ok := strings.CutPrefix(o, "size="); ok && m.kind == "tmpfs" {
			n, err := strconv.ParseInt(strings.TrimSuffix(kib, "k"), 10, 53)
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	text, err := machine.Read("sys/dev/block/" + m.device + "/size")
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

func (m mount) chosen() []string {
	chosen := slices.DeleteFunc(slices.Clone(m.options), func(o string) bool {
		key, _, _ := strings.Cut(o, "=")
		return slices.Contains(usual, key)
	})
	slices.Sort(chosen)
	return slices.Compact(chosen)
}
