package driver

import (
	"fmt"
	"os"
	"syscall"
)

// Holds adds the rule that what params make a process hold at once fits into the
// machine's memory and swap: more is certain to fail, late and in the runtime's
// words. The flags are those that it comes from, for the error; bytes is asked once
// they hold their values. A cgroup's limit is no part of it: to run into one is a
// result.
func (ps *Params) Holds(flags string, bytes func() float64) {
	ps.Check(func() error {
		var s syscall.Sysinfo_t
		if syscall.Sysinfo(&s) != nil {
			return nil // who can't know refuses nothing
		}
		return fits(flags, bytes(), (float64(s.Totalram)+float64(s.Totalswap))*float64(s.Unit))
	})
}

func fits(flags string, need, have float64) error {
	if need <= have {
		return nil
	}
	return fmt.Errorf("%s: that is %s in memory at once, and this machine has %s, swap included (lower it)", flags, gib(need), gib(have))
}

// RoomFor fails where a folder's file system can't take so many files and bytes
// more, so that they need not be made to find out.
func RoomFor(dir string, files, bytes float64) error {
	if dir == "" {
		dir = os.TempDir()
	}
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return nil // whoever makes something there will say why it can't
	}
	blocks := s.Bavail
	if os.Geteuid() == 0 {
		blocks = s.Bfree // what is reserved is reserved for root
	}
	free := float64(blocks) * float64(s.Bsize)
	switch {
	case bytes > free:
		return fmt.Errorf("%s has room for %s, not for %s (ask for less, or another file system)", dir, gib(free), gib(bytes))
	case s.Files > 0 && files > float64(s.Ffree): // 0 where a file system has no fixed number
		return fmt.Errorf("%s has room for %d files and folders, not for %.0f (ask for fewer, or another file system)", dir, s.Ffree, files)
	}
	return nil
}

func gib(bytes float64) string { return fmt.Sprintf("%.1f GiB", bytes/(1<<30)) }
