package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/resource"
	"github.com/assaylab/assay/harness/sysfs"
)

// machine is the real one.
const machine = sysfs.FS("/")

// What a run makes, by the names that journal entries give it.
const (
	madeGroup  = "cgroup"            // target: its directory
	madeSwitch = "cgroup-controller" // target: the controller, a space, its subtree_control file
	madeFolder = "folder"            // target: its path
)

// scratchPrefix begins the name of the folder that holds those of the trials.
const scratchPrefix = resource.RunPrefix

// undoers take away what runs make: what provides resources knows its own.
var undoers = func() journal.Undoers {
	all := resource.Undoers()
	all[madeGroup] = cgroup.RemoveTree
	all[madeSwitch] = func(target string) error {
		controller, file, _ := strings.Cut(target, " ")
		return cgroup.SwitchOff(cgroup.Switch{Controller: controller, File: file})
	}
	all[madeFolder] = removeFolder
	return all
}()

// makeFolder makes the folder of a run, noted first: whoever ends the run, it is found
// and removed.
func makeFolder(j *journal.Journal, run string) (dir string, err error) {
	// Without symbolic links, as the kernel names what is mounted in it.
	dir, err = filepath.EvalSymlinks(os.TempDir())
	if err == nil {
		dir, err = filepath.Abs(filepath.Join(dir, scratchPrefix+run))
	}
	if err != nil {
		return "", err
	}
	_, err = j.Note(journal.Entry{Run: run, Kind: journal.KindCreated, What: madeFolder, Target: dir, Disk: true})
	if err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir, 0o700)
}

// removeFolder removes the folder of a run. One in which something is still mounted
// it leaves alone: what would be removed is what lies there.
func removeFolder(target string) error {
	if !filepath.IsAbs(target) || !strings.HasPrefix(filepath.Base(target), scratchPrefix) {
		return fmt.Errorf("%s is not a folder that a run makes (nothing was touched)", target)
	}
	if err := resource.Unmounted(target); err != nil {
		return err
	}
	return os.RemoveAll(target)
}

// noteGroups is the journal entry of each thing that a slot is about to make.
func noteGroups(j *journal.Journal, run string) func(dirs []string, on []cgroup.Switch) error {
	return func(dirs []string, on []cgroup.Switch) error {
		var entries []journal.Entry
		for _, s := range on {
			entries = append(entries, journal.Entry{Run: run, Kind: journal.KindCreated, What: madeSwitch, Target: s.Controller + " " + s.File})
		}
		for _, d := range dirs {
			entries = append(entries, journal.Entry{Run: run, Kind: journal.KindCreated, What: madeGroup, Target: d, First: true})
		}
		_, err := j.Note(entries...)
		return err
	}
}

func restoreCommand(l *lab) *cobra.Command {
	var opt journal.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "restore",
		Short: "Put back what an interrupted run left set",
		Long: `Restore undoes what the journal of an interrupted run holds, newest first: files get
their original text, cgroups are emptied and removed. A value that no run of assay
wrote is someone's: it is left and reported, and restore exits 1. It is not needed
after a run that ended, by whatever signal: the run's guardian has done it.`,
		Example: "  assay restore\n  sudo assay restore --force   # write the originals over other people's values too",
		Args:    exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			lock, err := l.acquire(c.Context(), "restore", false)
			if err != nil {
				return err
			}
			defer lock.Release()
			state, err := l.stateDir()
			if err != nil {
				return err
			}
			report, err := journal.Restore(state, machine, undoers, opt)
			if err != nil {
				return err
			}
			return l.restored(report, asJSON)
		},
	}
	c.Flags().BoolVar(&opt.Force, "force", false, "write the originals over values that someone else wrote")
	c.Flags().BoolVar(&opt.Keep, "keep", false, "accept values that someone else wrote as the originals from now on")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (l *lab) restored(r journal.Report, asJSON bool) error {
	if asJSON {
		if err := l.json(r); err != nil {
			return err
		}
	} else if len(r.Lines) == 0 {
		_, err := fmt.Fprintln(l.stdout, l.nothing())
		return err
	} else {
		fmt.Fprint(l.stdout, r.String())
		fmt.Fprint(l.stdout, l.others())
	}
	if !r.OK() {
		return outcome{exitFailed, fmt.Errorf("not everything was restored")}
	}
	return nil
}

// nothing names the journal that holds nothing: a run under sudo has another.
func (l *lab) nothing() string {
	state, err := l.stateDir()
	if err != nil {
		return "nothing to restore"
	}
	return strings.TrimRight("nothing to restore: the journal in "+state+" is empty\n"+l.others(), "\n")
}

// pending says that what the machine shows is not its own but what an interrupted run
// left; empty where it is its own.
func (l *lab) pending() string {
	state, err := l.stateDir()
	if err != nil {
		return ""
	}
	settings, things, err := journal.Left(state)
	var left []string
	if settings > 0 {
		left = append(left, prose.Plural(settings, "setting"))
	}
	if things > 0 {
		left = append(left, prose.Plural(things, "thing")+" that it made")
	}
	switch {
	case err != nil:
		return fmt.Sprintf("what an interrupted run may have left could not be found out: %v", err)
	case left == nil:
		return ""
	}
	return fmt.Sprintf("an interrupted run left %s: assay restore puts the machine back, as the next run would", strings.Join(left, " and "))
}

// others says what a user who restores does not see: the journal of runs under
// sudo. Empty where the journal was named, and for root.
func (l *lab) others() string {
	root, err := journal.DefaultState(0)
	if err != nil || os.Geteuid() == 0 || l.state != "" {
		return ""
	}
	return others(root)
}

// others says what the journal in a folder of root's holds, or that it can't be
// looked into. Empty where there is nothing.
func others(root string) string {
	info, err := os.Stat(filepath.Join(root, journal.File))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ""
	case err != nil:
		return "runs under sudo keep their journal in " + root + ", which this user can't read; it may hold more: sudo assay restore shows what, and undoes it\n"
	case info.Size() > 0:
		return "runs under sudo keep their journal in " + root + ", and it holds entries: sudo assay restore\n"
	}
	return ""
}

// guardianCommand is what a run starts beside itself; it is not for people.
func guardianCommand(l *lab) *cobra.Command {
	return &cobra.Command{
		Use:    "guardian",
		Hidden: true,
		Args:   exactly(0),
		RunE: func(*cobra.Command, []string) error {
			line, err := journal.HarnessLine()
			if err != nil {
				return usage(err)
			}
			state, err := l.stateDir()
			if err != nil {
				return err
			}
			os.Chdir("/") // hold no one's folder
			if code := journal.Main(state, machine, undoers, line); code != exitDone {
				return outcome{code: code}
			}
			return nil
		},
	}
}
