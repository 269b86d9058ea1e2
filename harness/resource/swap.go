package resource

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/workloads/wire"
)

const (
	swapsFile = "proc/swaps"
	zramFiles = "sys/class/zram-control/"
)

// A SwapArea is a level of swap.
type SwapArea struct {
	Medium string // "file", "zram", or None
	Size   int64  // bytes, its header included
}

// ParseSwap takes "none", "file:512MiB" and "zram:256MiB".
func ParseSwap(text string) (SwapArea, error) {
	medium, size, sized := strings.Cut(text, ":")
	switch {
	case text == None:
		return SwapArea{Medium: None}, nil
	case !sized || medium != "file" && medium != "zram":
		return SwapArea{}, fmt.Errorf("%q is none of its levels", text)
	}
	n, err := wholeMiB(size)
	return SwapArea{Medium: medium, Size: n}, err
}

// wholeMiB parses a size. It is one of whole MiB, so that no page size rounds it.
func wholeMiB(text string) (int64, error) {
	n, err := wire.ParseBytes(text)
	if err != nil {
		return 0, err
	}
	if n < 1<<20 || n%(1<<20) != 0 || n > 1<<50 {
		return 0, fmt.Errorf("%q is not a size in whole MiB, from 1MiB", text)
	}
	return n, nil
}

func (a SwapArea) String() string {
	if a.Medium == None {
		return None
	}
	return a.Medium + ":" + wire.FormatBytes(a.Size)
}

func (a SwapArea) make(m *making) error {
	switch a.Medium {
	case None:
		return nil
	case "zram":
		return a.makeZram(m)
	}
	path := m.path("swap")
	if err := m.note(part{madeFiles, path, true}, part{madeSwap, path, false}); err != nil {
		return err
	}
	if err := image(path, a.Size); err != nil {
		return err
	}
	return a.start(path)
}

// makeZram adds a device. Its number is known only when it is there, so what is
// noted first is which devices there were.
func (a SwapArea) makeZram(m *making) error {
	before, err := zramDevices()
	if err != nil {
		return err
	}
	if err := m.note(part{newZram, "beside " + strings.Join(before, " "), false}); err != nil {
		return err
	}
	number, err := machine.Read(zramFiles + "hot_add")
	if err != nil {
		return fmt.Errorf("add a zram device: %w", err)
	}
	path := "/dev/zram" + strings.TrimSpace(number)
	if err := m.note(part{madeZram, path, false}, part{madeSwap, path, false}); err != nil {
		return err
	}
	size := sysfs.Write{File: "sys/block/" + path[len("/dev/"):] + "/disksize", Value: strconv.FormatInt(a.Size, 10), Same: sysfs.Number}
	if err := machine.Apply(size); err != nil {
		return err
	}
	return a.start(path)
}

// start writes the header of a swap area and has the kernel use it, before any
// other there is.
func (a SwapArea) start(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err = f.WriteAt(swapHeader(a.Size, os.Getpagesize()), 0); err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("make a swap area of %s: %w", path, err)
	}
	err = swap(unix.SYS_SWAPON, path, highest)
	if errors.Is(err, unix.EINVAL) {
		err = fmt.Errorf("%w (a file on this file system can't be swapped to: set TMPDIR to a folder on ext4 or xfs, or use zram)", err)
	}
	return err
}

// highest asks for the highest priority that there is: SWAP_FLAG_PREFER of
// linux/swap.h, and 32767.
const highest = 0x8000 | 0x7fff

// swapHeader is union swap_header of linux/swap.h: version 1, the last page, no bad
// ones, and the magic word at the end of the first page.
func swapHeader(size int64, page int) []byte {
	h := make([]byte, page)
	binary.NativeEndian.PutUint32(h[1024:], 1)
	binary.NativeEndian.PutUint32(h[1028:], uint32(size/int64(page)-1))
	copy(h[1052:], "assay") // the label, of 16 bytes
	copy(h[page-10:], "SWAPSPACE2")
	return h
}

func swap(call uintptr, path string, flags uintptr) error {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return err
	}
	_, _, errno := unix.Syscall(call, uintptr(unsafe.Pointer(p)), flags, 0)
	runtime.KeepAlive(p)
	if errno == 0 {
		return nil
	}
	name := map[uintptr]string{unix.SYS_SWAPON: "swapon", unix.SYS_SWAPOFF: "swapoff"}[call]
	return fmt.Errorf("%s %s: %w", name, path, errno)
}

// swapOff brings the pages back and ends the use of an area.
func swapOff(path string) error {
	if zramNumber(path) == "" {
		if err := inRun(path); err != nil {
			return err
		}
	}
	err := swap(unix.SYS_SWAPOFF, path, 0)
	switch {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENXIO), errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(err, unix.ENOMEM):
		return fmt.Errorf("%w (what is swapped out does not fit into memory: end what uses it)", err)
	}
	return err
}

// zramNumber is "1" of "/dev/zram1"; empty for anything else.
func zramNumber(path string) string {
	number, ok := strings.CutPrefix(path, "/dev/zram")
	if _, err := strconv.ParseUint(number, 10, 31); !ok || err != nil {
		return ""
	}
	return number
}

func zramDevices() ([]string, error) {
	found, err := machine.Glob("sys/block/zram*")
	for i, name := range found {
		found[i] = name[len("sys/block/"):]
	}
	return found, err
}

func removeZram(path string) error {
	number := zramNumber(path)
	if number == "" {
		return fmt.Errorf("%s is not a zram device (nothing was touched)", path)
	}
	if !machine.Exists("sys/block/zram" + number) {
		return fs.ErrNotExist
	}
	if err := machine.Write(sysfs.Write{File: zramFiles + "hot_remove", Value: number}); err != nil && !errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("remove %s: %w", path, err)
	}
	return nil
}

// removeNewZram is for a death between the making of a device and the note of its
// number. It takes away devices that were not there before and that no one has
// given a size since: nothing is on them.
func removeNewZram(target string) error {
	before := strings.Fields(strings.TrimPrefix(target, "beside"))
	now, err := zramDevices()
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for _, name := range before {
		known[name] = true
	}
	var failed []error
	err = fs.ErrNotExist
	for _, name := range now {
		size, unread := machine.Read("sys/block/" + name + "/disksize")
		if known[name] || unread != nil || strings.TrimSpace(size) != "0" {
			continue
		}
		err = nil
		failed = append(failed, removeZram("/dev/"+name))
	}
	return errors.Join(append(failed, err)...)
}

func lookSwap(path string) (string, error) {
	text, err := machine.Read(swapsFile)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) >= 5 && f[0] == path {
			return strings.Join([]string{f[0], f[1], f[2], f[4]}, " "), nil // without what is used
		}
	}
	return "", fmt.Errorf("%s is not swapped to any more (someone swapped it off?)", path)
}

// swapSeen is the area of the highest priority in the text of /proc/swaps as a
// level: "Filename Type Size Used Priority", sizes in KiB without the header.
func swapSeen(text string) string {
	seen, top := None, -1<<31
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 5 {
			continue
		}
		size, err := strconv.ParseInt(f[2], 10, 64)
		priority, err2 := strconv.Atoi(f[4])
		if err != nil || err2 != nil || priority <= top {
			continue
		}
		area := SwapArea{Medium: f[1], Size: size<<10 + int64(os.Getpagesize())}
		if zramNumber(f[0]) != "" {
			area.Medium = "zram"
		}
		seen, top = area.String(), priority
	}
	return seen
}
