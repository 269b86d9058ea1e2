package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/assaylab/assay/harness/launch"
)

// handBack gives a results folder to the user who called through sudo, with
// the folders above it that this run made.
//
// Children come before their folder: once that is the user's, they could put a
// link in a child's place. And all names are looked up below one open folder,
// so that no link leads root out of it.
func (l *lab) handBack(dir string) {
	u := callerIDs()
	if u == nil {
		return
	}
	if err := handBack(dir, u[0], u[1]); err != nil {
		fmt.Fprintf(l.stderr, "assay: hand %s back to its user: %v\n", dir, err)
	}
}

func handBack(dir string, uid, gid int) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	experiment, base := filepath.Dir(dir), filepath.Dir(filepath.Dir(filepath.Dir(dir)))
	top := filepath.Dir(experiment)
	root, err := os.OpenRoot(base)
	if err != nil {
		return err
	}
	defer root.Close()
	below := func(path string) string {
		name, _ := filepath.Rel(base, path)
		return name
	}
	names, err := contents(root, below(dir))
	if err != nil {
		return err
	}
	for _, d := range []string{experiment, top} {
		if owner(d) == 0 && owner(base) == uid {
			names = append(names, below(d))
		}
	}
	for _, name := range names {
		if err := root.Lchown(name, uid, gid); err != nil {
			return err
		}
	}
	return nil
}

// contents lists a folder with all that is in it, deepest first.
func contents(root *os.Root, dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(root.FS(), dir, func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	})
	slices.Reverse(names)
	return names, err
}

// owner is the user whom a file belongs to; -1 where that can't be told.
func owner(path string) int {
	info, err := os.Lstat(path)
	if err != nil {
		return -1
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

// callerIDs are the user and group of who called through sudo; nil otherwise.
func callerIDs() []int {
	if u := launch.Caller(); u != nil {
		return []int{int(u.UID), int(u.GID)}
	}
	return nil
}
