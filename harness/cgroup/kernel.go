package cgroup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/assaylab/assay/harness/sysfs"
)

// A kernel is what can be done to cgroupfs, reading apart. Tests put a model in
// its place, which fills a new group with files and does what a write asks for.
type kernel struct {
	mkdir   func(path string) error
	rmdir   func(path string) error
	write   func(group, file, value string) error
	access  func(path string) error                // nil: groups can be made in this one
	isGroup func(path string) bool                 // on cgroupfs
	kill    func(pid int, still func() bool) error // SIGKILL, if still says yes once the process is held
}

func linux() kernel {
	return kernel{mkdir: mkdir, rmdir: rmdir, write: write, access: access, isGroup: isGroup, kill: kill}
}

func mkdir(path string) error {
	return pathError("mkdir", path, retry(func() error { return syscall.Mkdir(path, 0o755) }))
}

func rmdir(path string) error {
	return pathError("rmdir", path, retry(func() error { return syscall.Rmdir(path) }))
}

// access asks for the effective user, without trying.
func access(path string) error {
	const (
		atFDCWD    = -100  // linux/fcntl.h
		atEACCESS  = 0x200 // linux/fcntl.h
		writeEnter = 2 | 1 // W_OK | X_OK
	)
	return pathError("access", path, syscall.Faccessat(atFDCWD, path, writeEnter, atEACCESS))
}

// isGroup looks at the file system's magic number (linux/magic.h), so that a
// wrong path in a journal can't remove an ordinary folder.
func isGroup(path string) bool {
	const v1, v2 = 0x27e0eb, 0x63677270
	var s syscall.Statfs_t
	err := retry(func() error { return syscall.Statfs(path, &s) })
	return err == nil && (s.Type == v1 || s.Type == v2)
}

// kill holds the process by a pidfd (os.FindProcess does, where the kernel has
// them) before it asks again whether it is the right one: a number read from
// cgroup.procs may have changed hands since.
func kill(pid int, still func() bool) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer p.Release()
	if !still() {
		return nil
	}
	err = p.Signal(syscall.SIGKILL)
	if errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

func retry(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR {
			return err
		}
	}
}

func pathError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}

// read gives the text of a control file of a group.
func read(group, file string) (string, error) {
	text, err := sysfs.FS(group).Read(file)
	return text, placed(group, file, err)
}

// write writes one. It does not read back: what is proved of a leaf is read
// from it later, at the three points of a trial.
func write(group, file, value string) error {
	return placed(group, file, sysfs.FS(group).Write(sysfs.Write{File: file, Value: value}))
}

// placed gives an error about a control file its full path.
func placed(group, file string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return &fs.PathError{Op: at.Op, Path: filepath.Join(group, file), Err: at.Err}
	}
	return err
}

// exists says whether a group is there.
func exists(group string) bool {
	_, err := os.Lstat(group)
	return err == nil
}

// words splits a list such as cgroup.controllers.
func words(group, file string) ([]string, error) {
	text, err := read(group, file)
	return strings.Fields(text), err
}
