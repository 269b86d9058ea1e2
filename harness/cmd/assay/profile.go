package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/report"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/stat"
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

// floors are the warnings about effects that are decided and yet below the noise
// floor of the machine that they were measured on.
func floors(in report.Input) []string {
	e := in.Calibration
	if e == nil {
		return nil
	}
	var w []string
	look := func(what, metric string, estimate float64, lo, hi *float64) {
		i := stat.Interval{Lo: estimate, Hi: estimate}
		if lo == nil || hi == nil {
			return
		}
		if i.Lo, i.Hi = *lo, *hi; !i.Covers(1) {
			if text := e.Below(metric, estimate); text != "" {
				w = append(w, what+": "+text)
			}
		}
	}
	for _, v := range in.Verdicts.Verdicts {
		for _, s := range v.Sides {
			if stat.Quantity(quantityOf(v.Relation)) == stat.Ratio && !v.Exact {
				look(v.Claim+" "+v.Part, v.Metric, s.Estimate, s.Lo, s.Hi)
			}
		}
	}
	for _, x := range in.Effects {
		if stat.Quantity(x.Quantity) == stat.Ratio && x.Exploratory {
			look(x.Of+" against "+x.To, x.Metric, x.Estimate, x.Lo, x.Hi)
		}
	}
	return w
}

func quantityOf(relation string) string {
	var first string
	fmt.Sscan(relation, &first)
	return first
}
