package sysfs

import (
	"fmt"
	"slices"
	"strings"
)

// A Mount is a line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). Its paths
// are as a process would open them: what the kernel escapes is undone.
type Mount struct {
	Device  string   // major and minor number: "7:0"
	Root    string   // what of the file system is seen at Point
	Point   string   // the folder mounted on
	Kind    string   // "ext4"
	Source  string   // "/dev/loop0"
	Options []string // of the mount: "rw", "noatime"
	Super   []string // of the file system; on cgroup v1 the controllers and "name=..."
}

// Mounts are those that a process sees, in the order of mounting; of two on one
// point the later one is seen. The process is a PID or "self".
func (f FS) Mounts(process string) ([]Mount, error) {
	text, err := f.Read("proc/" + process + "/mountinfo")
	if err != nil {
		return nil, err
	}
	return ParseMounts(text)
}

// ParseMounts reads the text of a mountinfo file. The error quotes the line that
// is none.
func ParseMounts(text string) ([]Mount, error) {
	var all []Mount
	for line := range strings.Lines(text) {
		m, err := parseMount(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// parseMount reads one line:
//
//	36 35 98:0 /root /point rw,noatime shared:1 - type source superoptions
//
// with any number of optional fields before the dash.
func parseMount(line string) (Mount, error) {
	f := strings.Split(line, " ")
	dash := slices.Index(f, "-")
	if dash < 6 || len(f) < dash+3 {
		return Mount{}, fmt.Errorf("mountinfo: %q is not a line of proc_pid_mountinfo(5)", line)
	}
	m := Mount{
		Device: f[2], Root: unescape(f[3]), Point: unescape(f[4]), Options: strings.Split(f[5], ","),
		Kind: f[dash+1], Source: unescape(f[dash+2]),
	}
	if len(f) > dash+3 {
		m.Super = strings.Split(f[dash+3], ",")
	}
	return m, nil
}

// unescape undoes the kernel's mangle(): space, tab, newline and backslash are
// three octal digits after a backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1]) && octal(s[i+2]) && octal(s[i+3]) {
			b.WriteByte((s[i+1]-'0')*64 + (s[i+2]-'0')*8 + (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(c byte) bool { return '0' <= c && c <= '7' }
