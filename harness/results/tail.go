package results

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// A tail is a file that only grows, synced after each append.
type tail struct {
	file *os.File
	size int64
}

func openTail(path string) (*tail, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	return &tail{file, size}, nil
}

func (t *tail) append(b []byte) error {
	if err := t.write(b); err != nil {
		return err
	}
	if err := t.sync(); err != nil {
		return err
	}
	t.size += int64(len(b))
	return nil
}

// write is at the known end, so that a partial write before it (a full disk, then
// space again) is written over, not kept as garbage in the middle.
func (t *tail) write(b []byte) error {
	_, err := t.file.WriteAt(b, t.size)
	return t.failed(err)
}

// sync is where a file system may find out only now that it is full.
func (t *tail) sync() error { return t.failed(t.file.Sync()) }

func (t *tail) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("results: append to %s: %w%s", t.file.Name(), err, next(err, "go on with --resume"))
}

// whole cuts a line off that a crash or a full disk left without its end: the next
// one would be lost with it.
func (t *tail) whole() error {
	text, err := os.ReadFile(t.file.Name())
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	end := int64(bytes.LastIndexByte(text, '\n') + 1)
	if end == t.size {
		return nil
	}
	if err := t.file.Truncate(end); err != nil {
		return fmt.Errorf("results: cut a torn line off %s: %w", t.file.Name(), err)
	}
	t.size = end
	return nil
}

// next says what to do about a disk that is full, or the share of a user; "" of any
// other error.
func next(err error, then string) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return " (free some space, then " + then + ")"
	}
	return ""
}

// write makes a file whole or not at all, and durable.
func write(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	for _, step := range []func() error{
		func() error { return tmp.Chmod(0o644) },
		tmp.Sync,
		tmp.Close,
		func() error { return os.Rename(tmp.Name(), path) },
	} {
		if err == nil {
			err = step()
		}
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("results: write %s: %w%s", path, err, next(err, "try again: what was measured stands, and assay report makes the rest anew"))
	}
	return nil
}

// syncFolder makes names durable: a file that is synced is lost all the same
// where its name is not.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
