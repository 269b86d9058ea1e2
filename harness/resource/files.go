package resource

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/workloads/wire"
)

// A FileSystem is a level of fs.
type FileSystem struct {
	Type    string   // "ext4", "xfs", "tmpfs", "overlay"
	Size    int64    // bytes, of the image; of tmpfs what it holds at most; 0 for overlay
	Options []string // of mount(8), sorted
}

// leastSize is what mkfs makes something of: xfs wants 300 MiB (mkfs.xfs(8)), ext4
// room for a journal.
var leastSize = map[string]int64{"ext4": 16 << 20, "xfs": 300 << 20, "tmpfs": 1 << 20, "overlay": 0}

// ParseFiles takes "ext4:512MiB", "xfs:1GiB,noatime", "tmpfs:256MiB,huge=always" and
// "overlay".
func ParseFiles(text string) (FileSystem, error) {
	head, list, more := strings.Cut(text, ",")
	name, size, sized := strings.Cut(head, ":")
	f := FileSystem{Type: name}
	least, known := leastSize[name]
	switch {
	case !known:
		return f, fmt.Errorf("%q is none of its levels", text)
	case sized != (least > 0):
		return f, fmt.Errorf("%q: %s", text, map[bool]string{true: "overlay has the size of what it lies on", false: name + " needs a size"}[sized])
	}
	if sized {
		n, err := wholeMiB(size)
		if err != nil {
			return f, err
		}
		if n < least {
			return f, fmt.Errorf("%q: %s needs %s at least", text, name, wire.FormatBytes(least))
		}
		f.Size = n
	}
	if !more {
		return f, nil
	}
	return f, f.parseOptions(list)
}

// option is one without paths, which could lead anywhere.
var option = regexp.MustCompile(`^[a-z][a-z0-9_]*(=[a-z0-9_.:-]+)?$`)

// withheld are options that the level itself gives, or that could harm the machine.
var withheld = []string{
	"ro", "rw", "size", "nr_blocks", "mode", "uid", "gid", "loop", "offset", "remount", "bind", "move", "suid", "dev", "nosuid", "nodev",
	"lowerdir", "upperdir", "workdir", "journal_dev", "journal_path", "logdev", "rtdev", "mpol", "userxattr", "panic_on_error",
}

func (f *FileSystem) parseOptions(list string) error {
	seen := map[string]bool{}
	for o := range strings.SplitSeq(list, ",") {
		key, value, _ := strings.Cut(o, "=")
		switch {
		case !option.MatchString(o):
			return fmt.Errorf("%q is not a mount option: lower case, and no paths", o)
		case slices.Contains(withheld, key), key == "errors" && value == "panic":
			return fmt.Errorf("the mount option %q is not an experiment's to choose", o)
		case seen[key]:
			return fmt.Errorf("the mount option %q is given twice", key)
		}
		seen[key] = true
		f.Options = append(f.Options, o)
	}
	slices.Sort(f.Options)
	return nil
}

func (f FileSystem) String() string {
	text := f.Type
	if f.Size > 0 {
		text += ":" + wire.FormatBytes(f.Size)
	}
	return strings.Join(append([]string{text}, f.Options...), ",")
}

// Program makes such a file system; empty where the kernel alone does.
func (f FileSystem) Program() string {
	if f.Type == "ext4" || f.Type == "xfs" {
		return "mkfs." + f.Type
	}
	return ""
}

func (f FileSystem) make(m *making) error {
	place := Place(m.set.dir)
	if err := os.MkdirAll(place, 0o711); err != nil {
		return err
	}
	var err error
	switch f.Type {
	case "tmpfs":
		if err = m.note(part{madeMount, place, false}); err == nil {
			err = f.mount("tmpfs", place, "size="+strconv.FormatInt(f.Size, 10))
		}
	case "overlay":
		err = f.layers(m, place)
	default:
		err = f.onImage(m, place)
	}
	if err != nil {
		return err
	}
	return os.Chmod(place, 0o711) // the calling user's trials pass through it
}

