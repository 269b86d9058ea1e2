package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// File is the journal's name inside the state folder.
const File = "journal.jsonl"

// DefaultState is the state folder of a user: /var/lib/assay for root, otherwise
// $XDG_STATE_HOME/assay or ~/.local/state/assay.
func DefaultState(uid int) (string, error) {
	if uid == 0 {
		return "/var/lib/assay", nil
	}
	// The XDG base directory specification has relative paths ignored.
	if base := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "assay"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("state folder: %w (give one by --state)", err)
	}
	return filepath.Join(home, ".local", "state", "assay"), nil
}

// Open opens the journal in the state folder, making both where they are
// missing. The caller holds the host lock. Entries that an earlier run left are
// kept: see [Journal.Pending] and [Journal.Restore].
func Open(state string) (*Journal, error) {
	if err := makeFolder(state); err != nil {
		return nil, fmt.Errorf("state folder %s: %w (give another by --state)", state, err)
	}
	j, err := open(state, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	// The file's name has to last as well as its content.
	if err := errors.Join(j.mend(), syncFolder(state)); err != nil {
		j.Close()
		return nil, fmt.Errorf("state folder %s: %w", state, err)
	}
	return j, nil
}

// Left counts what a run that was interrupted left in the journal of a state folder:
// files that say what it set, and things that it made. What a run that is under way
// has noted is not among them, nor what went with another boot. It changes nothing.
func Left(state string) (settings, things int, err error) {
	j, err := open(state, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	defer j.Close()
	for _, e := range j.pending() {
		switch {
		case e.Boot != j.boot && !e.Disk, e.Boot == j.boot && e.Owner.Alive():
		case e.Kind == KindCreated:
			things++
		case e.Kind != KindAct:
			settings++
		}
	}
	return settings, things, nil
}

func open(state string, flags int) (*Journal, error) {
	path := filepath.Join(state, File)
	if err := trusted(state, os.Geteuid()); err != nil {
		return nil, err
	}
	// O_NONBLOCK: a named pipe put here must not make us wait.
	file, err := os.OpenFile(path, flags|os.O_APPEND|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{path: path, file: file}
	if err := j.load(file); err != nil {
		file.Close()
		return nil, err
	}
	return j, nil
}

func (j *Journal) load(file *os.File) error {
	if err := trustedFile(file, os.Geteuid()); err != nil {
		return err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	c, err := parse(text)
	if err != nil {
		return fmt.Errorf("journal %s: %w\n\tIt may name settings that are still changed. Run \"assay restore\" of the version that wrote it;"+
			" or put back by hand what it names, and remove it", j.path, err)
	}
	if j.boot, err = BootID(); err != nil {
		return err
	}
	if j.self, err = Self(); err != nil {
		return err
	}
	j.live, j.next, j.size, j.lines = c.live, c.next, c.size, c.lines
	j.torn = int64(len(text)) > c.size
	return nil
}

// mend takes off a last line that was cut short, or the next append would be glued to it.
func (j *Journal) mend() error {
	if !j.torn {
		return nil
	}
	j.torn = false
	return j.cut()
}

// compact rewrites the file with the open entries alone. It goes by a second
// file and a rename, so that a crash leaves one or the other.
func (j *Journal) compact() error {
	path := j.path + ".new"
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil // a file that stays long is no reason to stop a run
	}
	fresh := Journal{path: path, file: file}
	var records []record
	for _, e := range j.pending() {
		records = append(records, record{Op: opNote, Entry: &e})
	}
	err = fresh.append(records, synced)
	if err == nil {
		err = os.Rename(path, j.path)
	}
	if err != nil {
		file.Close()
		os.Remove(path)
		return nil
	}
	j.file.Close()
	j.file, j.size, j.lines = file, fresh.size, fresh.lines
	if err := syncFolder(filepath.Dir(j.path)); err != nil {
		j.broken = fmt.Errorf("its folder could not be synced: %w", err)
		return fmt.Errorf("journal %s: %w", j.path, j.broken)
	}
	return nil
}

// makeFolder makes the folder and those above it, each of them synced into its parent.
func makeFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeFolder(filepath.Dir(path)); err != nil {
			return err
		}
		err = os.Mkdir(path, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// trusted refuses root a state folder that others may write to: whoever
// writes the journal has root write what he likes to any file.
func trusted(state string, euid int) error {
	info, err := os.Stat(state)
	if err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("state folder %s: not a folder", state)
	}
	return rootOnly(state, info, euid)
}

func trustedFile(file *os.File, euid int) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("journal %s: not a regular file", file.Name())
	}
	return rootOnly(file.Name(), info, euid)
}

func rootOnly(path string, info fs.FileInfo, euid int) error {
	if euid != 0 {
		return nil
	}
	if uid := info.Sys().(*syscall.Stat_t).Uid; uid != 0 {
		return fmt.Errorf("%s belongs to user %d: root takes orders only from its own journal (give a folder of root's by --state)", path, uid)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s may be written by others than root: chmod go-w it, or give another folder by --state", path)
	}
	return nil
}
