package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
)

// What a family does when it is dialled.
const (
	listens = "listens"
	refuses = "refuses"
	silent  = "silent"
)

// A target is one family's end of a port.
type target struct {
	address netip.AddrPort
	fd      int        // listening; -1 where it refuses
	filling []net.Conn // in the queue of a silent one
}

// newTarget makes the end of a family. The socket is the kernel's own, for the
// length of the queue, which package net does not let one choose. With port 0
// any free port is taken.
func newTarget(ip netip.Addr, port uint16, does string) (t *target, err error) {
	t = &target{fd: -1, address: netip.AddrPortFrom(ip, port)}
	if does == refuses {
		return t, nil
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("listen on %s: %w", t.address, err), t.close())
		}
	}()
	if err := t.listen(backlog(does)); err != nil {
		return t, err
	}
	if does == silent {
		return t, t.fill()
	}
	return t, nil
}

// backlog is the length of the queue of connections that nobody accepted. The
// kernel lets one more in (sk_acceptq_is_full in include/net/sock.h).
func backlog(does string) int {
	if does == silent {
		return 0
	}
	return syscall.SOMAXCONN
}

func (t *target) listen(backlog int) error {
	family, to := syscall.AF_INET, syscall.Sockaddr(&syscall.SockaddrInet4{Port: int(t.address.Port()), Addr: [4]byte{127, 0, 0, 1}})
	if t.address.Addr().Is6() {
		family, to = syscall.AF_INET6, &syscall.SockaddrInet6{Port: int(t.address.Port()), Addr: t.address.Addr().As16()}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	t.fd = fd
	if family == syscall.AF_INET6 {
		if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY, 1); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	if err := syscall.Bind(fd, to); err != nil {
		return os.NewSyscallError("bind", err)
	}
	if err := syscall.Listen(fd, backlog); err != nil {
		return os.NewSyscallError("listen", err)
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	switch b := bound.(type) {
	case *syscall.SockaddrInet4:
		t.address = netip.AddrPortFrom(t.address.Addr(), uint16(b.Port))
	case *syscall.SockaddrInet6:
		t.address = netip.AddrPortFrom(t.address.Addr(), uint16(b.Port))
	}
	return nil
}

// fill takes the one place that the queue has.
func (t *target) fill() error {
	c, err := net.Dial("tcp", t.address.String())
	if err != nil {
		return err
	}
	t.filling = append(t.filling, c)
	return nil
}

// accept takes one connection off the queue, as a server would.
func (t *target) accept() error {
	for {
		fd, _, err := syscall.Accept4(t.fd, syscall.SOCK_CLOEXEC)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return os.NewSyscallError("accept", err)
		}
		return syscall.Close(fd)
	}
}

func (t *target) close() error {
	var errs []error
	for _, c := range t.filling {
		errs = append(errs, c.Close())
	}
	if t.fd >= 0 {
		errs = append(errs, syscall.Close(t.fd))
	}
	return errors.Join(errs...)
}

func (t *target) port() string { return strconv.Itoa(int(t.address.Port())) }
