package host

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/procfs"

	"github.com/assaylab/assay/harness/sysfs"
)

// v2Name maps controllers of cgroup v1 that a leaf can use to their v2 names.
var v2Name = map[string]string{"cpu": "cpu", "cpuset": "cpuset", "memory": "memory", "pids": "pids", "blkio": "io"}

// cgroups says where controllers hang and which a leaf can have, sorted by
// their v2 names. A controller hangs on v1 or on v2, never on both.
func cgroups(root sysfs.FS) (CgroupMode, []string) {
	var v1, v2 bool
	found := make(map[string]bool)
	for _, m := range mounts(root) {
		switch m.FSType {
		case "cgroup":
			for option := range m.SuperOptions {
				if name, ok := v2Name[option]; ok {
					v1, found[name] = true, true
				}
			}
		case "cgroup2":
			v2 = true
			for _, name := range unified(root, m.MountPoint) {
				found[name] = true
			}
		}
	}
	names := slices.Sorted(maps.Keys(found))
	switch {
	case v1 && v2:
		return CgroupHybrid, names
	case v1:
		return CgroupV1, names
	case v2:
		return CgroupV2, names
	}
	return CgroupNone, nil
}

func mounts(root sysfs.FS) []*procfs.MountInfo {
	proc, err := procfs.NewFS(root.Path("proc"))
	if err != nil {
		return nil
	}
	m, err := proc.GetMounts()
	if err != nil {
		return nil
	}
	return m
}

// unified lists the controllers that the v2 hierarchy mounted there offers. In a
// container that is less than the machine has.
func unified(root sysfs.FS, mount string) []string {
	mount = strings.TrimPrefix(mount, "/")
	var names []string
	for _, c := range strings.Fields(text(root, mount+"/cgroup.controllers")) {
		if slices.Contains([]string{"cpu", "cpuset", "io", "memory", "pids"}, c) {
			names = append(names, c)
		}
	}
	return names
}
