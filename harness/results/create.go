package results

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/assaylab/assay/harness/plan"
)

// Create makes <root>/<experiment>/<UTC>-<6 hex>, never an existing one, with
// the plan inside and what fill writes; fill may be nil. header is the head of
// samples.txt. The folder gets its name when it is complete: a harness that is
// killed before leaves none that can't be gone on with.
func Create(root string, now time.Time, p plan.Plan, header string, fill func(dir string) error) (*Folder, error) {
	parent := filepath.Join(root, p.Spec.Name)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	sweep(parent, now)
	dir, err := os.MkdirTemp(parent, unfinished+"*")
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	defer os.RemoveAll(dir) // has another name where all went well
	if err := begin(dir, p, header); err != nil {
		return nil, err
	}
	if fill != nil {
		if err := fill(dir); err != nil {
			return nil, err
		}
	}
	if dir, err = publish(dir, now); err != nil {
		return nil, err
	}
	return open(dir, p)
}

// begin writes the plan and the heads of the files that grow.
func begin(dir string, p plan.Plan, header string) error {
	encoded, err := p.Encode()
	if err != nil {
		return err
	}
	first, err := json.Marshal(head{formatVersion, plan.Sum(encoded), int64(len(header))})
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{PlanFile, encoded}, {SamplesFile, []byte(header)}, {RejectedFile, nil}, {TrialsFile, append(first, '\n')}} {
		if err := write(filepath.Join(dir, f.name), f.text); err != nil {
			return err
		}
	}
	return nil
}

// unfinished begins the name of a folder in the making.
const unfinished = ".new-"

// publish gives a folder its name: rename fails where a run's folder is, so two
// harnesses never share one.
func publish(made string, now time.Time) (dir string, err error) {
	if err := os.Chmod(made, 0o755); err != nil {
		return "", fmt.Errorf("results: %w", err)
	}
	for {
		var r [3]byte
		rand.Read(r[:])
		dir := filepath.Join(filepath.Dir(made), now.UTC().Format("20060102T150405Z")+"-"+hex.EncodeToString(r[:]))
		err := os.Rename(made, dir)
		if err == nil {
			return dir, syncFolder(filepath.Dir(dir))
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("results: %w", err)
		}
	}
}

// sweep removes what harnesses left that were killed while they made a folder.
// To make one takes far less than a minute.
func sweep(parent string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(parent, unfinished+"*"))
	for _, dir := range left {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && now.Sub(info.ModTime()) > time.Minute {
			os.RemoveAll(dir)
		}
	}
}
