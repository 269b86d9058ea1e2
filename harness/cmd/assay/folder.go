package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
)

// resultsRoot is the folder of all runs: the one that a flag names, or results/ of the checkout.
func (l *lab) resultsRoot(f runFlags) (string, error) {
	if f.results != "" {
		return f.results, nil
	}
	tree, err := l.tree()
	if err != nil {
		return "", err
	}
	return shorten(filepath.Join(tree, "results")), nil
}

// shorten shows a path as it is seen from here, where that is shorter.
func shorten(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}

// runID names a run in the journal and among cgroups.
func runID(experiment string) string {
	var r [3]byte
	rand.Read(r[:])
	return experiment + "-" + hex.EncodeToString(r[:])
}

// open makes the folder of a new run, or opens that of an interrupted one to go on.
// The recorder is nil where there is no folder, whatever went wrong.
func (l *lab) open(p *prepared, record build.Record, resumed *results.Run, f runFlags) (_ *recorder, err error) {
	r := &recorder{
		session: results.Session{Session: 1, Version: Version, BootID: p.host.BootID, Started: time.Now().UTC()},
		meter:   newMeter(l.stderr, f.quiet), gist: p.gist(),
	}
	if resumed != nil {
		var run results.Run // as it is now: another session may have ended while this one waited for the lock
		r.folder, run, err = results.Continue(resumed.Dir)
		r.done, r.session.Session = run.Attempts, len(run.Sessions)+1
	} else {
		r.folder, err = l.create(p, record, f)
	}
	if err != nil {
		return nil, err
	}
	for _, s := range r.done {
		r.gist.Take(s)
	}
	r.log, err = os.OpenFile(filepath.Join(r.folder.Dir, results.LogFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err == nil && !f.quiet {
		fmt.Fprintf(l.stderr, "results go to %s\n", r.folder.Dir)
	}
	return r, err
}

// create makes a new folder and writes down all that is known before the first trial.
func (l *lab) create(p *prepared, record build.Record, f runFlags) (*results.Folder, error) {
	root, err := l.resultsRoot(f)
	if err != nil {
		return nil, err
	}
	folder, err := results.Create(root, time.Now(), p.plan, sample.Header(p.constant(), metrics(p.description)), func(dir string) error {
		return errors.Join(
			results.WriteFile(dir, results.ExperimentFile, p.text),
			results.WriteJSON(dir, results.FeasibleFile, p.feasible),
			results.WriteJSON(dir, results.BuildsFile, record),
			p.writeHosts(dir),
			l.cite(dir, p),
		)
	})
	return folder, elsewhere(err, "--results names another folder")
}

func hostFile(env string) string { return filepath.Join(results.HostsDir, env+".json") }

func (p *prepared) writeHosts(dir string) error {
	var errs []error
	for env, h := range p.hosts {
		errs = append(errs, results.WriteJSON(dir, hostFile(env), h))
	}
	return errors.Join(errs...)
}

// hostsOf are the environments of a results folder, by name.
func hostsOf(dir string) (map[string]host.Host, error) {
	files, err := filepath.Glob(filepath.Join(dir, hostFile("*")))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no file in it says where the run was", filepath.Join(dir, results.HostsDir))
	}
	if err != nil {
		return nil, err
	}
	all := map[string]host.Host{}
	for _, file := range files {
		var h host.Host
		env := strings.TrimSuffix(filepath.Base(file), ".json")
		if err := results.ReadJSON(dir, hostFile(env), &h); err != nil {
			return nil, err
		}
		all[env] = h
	}
	return all, nil
}

// constant is the head of samples.txt: what no trial of the run changes.
func (p *prepared) constant() []sample.Config {
	cs := []sample.Config{
		{Key: "goos", Value: "linux"}, {Key: "goarch", Value: p.host.Arch}, {Key: "cpu", Value: p.host.CPU.Model},
		{Key: "kernel", Value: p.host.Kernel}, {Key: "go", Value: p.host.GoVersion}, {Key: "machine", Value: p.host.Machine},
		{Key: "experiment", Value: p.plan.Spec.Name}, {Key: "spec-sha256", Value: p.plan.SpecSHA256},
		{Key: "seed", Value: strconv.FormatUint(p.plan.Seed, 10)}, {Key: "assay", Value: Version},
	}
	if p.plan.Level(p.plan.Cells[0], knob.KernelKey) != "" { // the key is the knob's then
		cs = slices.DeleteFunc(cs, func(c sample.Config) bool { return c.Key == "kernel" })
	}
	for _, key := range slices.Sorted(maps.Keys(p.plan.Fixed)) {
		cs = append(cs, sample.Config{Key: key, Value: p.plan.Fixed[key]})
	}
	return cs
}
