package wire

import (
	"fmt"
	"os"
	"syscall"
)

// Pair makes the two ends of a control channel, both close-on-exec. The
// harness keeps the first, in a Conn, and hands the second to its child as
// descriptor ControlFD; it must close its copy of the second after the start,
// or it will never see end of file.
func Pair() (harness, workload *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("wire: make a control channel: %w", err)
	}
	// Non-blocking, for deadlines. The flag belongs to this end alone.
	if err := syscall.SetNonblock(fds[0], true); err != nil {
		syscall.Close(fds[0])
		syscall.Close(fds[1])
		return nil, nil, fmt.Errorf("wire: make a control channel: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "control"), os.NewFile(uintptr(fds[1]), "control of the workload"), nil
}

// OpenControl is the workload's end: descriptor fd (ControlFD), if it is an
// unnamed Unix stream socket, which is what Pair makes; else nil. A descriptor
// that a shell or a service manager left open is not mistaken for it.
func OpenControl(fd int) (*Conn, error) {
	if !isControl(fd) {
		return nil, nil
	}
	syscall.CloseOnExec(fd) // children of the workload are no party to this
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, fmt.Errorf("wire: descriptor %d: %w", fd, err)
	}
	return NewConn(os.NewFile(uintptr(fd), "control")), nil
}

func isControl(fd int) bool {
	kind, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE)
	if err != nil || kind != syscall.SOCK_STREAM {
		return false
	}
	own, err := syscall.Getsockname(fd)
	if err != nil || !isUnnamed(own) {
		return false
	}
	peer, err := syscall.Getpeername(fd)
	if err == syscall.ENOTCONN {
		return true // the harness died before we looked: let the first wait say so
	}
	return err == nil && isUnnamed(peer)
}

// isUnnamed reports whether a is a Unix address without a name, which package
// syscall shows as an abstract name of no length.
func isUnnamed(a syscall.Sockaddr) bool {
	unix, ok := a.(*syscall.SockaddrUnix)
	return ok && (unix.Name == "" || unix.Name == "@")
}
