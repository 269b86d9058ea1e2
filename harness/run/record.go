package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/assaylab/assay/harness/sample"
)

// record makes one more trial of each testable cell, apart like a warm-up, in
// which the workload records its window. What earlier sessions have is not made
// again. One that fails does not end the run: its sample says why.
func (w *walk) record(ctx context.Context) error {
	kinds := sample.Recordings(w.Plan.Spec.Measure)
	if len(kinds) == 0 {
		return nil
	}
	_, err := w.apart(ctx, kinds)
	return err
}

// recordings are the arguments by which the role that prints records its window
// in the trial's folder.
func (t *trial) recordings(a *actor, dir string) []string {
	args := slices.Clone(a.Args)
	if a == t.printer() {
		for _, kind := range t.attempt.Record {
			args = append(args, "-"+string(kind)+"="+filepath.Join(dir, string(kind)))
		}
	}
	return args
}

// keep takes the recordings of a trial that went well to the run's folder.
func (t *trial) keep() {
	if t.s.Outcome != sample.OK {
		return
	}
	for _, kind := range t.attempt.Record {
		name := kind.File(t.attempt.Cell.Index)
		from := filepath.Join(t.homePath(t.attempt.Trial.Side), string(kind))
		if err := take(from, filepath.Join(t.Folder, name)); err != nil {
			t.s.Outcome, t.s.Error = sample.Broken, fmt.Sprintf("keep the %s: %v", kind, err)
			return
		}
		t.s.Files = append(t.s.Files, name)
	}
}

// take copies a file that a workload made. The harness may be root where the
// workload is not, so it reads no file that the workload only links to.
func take(from, to string) (err error) {
	in, err := os.OpenFile(from, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if links := info.Sys().(*syscall.Stat_t).Nlink; !info.Mode().IsRegular() || links != 1 {
		return fmt.Errorf("%s is no file of its own (%v, %d links)", from, info.Mode(), links)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
