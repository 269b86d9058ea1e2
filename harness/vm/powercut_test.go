package vm

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cut is an experiment that changes a knob of the machine in every trial.
const cut = `name: cut
question: What is left when the power goes?
workload: {program: procs}
knobs: {thp: [never, always]}
isolation: {cpu.max: "1.5", memory.max: 256MiB}
design: {blocks: 4, warmup: 1, timeout: 10m}
measure: [runtime, cgroup]
`

// commandLine is assay in a guest with everything that lasts on the guest's disk.
func commandLine(args ...string) []string {
	return append([]string{kitThere + "/assay", "--dir", treeThere, "--kit", kitThere, "--state", diskThere + "/state"}, args...)
}

// powerCut cuts a guest off in mid-run and boots it again with the same disk.
func powerCut(t *testing.T, m Machine) {
	g := booted(t, m)
	sh(t, g, "mkdir "+diskThere+"/tmp")
	require.NoError(t, g.Put(t.Context(), File{Path: diskThere + "/cut.yaml", Body: []byte(cut)}))
	seen := &watcher{word: "block 2 of", found: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		_, err := g.Run(t.Context(), Command{Args: commandLine("run", "--results", diskThere+"/results", diskThere+"/cut.yaml"), Env: onDisk, Stdout: seen, Stderr: seen})
		ended <- err
	}()
	select {
	case <-seen.found:
	case err := <-ended:
		t.Fatalf("the run ended too soon: %v\n%s", err, seen)
	case <-time.After(5 * time.Minute):
		t.Fatalf("the run never came to its second block:\n%s", seen)
	}
	g.Cut()
	require.ErrorContains(t, <-ended, "the guest is gone")

	g = booted(t, m)
	require.NotEmpty(t, sh(t, g, "ls "+diskThere+"/tmp"), "the folder of the trials is on the disk")
	out := assay(t, g, "restore")
	require.Contains(t, out, "transparent_hugepage/enabled: gone with the boot")
	require.Regexp(t, "(?m)"+diskThere+"/tmp/.*: removed$", out)
	require.Empty(t, sh(t, g, "ls "+diskThere+"/tmp"))
	require.Contains(t, assay(t, g, "restore"), "nothing to restore")
	dir := sh(t, g, "echo "+diskThere+"/results/cut/2*")
	out = assay(t, g, "run", "--results", diskThere+"/results", "--resume="+dir)
	t.Log(out)
	require.Contains(t, out, "2 sessions")
	abandoned(t, g)
}

var onDisk = []string{"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TMPDIR=" + diskThere + "/tmp"}

// assay runs the command in a guest to its end.
func assay(t *testing.T, g *Guest, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	var out bytes.Buffer
	status, err := g.Run(ctx, Command{Args: commandLine(args...), Env: onDisk, Stdout: &out, Stderr: &out})
	require.NoError(t, err)
	require.Zero(t, status, out.String())
	return out.String()
}

// A watcher keeps what is written to it and tells when a word is there.
type watcher struct {
	word  string
	found chan struct{}

	mu   sync.Mutex
	text strings.Builder
	told bool
}

func (w *watcher) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b)
	if !w.told && strings.Contains(w.text.String(), w.word) {
		w.told = true
		close(w.found)
	}
	return len(b), nil
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}
