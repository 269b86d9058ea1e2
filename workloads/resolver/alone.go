package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// aloneKey marks, in the environment, a process that has its namespaces.
const aloneKey = "ASSAY_RESOLVER_ALONE"

// alone moves the process into a mount namespace in which /etc/resolv.conf holds
// a text, and a network namespace with loopback only. It does that on a thread of
// its own, as namespaces are a thread's, and executes the program again from it:
// same process, same descriptors. In the program so started it returns.
func alone(resolvConf string) error {
	if os.Getenv(aloneKey) != "" {
		return nil
	}
	runtime.LockOSThread() // and never unlocked: the thread must not serve others
	err := syscall.Unshare(syscall.CLONE_NEWNS | syscall.CLONE_NEWNET)
	if errors.Is(err, syscall.EPERM) {
		return fmt.Errorf("-config=%s: unshare: %w (run as root, or with -config=%s)", byFile, err, byDial)
	}
	if err != nil {
		return os.NewSyscallError("unshare", err)
	}
	if err := cover("/etc/resolv.conf", resolvConf); err != nil {
		return err
	}
	if err := raiseLoopback(); err != nil {
		return err
	}
	return again()
}

// cover puts a text over a file for this namespace alone. Its temporary file is
// gone at once; the mount keeps it.
func cover(path, text string) error {
	// What is mounted from here on must not reach the machine's own namespace.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	f, err := os.CreateTemp("", "resolv.conf-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		if err = syscall.Mount(f.Name(), path, "", syscall.MS_BIND, ""); err != nil {
			err = fmt.Errorf("mount over %s: %w", path, err)
		}
	}
	return errors.Join(err, os.Remove(f.Name()))
}

// raiseLoopback sets the interface up, which a new network namespace has down.
func raiseLoopback() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer syscall.Close(fd)
	request := struct { // struct ifreq of linux/if.h
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP}
	copy(request.name[:], "lo")
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return fmt.Errorf("set lo up: %w", errno)
	}
	return nil
}

// again executes the program from the calling thread, the control channel kept open.
func again() error {
	_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, wire.ControlFD, syscall.F_SETFD, 0)
	if errno != 0 && errno != syscall.EBADF {
		return fmt.Errorf("keep the control channel over exec: %w", errno)
	}
	env := append(os.Environ(), aloneKey+"=1")
	return fmt.Errorf("execute itself: %w", driver.NotAgain(syscall.Exec(driver.Itself, os.Args, env), "take -config="+byDial))
}
