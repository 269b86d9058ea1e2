package sysfs

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// A File is a small kernel file that is read again and again: it is opened once,
// and its text goes into one buffer. It belongs to one goroutine.
type File struct {
	name string
	fd   int
	buf  []byte
}

// Open opens a file for reading.
func (f FS) Open(name string) (*File, error) {
	path, err := f.locate("open", name)
	if err != nil {
		return nil, err
	}
	fd, err := open(path, unix.O_RDONLY)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &File{name: name, fd: fd, buf: make([]byte, 8192)}, nil
}

// Text is what the file says now. It is valid until the next call. The files of
// /proc make their text anew when they are read from the start.
func (f *File) Text() ([]byte, error) {
	n := 0
	for {
		got, err := unix.Pread(f.fd, f.buf[n:], int64(n))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return nil, &fs.PathError{Op: "read", Path: f.name, Err: err}
		case got == 0:
			return f.buf[:n], nil
		}
		if n += got; n > MaxBytes {
			return nil, &fs.PathError{Op: "read", Path: f.name, Err: errTooLarge}
		}
		if n == len(f.buf) {
			f.buf = append(f.buf, make([]byte, n)...)
		}
	}
}

// Head is the first n bytes of the text or fewer, by a single read: for a file
// whose first lines say it all, such as proc/stat. It is valid until the next call.
func (f *File) Head(n int) ([]byte, error) {
	n = min(n, len(f.buf))
	got, err := unix.Pread(f.fd, f.buf[:n], 0)
	for err == unix.EINTR {
		got, err = unix.Pread(f.fd, f.buf[:n], 0)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: f.name, Err: err}
	}
	return f.buf[:got], nil
}

// Close closes it.
func (f *File) Close() error { return unix.Close(f.fd) }
