package run

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/resource"
)

// home is the folder that a trial has for HOME, TMPDIR and working folder, empty
// and its user's own. Its path is the same for all trials: a longer one would
// shift the stack of the next workload, and that alone can change its speed.
func (l *Local) home(user *launch.User) (string, error) {
	dir := l.homePath()
	own := launch.User{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
	if !l.homed {
		if err := os.MkdirAll(resource.Place(l.Scratch), 0o711); err != nil {
			return "", fmt.Errorf("trial's folder: %w", err)
		}
		if err := os.Mkdir(dir, homeMode.Perm()); err != nil {
			return "", fmt.Errorf("trial's folder: %w", err)
		}
		l.homed, l.owner = true, own
	}
	if user == nil {
		user = &own
	}
	if l.owner.UID != user.UID || l.owner.GID != user.GID {
		if err := os.Chown(dir, int(user.UID), int(user.GID)); err != nil {
			return "", fmt.Errorf("trial's folder: %w", err)
		}
		l.owner = *user
	}
	return dir, nil
}

func (l *Local) homePath() string { return filepath.Join(resource.Place(l.Scratch), "home") }

const homeMode = os.ModeDir | 0o700

// clean takes the folder away if the trial left a trace in it.
func (l *Local) clean() error {
	if !l.homed || pristine(l.homePath()) {
		return nil
	}
	return l.vacate()
}

// vacate takes the folder away: the next one may lie on another file system.
func (l *Local) vacate() error {
	if !l.homed {
		return nil
	}
	l.homed = false
	if err := os.RemoveAll(l.homePath()); err != nil {
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
