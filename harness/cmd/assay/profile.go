package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/results"
)

// profileFile is the calibration that a run's report cites, in its folder: a
// report must not depend on the machine that it is made on.
const profileFile = "profile.json"

// systemProfiles is where root keeps them.
const systemProfiles = "/var/lib/assay/profiles"

// profileDirs are where profiles are, the one that is written to first.
func (l *lab) profileDirs() ([]string, error) {
	switch {
	case l.state != "":
		return []string{filepath.Join(l.state, "profiles")}, nil
	case os.Geteuid() == 0:
		return []string{systemProfiles}, nil
	}
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("find the home folder for the machine's profile: %w", err)
		}
		data = filepath.Join(home, ".local", "share")
	}
	return []string{filepath.Join(data, "assay", "profiles"), systemProfiles}, nil
}

// keep puts an entry into the machine's profile.
func (l *lab) keep(e profile.Entry) error {
	dirs, err := l.profileDirs()
	if err != nil {
		return err
	}
	p, err := profile.Load(dirs[0], e.Machine)
	if err != nil {
		return err
	}
	p.Put(e)
	path, err := p.Save(dirs[0])
	if err == nil {
		fmt.Fprintf(l.stderr, "the machine's profile is %s\n", path)
	}
	return err
}

// cite writes what this machine's profile says of an experiment's workload into
// the folder of a run. Where there is none, nothing is written.
func (l *lab) cite(dir string, p *prepared) error {
	if e, ok := l.profiled(p); ok {
		return results.WriteJSON(dir, profileFile, e)
	}
	return nil
}

// profiled is what this machine's profile says of an experiment's workload.
func (l *lab) profiled(p *prepared) (profile.Entry, bool) {
	dirs, err := l.profileDirs()
	if err != nil {
		return profile.Entry{}, false // without a home there is no profile
	}
	for _, d := range dirs {
		known, err := profile.Load(d, p.host.Machine)
		if errors.Is(err, fs.ErrPermission) {
			continue // root's, and closed to others with the rest of its state
		}
		if err != nil {
			fmt.Fprintf(l.stderr, "not cited: %v\n", err)
			continue
		}
		if e, ok := known.For(p.plan.Spec.Workload.Name(), p.plan.Fixed); ok {
			return e, true
		}
	}
	return profile.Entry{}, false
}

// cited is the calibration that a folder cites; nil where it cites none.
func cited(dir string) (*profile.Entry, error) {
	var e profile.Entry
	switch err := results.ReadJSON(dir, profileFile, &e); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &e, nil
}
