package results

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

// append writes at the known end, so that a partial write before it (a full
// disk, then space again) is written over, not kept as garbage in the middle.
func (t *tail) append(b []byte) error {
	if _, err := t.file.WriteAt(b, t.size); err != nil {
		return fmt.Errorf("results: append to %s: %w (free some space, then go on with --resume)", t.file.Name(), err)
	}
	if err := t.file.Sync(); err != nil {
		return fmt.Errorf("results: sync %s: %w", t.file.Name(), err)
	}
	t.size += int64(len(b))
	return nil
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
		return fmt.Errorf("results: write %s: %w", path, err)
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
