package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// recordings are the arguments of a process, from 0, of a role, with those by which the
// role under test records what it does in the trial's folder. What does not talk and can
// record is a test binary.
func (t *trial) recordings(a *actor, args []string, process int) []string {
	args = slices.Clone(args)
	flag := "-"
	if !t.Talks {
		flag = "-test."
	}
	for _, kind := range t.attempt.Record {
		if a.Tested && kind.Flag() {
			args = append(args, flag+string(kind)+"="+t.written(kind, process))
		}
	}
	return args
}

// written is where a process of a trial writes a recording.
func (t *trial) written(kind sample.Recording, process int) string {
	return filepath.Join(t.homePath(t.attempt.Trial.Side), fmt.Sprintf("%s%d", kind, process))
}

// schedTraceEvery is how often the runtime prints the state of its scheduler, in ms.
const schedTraceEvery = "10"

// schedTraced says whether the state of the scheduler is recorded of a role.
func (t *trial) schedTraced(a *actor) bool {
	return a.Tested && slices.Contains(t.attempt.Record, sample.SchedTrace)
}

// withSchedTrace adds the setting to those of GODEBUG. What a level of the cell says
// of it stands.
func withSchedTrace(godebug string) string {
	if strings.HasPrefix(godebug, "schedtrace=") || strings.Contains(godebug, ",schedtrace=") {
		return godebug
	}
	return strings.TrimPrefix(godebug+",schedtrace="+schedTraceEvery, ",")
}

// schedLines are those of the scheduler among what a process printed, with the
// indented ones that scheddetail puts below each.
func schedLines(text []byte) []byte {
	var lines []byte
	under := false
	for line := range bytes.Lines(text) {
		head := bytes.HasPrefix(line, []byte("SCHED "))
		under = head || under && bytes.HasPrefix(line, []byte("  "))
		if under {
			lines = append(lines, line...)
		}
	}
	return lines
}

// recorder is the role that recordings are of, as their files name it.
func (t *trial) recorder() string {
	if t.tested() == t.printer() {
		return ""
	}
	return t.tested().Name
}

// keep takes the recordings of a trial that went well to the run's folder.
func (t *trial) keep() {
	if t.s.Outcome != sample.OK {
		return
	}
	for _, kind := range t.attempt.Record {
		for process, name := range t.recorded(kind) {
			if err := t.keepOne(kind, process, filepath.Join(t.Folder, name)); err != nil {
				t.s.Outcome, t.s.Error = sample.Broken, fmt.Sprintf("keep the %s: %v", kind, err)
				return
			}
			t.s.Files = append(t.s.Files, name)
		}
	}
}

// recorded are the files of a recording: one, or of what each process writes itself one
// a process.
func (t *trial) recorded(kind sample.Recording) []string {
	cell, then := t.attempt.Cell.Index, t.tested().Then
	if len(then) == 0 || !kind.Flag() {
		return []string{kind.File(cell, t.recorder())}
	}
	var names []string
	for i := range len(then) + 1 {
		names = append(names, kind.FileOf(cell, i+1))
	}
	return names
}

func (t *trial) keepOne(kind sample.Recording, process int, to string) error {
	if kind.Flag() {
		return take(t.written(kind, process), to)
	}
	text, _ := t.tested().stderr.rest()
	lines := schedLines(text)
	if len(lines) == 0 {
		return errors.New("the runtime printed none (does a level of the cell set godebug.schedtrace=0?)")
	}
	return store(bytes.NewReader(lines), to)
}

// take copies a file that a workload made. The harness may be root where the
// workload is not, so it reads no file that the workload only links to.
func take(from, to string) error {
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
	return store(in, to)
}

// store writes a file of the run's folder.
func store(in io.Reader, to string) error {
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
