package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/verdict"
)

// A recorder is what a session is written down by: the folder, the log and the meter.
type recorder struct {
	folder  *results.Folder
	session results.Session
	done    []sample.Sample // attempts of the sessions before it
	log     *os.File
	meter   meter
	gist    *verdict.Gist // nil where no precision is asked for
}

func (r *recorder) Append(s *sample.Sample) error {
	if err := r.folder.Append(s); err != nil {
		return err
	}
	r.gist.Take(*s)
	return nil
}

func (r *recorder) Adopt(s *sample.Sample) error { return r.folder.Adopt(s) }

func (r *recorder) Progress(p run.Progress) {
	s := p.Last // its block is shown as people count, from 1: a warm-up is of block 0
	r.note("trial %d attempt %d block %d %s: %s in %v %s", s.N, s.Attempt, s.Block+1, p.Cell, s.Outcome,
		time.Duration(s.Wall).Round(time.Microsecond), said(s))
	r.meter.show(p)
}

// note adds a line to log.txt.
func (r *recorder) note(format string, args ...any) {
	fmt.Fprintf(r.log, "%s "+format+"\n", append([]any{time.Now().UTC().Format(time.RFC3339Nano)}, args...)...)
}

// tell notes a line that whoever waits should see too; an empty one is nothing.
func (r *recorder) tell(text string) {
	if text == "" {
		return
	}
	r.note("%s", text)
	r.meter.say(text)
}

func (r *recorder) close() error { return errors.Join(r.folder.Close(), r.log.Close()) }
