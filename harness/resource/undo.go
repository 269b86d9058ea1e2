package resource

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/journal"
)

// What a set makes, by the names that journal entries give it.
const (
	madeFiles = "files"       // target: a file or folder, in the folder of a run
	madeSwap  = "swap"        // target: the file or device that was swapped to
	madeLoop  = "loop"        // target: the file behind the device
	madeMount = "mount"       // target: the folder mounted on
	madeZram  = "zram"        // target: the device, "/dev/zram1"
	newZram   = "zram-device" // target: the devices that there were before, see addZram
)

// Undoers take away what a [Set] made, by What. Each is idempotent.
func Undoers() journal.Undoers {
	return journal.Undoers{
		madeFiles: removeFiles,
		madeSwap:  swapOff,
		madeLoop:  detach,
		madeMount: unmount,
		madeZram:  removeZram,
		newZram:   removeNewZram,
	}
}

// inRun says of a path that it is in the folder of some run: one whose name begins
// with prefix.
func inRun(path string) error {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path || !strings.HasPrefix(filepath.Base(filepath.Dir(path)), RunPrefix) {
		return fmt.Errorf("%s is not in a folder that a run makes (nothing was touched)", path)
	}
	return nil
}

// RunPrefix begins the name of the folder of a run.
const RunPrefix = "assay-"

func removeFiles(path string) error {
	if err := inRun(path); err != nil {
		return err
	}
	if _, err := os.Lstat(path); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

func unmount(path string) error {
	if err := inRun(path); err != nil {
		return err
	}
	err := unix.Unmount(path, unix.UMOUNT_NOFOLLOW)
	switch {
	case errors.Is(err, unix.EINVAL): // nothing is mounted there
		return fs.ErrNotExist
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("unmount %s: %w (some process has files open there: fuser -vm %s)", path, err, path)
	case err != nil:
		return fmt.Errorf("unmount %s: %w", path, err)
	}
	return nil
}
