// Package sysfs reads and writes the small text files of /proc and /sys.
//
// It is the only writer of them (cgroupfs apart), and everything it does is
// relative to a root, so that a test hands it a folder and needs no privilege.
//
//  1. Ask first: [FS.Exists], [FS.Writable]. Neither opens the file.
//  2. [FS.Read] gives the text, [Same] says what the text means.
//  3. [FS.Apply] writes a value, reads it back, and is content only if the
//     file then says that value: the kernel rounds, clamps and ignores.
package sysfs

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// An FS is the folder under which proc/ and sys/ are found: "/" on a real
// machine, a fake tree in tests. Names given to its methods have no leading slash.
// The zero FS refuses everything: a forgotten root must not become "/".
type FS string

// A Write is a value meant for a file: an intention, nothing has happened yet.
type Write struct {
	File  string `json:"file"`  // below the root: "proc/sys/vm/swappiness"; a cgroup file by its v2 name: "memory.max"
	Value string `json:"value"` // without a newline
	Same  Same   `json:"same,omitempty"`
}

// Path is the file's absolute name, for messages and for handing to others. It
// never leaves the root by "..": the other methods refuse such a name, Path
// has no way to say so and cuts it off.
func (f FS) Path(name string) string {
	return filepath.Join(string(f), filepath.Join("/", name))
}

// Glob lists the files that match pattern (path/filepath.Match), as names below
// the root, sorted.
func (f FS) Glob(pattern string) ([]string, error) {
	full, err := f.locate("glob", pattern)
	if err != nil {
		return nil, err
	}
	found, err := filepath.Glob(full)
	if err != nil {
		return nil, fmt.Errorf("glob %s: %w", pattern, err)
	}
	names := make([]string, 0, len(found))
	for _, path := range found {
		name, err := filepath.Rel(string(f), path)
		if err != nil {
			return nil, fmt.Errorf("glob %s: %w", pattern, err)
		}
		names = append(names, name)
	}
	return names, nil
}

var (
	errNoRoot  = errors.New("no root folder was given")
	errEscapes = errors.New("name is not inside the root folder")
)

// locate is Path for names that were checked. The check is of the name alone:
// symbolic links are followed, as /sys consists of them.
func (f FS) locate(op, name string) (string, error) {
	if f == "" {
		return "", &fs.PathError{Op: op, Path: name, Err: errNoRoot}
	}
	if !filepath.IsLocal(name) {
		return "", &fs.PathError{Op: op, Path: name, Err: errEscapes}
	}
	return filepath.Join(string(f), name), nil
}
