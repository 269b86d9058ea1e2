package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/vm/link"
)

// A mount is one that every Linux system has.
type mount struct{ source, at, kind, options string }

var mounts = []mount{
	{"proc", "/proc", "proc", ""},
	{"sysfs", "/sys", "sysfs", ""},
	{"devtmpfs", "/dev", "devtmpfs", ""},
	{"devpts", "/dev/pts", "devpts", ""},
	{"tmpfs", "/dev/shm", "tmpfs", ""},
	{"tmpfs", "/run", "tmpfs", "mode=755"},
	{"tmpfs", "/tmp", "tmpfs", "mode=1777"},
	{"cgroup2", "/sys/fs/cgroup", "cgroup2", ""},
	{"debugfs", "/sys/kernel/debug", "debugfs", ""},
}

func mountAll() error {
	for _, m := range mounts {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return fmt.Errorf("make %s: %w", m.at, err)
		}
		if err := unix.Mount(m.source, m.at, m.kind, 0, m.options); err != nil {
			return fmt.Errorf("mount %s at %s: %w", m.kind, m.at, err)
		}
	}
	if err := os.Mkdir("/run/lock", 0o755); err != nil {
		return err
	}
	return os.Chmod("/run/lock", 0o1777|os.ModeSticky)
}

func readSetup() (link.Setup, error) {
	var s link.Setup
	text, err := os.ReadFile(link.SetupFile)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}

// loadAll loads modules in order. One whose device is not there (ENODEV) or
// that is there already is no reason to stop.
func loadAll(files []string) error {
	for _, file := range files {
		err := load(file)
		if err != nil && !errors.Is(err, unix.EEXIST) && !errors.Is(err, unix.ENODEV) {
			return fmt.Errorf("load %s: %w", file, err)
		}
	}
	return nil
}

// load has the kernel unpack a module that is packed (Linux 5.17).
func load(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	flags := 0
	if !strings.HasSuffix(file, ".ko") {
		flags = unix.MODULE_INIT_COMPRESSED_FILE
	}
	return unix.FinitModule(int(f.Fd()), "", flags)
}

// appearsWithin is how long a device may take to be found by its driver.
const appearsWithin = 20 * time.Second

// find polls for a device: nobody here would tell of one.
func find(what string, look func() (string, bool)) (string, error) {
	for deadline := time.Now().Add(appearsWithin); ; time.Sleep(5 * time.Millisecond) {
		if path, ok := look(); ok {
			return path, nil
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("no %s has appeared within %v", what, appearsWithin)
		}
	}
}

// labelled finds the folder of a device whose file says a text.
func labelled(pattern, label string) (string, bool) {
	files, _ := filepath.Glob(pattern)
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) == label {
			return filepath.Dir(file), true
		}
	}
	return "", false
}

var mounted []string

func mountDisks(disks []link.Disk) error {
	for _, d := range disks {
		device, err := deviceOf(d.Serial)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(d.At, 0o755); err != nil {
			return err
		}
		if d.Type == "" {
			continue
		}
		if err := unix.Mount(device, d.At, d.Type, 0, ""); err != nil {
			return fmt.Errorf("mount %s (%s) at %s: %w", device, d.Type, d.At, err)
		}
		mounted = append(mounted, d.At)
	}
	return nil
}

// deviceOf finds the device file of an nvme disk.
func deviceOf(serial string) (string, error) {
	return find("disk "+serial, func() (string, bool) {
		controller, ok := labelled("/sys/class/nvme/nvme*/serial", serial)
		path := "/dev/" + filepath.Base(controller) + "n1"
		_, err := os.Stat(path)
		return path, ok && err == nil
	})
}

// swapTo has the kernel swap to a disk; "" is none.
func swapTo(serial string) error {
	if serial == "" {
		return nil
	}
	device, err := deviceOf(serial)
	if err != nil {
		return err
	}
	for _, command := range []string{"mkswap", "swapon"} {
		if out, err := exec.Command("/bin/busybox", command, device).CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s: %w: %s", command, device, err, bytes.TrimSpace(out))
		}
	}
	return nil
}

func unmountDisks() {
	for _, at := range mounted {
		if err := unix.Unmount(at, unix.MNT_DETACH); err != nil {
			say(fmt.Errorf("unmount %s: %w", at, err))
		}
	}
	unix.Sync()
}

// loopbackUp gives the guest the address 127.0.0.1.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bring the loopback up: %w", err)
	}
	defer unix.Close(s)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, request); err != nil {
		return fmt.Errorf("bring the loopback up: %w", err)
	}
	return nil
}
