// Package results keeps one run's folder: what was measured, as it was
// measured, so that nothing is lost and nothing is overwritten.
//
// trials.jsonl is the commit record: its first line names plan.json by hash,
// then each line is one attempt and says where its text stands and what its
// checksum is. Both are synced before the next attempt; what a crash leaves beyond
// the last complete pair is cut off when the folder is opened to go on, and passed
// over when it is read.
package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// The files of a folder that are written as a run happens.
const (
	ExperimentFile = "experiment.yaml" // the file as it was found
	PlanFile       = "plan.json"
	FeasibleFile   = "feasible.json"
	BuildsFile     = "builds.json"
	HostsDir       = "hosts"
	IterationsFile = "iterations.json" // of a gotest whose iterations were found before the first block
	SamplesFile    = sample.MainFile
	RejectedFile   = "rejected.txt"
	TrialsFile     = "trials.jsonl"
	SessionsFile   = "sessions.jsonl"
	LogFile        = "log.txt"
)

// The files that are derived, and derivable again.
const (
	VerdictsFile = "verdicts.json"
	ManifestFile = "MANIFEST.sha256"
	TablesDir    = "tables"
	PlotsDir     = "plots"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Folder is a run's folder, open to be added to by one harness.
type Folder struct {
	Dir string

	vary     func(sample.Sample) []sample.Config
	samples  *tail
	rejected *tail
	trials   *tail
}

// head is the first line of trials.jsonl.
type head struct {
	Version int    `json:"version"`
	Plan    string `json:"plan-sha256"`
	Header  int64  `json:"samples-from"` // length of the head of samples.txt
}

// formatVersion is the layout of trials.jsonl.
const formatVersion = 1

// Continue opens a folder to add to it: what a crash left beyond the last
// complete pair is cut off. The run is what stands in it now: call it with the
// host lock held, and no other session can add to it.
func Continue(dir string) (*Folder, Run, error) {
	run, err := read(dir)
	if err != nil {
		return nil, run, err
	}
	if err := unseal(dir); err != nil {
		return nil, run, err
	}
	for name, size := range run.whole {
		if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
			return nil, run, fmt.Errorf("results: cut %s back to its last complete sample: %w", name, err)
		}
	}
	f, err := open(dir, run.Plan)
	return f, run, err
}

func open(dir string, p plan.Plan) (f *Folder, err error) {
	f = &Folder{Dir: dir, vary: func(s sample.Sample) []sample.Config { return Vary(p, p.Cells[s.Cell]) }}
	if f.samples, err = openTail(filepath.Join(dir, SamplesFile)); err != nil {
		return nil, err
	}
	if f.rejected, err = openTail(filepath.Join(dir, RejectedFile)); err != nil {
		return nil, err
	}
	f.trials, err = openTail(filepath.Join(dir, TrialsFile))
	return f, err
}

// Vary is the configuration that tells a cell from others: its factors, and
// its arm where the plan has control arms. Only this varies in samples.txt:
// any other key would split benchstat's table.
func Vary(p plan.Plan, c plan.Cell) []sample.Config {
	var cs []sample.Config
	if p.HasControls() {
		cs = append(cs, sample.Config{Key: plan.ArmKey, Value: c.Arm})
	}
	for _, f := range p.Factors {
		cs = append(cs, sample.Config{Key: f.Key, Value: c.Levels[f.Key]})
	}
	return cs
}

// Append commits one attempt: its text and its line in trials.jsonl, both synced
// when it returns. A clean attempt goes to samples.txt, a warm-up and any other to
// rejected.txt. It fills the sample's File, Offset, Length and CRC.
func (f *Folder) Append(s *sample.Sample) error {
	if s.Block >= 0 && s.Clean() {
		return f.commit(s, f.samples, SamplesFile)
	}
	return f.commit(s, f.rejected, RejectedFile)
}

// Adopt writes an attempt that was rejected at first to samples.txt: its block
// ended without a better one. Its later line in trials.jsonl is the one that
// holds. Adopting twice is the same as once.
func (f *Folder) Adopt(s *sample.Sample) error {
	if s.File == SamplesFile {
		return nil
	}
	return f.commit(s, f.samples, SamplesFile)
}

func (f *Folder) commit(s *sample.Sample, to *tail, name string) error {
	text := []byte(sample.Text(f.vary(*s), s.Lines))
	s.File, s.Offset, s.Length, s.CRC = name, to.size, int64(len(text)), crc32.Checksum(text, castagnoli)
	line, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("results: encode trial %d: %w", s.N, err)
	}
	return both(to, text, f.trials, append(line, '\n'))
}

// both appends a pair. The two are synced at once, which a disk does in little more
// time than one. A crash may leave either without the other: the text that a line
// names has its checksum or the line is cut off.
func both(to *tail, text []byte, trials *tail, line []byte) error {
	if err := to.write(text); err != nil {
		return err
	}
	if err := trials.write(line); err != nil {
		return err
	}
	var first, second error
	var syncs sync.WaitGroup
	syncs.Go(func() { first = to.sync() })
	second = trials.sync()
	syncs.Wait()
	if err := errors.Join(first, second); err != nil {
		return err
	}
	to.size += int64(len(text))
	trials.size += int64(len(line))
	return nil
}

// Close closes the files.
func (f *Folder) Close() error {
	return errors.Join(f.samples.file.Close(), f.rejected.file.Close(), f.trials.file.Close())
}

// Is says whether a path is a run's folder.
func Is(path string) bool {
	_, err := os.Stat(filepath.Join(path, PlanFile))
	return err == nil
}

// Latest is the newest run of an experiment: their names sort by time.
func Latest(root, experiment string) (string, error) {
	entries, err := os.ReadDir(filepath.Join(root, experiment))
	if err != nil {
		return "", fmt.Errorf("results: no run of %s: %w", experiment, err)
	}
	for i := len(entries) - 1; i >= 0; i-- {
		name := entries[i].Name()
		if dir := filepath.Join(root, experiment, name); Is(dir) && !strings.HasPrefix(name, unfinished) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("results: no run of %s in %s", experiment, filepath.Join(root, experiment))
}
