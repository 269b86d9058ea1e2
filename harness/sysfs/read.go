package sysfs

import (
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// MaxBytes bounds what Read takes from one file. The largest that a harness has
// reason to read, /proc/vmstat and smaps of a large process, stay far below.
const MaxBytes = 1 << 20

var errTooLarge = errors.New("larger than 1 MiB, not a setting")

// Read gives the text of a file without the newlines at its end. It opens the file
// once and reads to its end; a file of up to a page, which every setting is,
// comes from the kernel in one read and so is of one moment.
func (f FS) Read(name string) (string, error) {
	path, err := f.locate("read", name)
	if err != nil {
		return "", err
	}
	text, err := slurp(path)
	if err != nil {
		return "", &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return strings.TrimRight(text, "\n"), nil
}

// slurp uses bare system calls: package os would put the descriptor into the
// poller, which kernfs files accept, and so cost four more calls a file.
func slurp(path string) (string, error) {
	fd, err := open(path, unix.O_RDONLY)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	buf := make([]byte, 0, 4096)
	for {
		n, err := unix.Read(fd, buf[len(buf):cap(buf)])
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return "", err
		case n == 0:
			return string(buf), nil
		}
		buf = buf[:len(buf)+n]
		if len(buf) > MaxBytes {
			return "", errTooLarge
		}
		if len(buf) == cap(buf) {
			buf = append(buf, make([]byte, len(buf))...)[:len(buf)]
		}
	}
}

// Exists says whether the file is there. A file that can't be asked about, for
// want of a right to search its folder, counts as absent.
func (f FS) Exists(name string) bool {
	path, err := f.locate("stat", name)
	if err != nil {
		return false
	}
	return unix.Access(path, unix.F_OK) == nil
}

func open(path string, flags int) (int, error) {
	for {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}
