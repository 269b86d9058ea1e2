package sysfs

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Writable says whether a write would be let through, without opening the file:
// nil, or an error that wraps fs.ErrNotExist, fs.ErrPermission or, on a
// read-only mount as in most containers, unix.EROFS. It asks for the effective
// user. A kernel that is locked down may still refuse the write itself.
func (f FS) Writable(name string) error {
	path, err := f.locate("write", name)
	if err != nil {
		return err
	}
	if err := unix.Faccessat(unix.AT_FDCWD, path, unix.W_OK, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: err}
	}
	return nil
}

// Write puts the value into the file by a single write, without truncating it,
// and never creates one. An empty value is written as a newline, because the
// kernel never hears of a write of no bytes.
//
// Note: the O_TRUNC of a shell's ">" would leave a plain file of a fake tree
// empty for a moment, and a harness killed just then would leave a text that is
// nobody's. Settings have no such moment. So a plain file that gets shorter is
// overwritten to its end with newlines, which mean nothing, and cut after that:
// at every moment it means the old value or the new one.
func (f FS) Write(w Write) error {
	path, err := f.locate("write", w.File)
	if err != nil {
		return err
	}
	if err := spill(path, cmp.Or(w.Value, "\n")); err != nil {
		return &fs.PathError{Op: "write", Path: w.File, Err: err}
	}
	return nil
}

func spill(path, value string) error {
	fd, err := open(path, unix.O_WRONLY)
	if err != nil {
		return err
	}
	err = overwrite(fd, value)
	// A kernel file has taken the value, or refused it, by now. Close can only
	// tell of a plain file on a full disk.
	return cmp.Or(err, unix.Close(fd))
}

func overwrite(fd int, value string) error {
	excess, err := excess(fd, len(value))
	if err != nil {
		return err
	}
	text := []byte(value + strings.Repeat("\n", excess))
	n, err := unix.Write(fd, text)
	for err == unix.EINTR {
		n, err = unix.Write(fd, text)
	}
	switch {
	case err != nil:
		return err
	case n < len(text):
		return io.ErrShortWrite
	case excess > 0:
		return unix.Ftruncate(fd, int64(len(value)))
	}
	return nil
}

// excess is by how many bytes a plain file is longer than what it is to hold. The
// files of /proc and of cgroupfs have size 0, those of /sys a size, usually a
// page, that says nothing about their text.
func excess(fd, length int) (int, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Size <= int64(length) {
		return 0, nil
	}
	var on unix.Statfs_t
	if err := unix.Fstatfs(fd, &on); err != nil {
		return 0, err
	}
	if on.Type == unix.SYSFS_MAGIC {
		return 0, nil
	}
	if st.Size > MaxBytes {
		return 0, errTooLarge
	}
	return int(st.Size) - length, nil
}

// A Refused is a value that the kernel took without complaint and did not keep.
type Refused struct {
	File string
	Want string // as written
	Got  string // as read back
}

func (r *Refused) Error() string {
	return fmt.Sprintf("write %s: wrote %q, reads back %q", r.File, r.Want, r.Got)
}

// Apply writes the value, reads the file back and returns a *[Refused] unless
// the text then means that value. Nothing is undone on failure.
//
// A file that still says what it said before is read again for a moment: the kernel
// changes some, the limits of a frequency policy for one, on a work queue of its own
// (cpufreq_notifier_min in drivers/cpufreq/cpufreq.c).
func (f FS) Apply(w Write) error {
	before, _ := f.Read(w.File) // what can't be read now can't be read back either
	if err := f.Write(w); err != nil {
		return err
	}
	return f.readBack(w, before, shownWithin)
}

// readBack waits until a file that said something else before shows what was written.
func (f FS) readBack(w Write, before string, most time.Duration) error {
	for begun := time.Now(); ; time.Sleep(shownEvery) {
		text, err := f.Read(w.File)
		switch {
		case err != nil:
			return fmt.Errorf("wrote %q, can't read it back: %w", w.Value, err)
		case w.Same.Equal(text, w.Value):
			return nil
		case text != before || time.Since(begun) > most:
			return &Refused{File: w.File, Want: w.Value, Got: text}
		}
	}
}

const (
	shownWithin = 200 * time.Millisecond
	shownEvery  = time.Millisecond
)