// onImage makes the file system in a file and mounts that by a loop device.
func (f FileSystem) onImage(m *making, place string) error {
	path := m.path("fs.img")
	if err := m.note(part{madeFiles, path, true}, part{madeLoop, path, false}, part{madeMount, place, false}); err != nil {
		return err
	}
	if err := image(path, f.Size); err != nil {
		return err
	}
	if err := f.format(path); err != nil {
		return err
	}
	device, err := attach(path)
	if err != nil {
		return err
	}
	return errors.Join(f.mount(device.Name(), place), device.Close())
}

// layers mounts an overlay whose lower layer is empty and whose upper one lies with
// the folders of the trials.
func (f FileSystem) layers(m *making, place string) error {
	root := m.path("overlay")
	if err := m.note(part{madeFiles, root, true}, part{madeMount, place, false}); err != nil {
		return err
	}
	for _, dir := range []string{root, root + "/lower", root + "/upper", root + "/work"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	return f.mount("overlay", place, "lowerdir="+root+"/lower", "upperdir="+root+"/upper", "workdir="+root+"/work")
}

// flags are the options that mount(2) takes as bits; all others are the file system's.
var flags = map[string]uintptr{
	"noatime": unix.MS_NOATIME, "nodiratime": unix.MS_NODIRATIME, "relatime": unix.MS_RELATIME, "strictatime": unix.MS_STRICTATIME,
	"sync": unix.MS_SYNCHRONOUS, "dirsync": unix.MS_DIRSYNC, "lazytime": unix.MS_LAZYTIME, "noexec": unix.MS_NOEXEC,
}

func (f FileSystem) mount(source, place string, data ...string) error {
	var bits uintptr = unix.MS_NOSUID | unix.MS_NODEV
	for _, o := range f.Options {
		if bit, ok := flags[o]; ok {
			bits |= bit
		} else {
			data = append(data, o)
		}
	}
	err := unix.Mount(source, place, f.Type, bits, strings.Join(data, ","))
	switch {
	case errors.Is(err, unix.EINVAL):
		return fmt.Errorf("mount %s: %w (an option that this kernel's %s does not know? dmesg may say which)", f, err, f.Type)
	case errors.Is(err, unix.ENODEV):
		return fmt.Errorf("mount %s: %w (this kernel has no %s)", f, err, f.Type)
	case err != nil:
		return fmt.Errorf("mount %s: %w", f, err)
	}
	return nil
}

// arguments of mkfs: nothing left for the kernel to do later, in the middle of a trial.
var arguments = map[string][]string{
	"ext4": {"-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard"},
	"xfs":  {"-q", "-f", "-K"},
}

// format runs mkfs, which dies with this process.
func (f FileSystem) format(path string) error {
	var said bytes.Buffer
	c := exec.Command(f.Program(), append(slices.Clone(arguments[f.Type]), path)...)
	c.Env = []string{"PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin", "LANG=C"}
	if full, err := lookPath(f.Program()); err == nil {
		c.Path, c.Err = full, nil
	}
	c.Stdout, c.Stderr = &said, &said
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL, Setpgid: true}
	// Pdeathsig is sent when the thread ends that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", f.Program(), err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

// Folders are where programs of the administrator are.
var Folders = []string{"usr/sbin", "sbin", "usr/local/sbin", "usr/bin", "bin"}

func lookPath(program string) (string, error) {
	for _, dir := range Folders {
		if path := "/" + dir + "/" + program; unix.Access(path, unix.X_OK) == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

// contradicts says that what the kernel shows excludes an option.
func (f FileSystem) contradicts(option string) bool {
	if flags[option] != 0 && option != "relatime" && option != "strictatime" {
		return true // one that it always shows
	}
	key, _, _ := strings.Cut(option, "=")
	return slices.ContainsFunc(f.Options, func(o string) bool { k, _, _ := strings.Cut(o, "="); return k == key })
}
