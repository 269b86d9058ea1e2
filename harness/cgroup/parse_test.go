package cgroup

import (
	"path"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/sysfs"
)

const hybridInfo = `23 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:1 - cgroup cgroup rw,cpu,cpuacct
33 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
34 31 0:38 /docker/a\040b /sys/fs/cgroup/uni\134fied rw,relatime - cgroup2 cgroup2 rw,nsdelegate
`

func TestMountsAreFoundAmongOthers(t *testing.T) {
	mounts, err := mountsOf(hybridInfo)
	if err != nil || len(mounts) != 3 {
		t.Fatalf("%d mounts, %v, want 3", len(mounts), err)
	}
	if got := mounts[0].carries(); strings.Join(got, " ") != "cpu cpuacct" {
		t.Errorf("first carries %v", got)
	}
	if m := mounts[2]; !m.unified || m.root != "/docker/a b" || m.point != `/sys/fs/cgroup/uni\fied` {
		t.Errorf("third: %+v", m)
	}
}

func TestGroupIsSeenThroughMountRoot(t *testing.T) {
	check := func(root, group, want string, ok bool) {
		t.Helper()
		if got, seen := (mount{root: root}).below(group); got != want || seen != ok {
			t.Errorf("%s below %s: %q, %v, want %q, %v", group, root, got, seen, want, ok)
		}
	}
	check("/", "/a/b", "/a/b", true)
	check("/a", "/a/b", "/b", true)
	check("/a", "/a", "/", true)
	check("/a", "/ab", "", false)
	check("/a", "/c", "", false)
}

// mountsOf are the cgroup hierarchies of a mountinfo text.
func mountsOf(text string) ([]mount, error) {
	all, err := sysfs.ParseMounts(text)
	if err != nil {
		return nil, err
	}
	return hierarchies(all)
}

func TestWholeViewOfAHierarchyIsPreferred(t *testing.T) {
	kept := distinct([]mount{
		{root: "/", point: "/v2", unified: true},
		{root: "/docker/x", point: "/part", options: []string{"rw", "pids"}},
		{root: "/", point: "/whole", options: []string{"rw", "pids"}},
		{root: "/", point: "/again", options: []string{"ro", "pids"}},
		{root: "/", point: "/cpu", options: []string{"rw", "cpu"}},
	})
	var points []string
	for _, m := range kept {
		points = append(points, m.point)
	}
	equal(t, "kept, in the order of making", points, []string{"/cpu", "/whole", "/v2"})
}

func TestMalformedLineIsRefused(t *testing.T) {
	for text, says := range map[string]string{"x": `"x"`, "1 2 3:4 / /p rw cgroup cgroup rw": "/p rw cgroup", "1 2 3:4 / p rw - cgroup cgroup rw": `on "p"`} {
		if _, err := mountsOf(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "0:", "1:cpu", "1:cpu:relative"} {
		if _, err := parseMemberships(text + "\n"); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzMountinfo(f *testing.F) {
	f.Add(hybridInfo)
	f.Add(`1 2 0:3 /\000 /\1 - - cgroup2 - -`)
	f.Add("1 2 3:4 / / a - cgroup x")
	f.Fuzz(func(t *testing.T, text string) {
		mounts, err := mountsOf(text)
		for _, m := range mounts {
			if !path.IsAbs(m.point) || !path.IsAbs(m.root) {
				t.Errorf("relative path in %+v", m)
			}
			if m.unified && m.options != nil {
				t.Errorf("controllers on a v2 mount: %+v", m)
			}
		}
		if err != nil && mounts != nil {
			t.Error("mounts beside an error")
		}
		kept := distinct(mounts)
		for i := range kept {
			for j := range i {
				if kept[i].sameHierarchy(kept[j]) {
					t.Errorf("one hierarchy twice: %+v, %+v", kept[i], kept[j])
				}
			}
		}
	})
}

func FuzzMemberships(f *testing.F) {
	f.Add("4:memory:/a\n1:name=systemd:/\n0::/b:c\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, _ := parseMemberships(text)
		if group, found := unifiedGroup(all); found && !path.IsAbs(group) {
			t.Errorf("group %q", group)
		}
	})
}
