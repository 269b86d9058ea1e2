package run

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/resource"
)

// A home is the folder that the trials of one side have for HOME, TMPDIR and
// working folder, empty and its user's own. Its path is as long for all of them:
// a longer one would shift the stack of the next workload, and that alone can
// change its speed.
type home struct {
	made  bool        // it is there, as new
	owner launch.User // whose it is
}

// home is the folder of a side, made where it is not there, given to a user; nil
// is the harness's own.
func (l *Local) home(side int, user *launch.User) (string, error) {
	h, dir := &l.homes[side], l.homePath(side)
	own := launch.User{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
	if !h.made {
		if err := os.MkdirAll(resource.Place(l.Scratch), 0o711); err != nil {
			return "", fmt.Errorf("trial's folder: %w", err)
		}
		if err := os.Mkdir(dir, homeMode.Perm()); err != nil {
			return "", fmt.Errorf("trial's folder: %w", err)
		}
		h.made, h.owner = true, own
	}
	if user == nil {
		user = &own
	}
	if h.owner.UID != user.UID || h.owner.GID != user.GID {
		if err := os.Chown(dir, int(user.UID), int(user.GID)); err != nil {
			return "", fmt.Errorf("trial's folder: %w", err)
		}
		h.owner = *user
	}
	return dir, nil
}

func (l *Local) homePath(side int) string {
	return filepath.Join(resource.Place(l.Scratch), fmt.Sprintf("home%d", side))
}

const homeMode = os.ModeDir | 0o700

// clean takes the folder of a side away if the trial left a trace in it.
func (l *Local) clean(side int) error {
	if !l.homes[side].made || pristine(l.homePath(side)) {
		return nil
	}
	return l.vacate(side)
}

// vacate takes the folder of a side away: the next one may lie on another file system.
func (l *Local) vacate(side int) error {
	if !l.homes[side].made {
		return nil
	}
	l.homes[side].made = false
	if err := os.RemoveAll(l.homePath(side)); err != nil {
		return fmt.Errorf("trial's folder: %w", err)
	}
	return nil
}

func pristine(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || info.Mode() != homeMode {
		return false
	}
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = f.Readdirnames(1)
	return err == io.EOF
}
