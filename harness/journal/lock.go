package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// DefaultLock is the host lock's file. It is the same for every user, so it
// depends on nothing but the machine: /run/lock where everyone may make files
// there (Debian), otherwise /tmp.
func DefaultLock() string {
	if info, err := os.Stat("/run/lock"); err == nil && info.IsDir() && info.Mode().Perm()&0o002 != 0 {
		return "/run/lock/assay.lock"
	}
	return "/tmp/assay.lock"
}

// A Lock is the host lock, held. It is an flock(2), so it belongs to the open file
// and is free only when every process that inherited it has closed it or ended.
type Lock struct {
	file *os.File
	card string // path of the file that says who we are
}

// File is the descriptor to be inherited by who shall hold the lock as well.
func (l *Lock) File() *os.File { return l.file }

// Release gives up our share.
//
// Note: it closes and does not unlock: LOCK_UN would take the lock from the
// guardian too.
func (l *Lock) Release() error {
	err := os.Remove(l.card)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.file.Close())
}

// Held is the error of a lock that someone else holds.
type Held struct {
	Path   string
	Holder Holder // zero if it can't be found out
}

func (h *Held) Error() string {
	return fmt.Sprintf("host lock %s: held by %s: wait for it to end", h.Path, h.Holder)
}

// poll is how often a waiting Acquire tries.
const poll = 50 * time.Millisecond

// Acquire takes the host lock at path and says by a file beside it who did. Of me
// it fills in PID and Start, and UID and Since where they are zero.
//
// If someone else holds it: with wait nil the error is a *[Held]; otherwise
// Acquire tries again until ctx ends, and calls wait for each new holder.
func Acquire(ctx context.Context, path string, me Holder, wait func(Holder)) (*Lock, error) {
	me, err := me.filled()
	if err != nil {
		return nil, err
	}
	var told *Holder
	for {
		file, err := try(path)
		if err == nil {
			return announce(file, path, me)
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("host lock: %w", err)
		}
		holder := findHolder(path)
		if wait == nil {
			return nil, &Held{Path: path, Holder: holder}
		}
		if told == nil || *told != holder {
			wait(holder)
			told = &holder
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("host lock %s: held by %s: %w", path, holder, context.Cause(ctx))
		case <-time.After(poll):
		}
	}
}

// announce is done with the lock held. Failing to say who we are is no reason to
// fail: the lock itself is what counts.
func announce(file *os.File, path string, me Holder) (*Lock, error) {
	sweep(path)
	card := cardName(path, me.PID)
	if err := me.publish(card); err != nil {
		card = ""
	}
	return &Lock{file: file, card: card}, nil
}

// try opens, makes if needed, and locks the file. A lock on a file that has since
// been replaced under its name is worth nothing and is dropped.
func try(path string) (*os.File, error) {
	for range 100 {
		file, err := openLock(path)
		if err != nil {
			return nil, err
		}
		if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			file.Close()
			return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
		}
		if sameFile(file, path) {
			return file, nil
		}
		file.Close()
	}
	return nil, fmt.Errorf("%s: someone keeps replacing it", path)
}

func sameFile(file *os.File, path string) bool {
	ours, err1 := file.Stat()
	named, err2 := os.Lstat(path)
	return err1 == nil && err2 == nil && os.SameFile(ours, named)
}

// openLock opens for reading only, which flock is content with: the file belongs
// to whoever came first. It does so without O_CREAT, which fs.protected_regular
// forbids on others' files in folders like /tmp. O_NOFOLLOW and O_NONBLOCK are
// against links and named pipes put there by others.
func openLock(path string) (*os.File, error) {
	for range 100 {
		file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
		if errors.Is(err, fs.ErrNotExist) {
			if err := makeLock(path); err != nil && !errors.Is(err, fs.ErrExist) {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
			file.Close()
			return nil, errors.Join(err, fmt.Errorf("%s: not a regular file", path))
		}
		return file, nil
	}
	return nil, fmt.Errorf("%s: someone keeps removing it", path)
}

// makeLock makes the file with its mode under another name and links it into place,
// so that nobody meets it before it is readable for all, whatever the umask.
func makeLock(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	return os.Link(file.Name(), path)
}
