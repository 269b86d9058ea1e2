package run

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assaylab/assay/harness/resource"
)

// home is the folder that a trial has for HOME, TMPDIR and working folder, empty
// and its user's own. Its path is the same for all trials: a longer one would
// shift the stack of the next workload, and that alone can change its speed.
func (l *Local) home() (string, error) {
	dir := l.homePath()
	if l.homed {
		return dir, nil
	}
	if err := os.MkdirAll(resource.Place(l.Scratch), 0o711); err != nil {
		return "", fmt.Errorf("trial's folder: %w", err)
	}
	if err := os.Mkdir(dir, homeMode.Perm()); err != nil {
		return "", fmt.Errorf("trial's folder: %w", err)
	}
	if l.User != nil {
		if err := os.Chown(dir, int(l.User.UID), int(l.User.GID)); err != nil {
			return "", fmt.Errorf("trial's folder: %w", err)
		}
	}
	l.homed = true
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
