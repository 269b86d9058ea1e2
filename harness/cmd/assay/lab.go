package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/launch"
)

// A lab is what the subcommands share: where things are and where output goes.
type lab struct {
	stdout, stderr io.Writer
	dir            string // --dir
	state          string // --state
	lock           string // --lock
	cgroupParent   string // --cgroup-parent
	kit            string // --kit
}

func (l *lab) tree() (string, error) { return findTree(l.dir) }

func (l *lab) stateDir() (string, error) {
	if l.state != "" {
		return filepath.Abs(l.state)
	}
	return journal.DefaultState(os.Geteuid())
}

func (l *lab) lockPath() string {
	if l.lock != "" {
		return l.lock
	}
	return journal.DefaultLock()
}

// builder builds as the calling user where assay runs under sudo, so that the
// caller's caches stay the caller's.
func (l *lab) builder() (build.Builder, error) {
	tree, err := l.tree()
	if err != nil {
		return build.Builder{}, err
	}
	if l.kit != "" {
		kit, err := filepath.Abs(l.kit)
		return build.Builder{Root: tree, Kit: kit}, err
	}
	goCmd, err := exec.LookPath("go")
	if err != nil {
		return build.Builder{}, fmt.Errorf("no go command on PATH: %w (workloads are built from source; under sudo: sudo env PATH=$PATH assay ...; where there is no Go: --kit)", err)
	}
	b := build.Builder{Root: tree, Go: goCmd}
	if u := launch.Caller(); u != nil {
		b.As = &syscall.Credential{Uid: u.UID, Gid: u.GID, Groups: u.Groups}
		b.Home = u.Home
	} else if b.Home, err = os.UserHomeDir(); err != nil {
		return b, fmt.Errorf("find the home folder for the build cache: %w", err)
	}
	b.Cache = filepath.Join(b.Home, ".cache", "assay", "bin")
	return b, nil
}

// acquire takes the host lock for a purpose, waiting for its holder where asked to.
func (l *lab) acquire(ctx context.Context, purpose string, wait bool) (*journal.Lock, error) {
	var tell func(journal.Holder)
	if wait {
		tell = func(h journal.Holder) { fmt.Fprintf(l.stderr, "waiting for the host lock, held by %s\n", h) }
	}
	lock, err := journal.Acquire(ctx, l.lockPath(), journal.Holder{Run: purpose}, tell)
	return lock, elsewhere(err, "--lock names another file, the same for all who measure on this machine")
}

// elsewhere adds to an error of a place that this user may not write to how to
// name another one.
func elsewhere(err error, hint string) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w (%s)", err, hint)
	}
	return err
}

// given shows the flags of the lab that were set, for a command to be typed again.
func (l *lab) given() string {
	text := ""
	for _, f := range []struct{ name, value string }{
		{"dir", l.dir}, {"state", l.state}, {"lock", l.lock}, {"cgroup-parent", l.cgroupParent}, {"kit", l.kit},
	} {
		if f.value != "" {
			text += " --" + f.name + "=" + f.value
		}
	}
	return text
}

// json prints a value for scripts.
func (l *lab) json(v any) error {
	e := json.NewEncoder(l.stdout)
	e.SetIndent("", " ")
	return e.Encode(v)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
