package driver

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assaylab/assay/workloads/internal/byhand"
	"github.com/assaylab/assay/workloads/wire"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { byhand.Main(m, func() { Main(duo()) }) }

// A host is the role of duo that serves: it publishes a word, in -word, and works
// 1 ms of CPU time for each byte on its pipe.
type host struct {
	word string
	fifo string
	end  chan struct{}
}

func (h *host) Run() (int64, error) {
	if h.word == "quits" {
		return 0, errors.New("tired of it")
	}
	go h.work()
	<-h.end
	return 0, nil
}

func (h *host) work() {
	f, err := os.Open(h.fifo)
	if err != nil {
		panic(err)
	}
	for done, b := 0, make([]byte, 1); done < 10; {
		if n, _ := f.Read(b); n == 0 {
			continue
		}
		done++
		for until, _ := cpuTime(os.Getpid()); ; {
			if now, _ := cpuTime(os.Getpid()); now > until+int64(time.Millisecond) {
				break
			}
		}
	}
	if err := os.WriteFile(h.fifo+"-done", nil, 0o600); err != nil {
		panic(err)
	}
}

func (h *host) Report(*Result) error { panic("a role that serves reports nothing") }
func (h *host) Close() error         { close(h.end); return nil }

// A guest is the role that prints: it wants the word to be hello.
type guest struct{ fifo string }

func (g guest) Run() (int64, error) {
	if word, _ := Lookup("word"); word != "hello" { // the host has gone, or will
		return 10, nil
	}
	if err := os.WriteFile(g.fifo, []byte("0123456789"), 0); err != nil {
		return 0, err
	}
	for { // the window lasts until the work is done, however busy the machine
		if _, err := os.Stat(g.fifo + "-done"); err == nil {
			return 10, nil
		}
		time.Sleep(5 * time.Millisecond)
	}
}
func (g guest) Report(*Result) error { return nil }
func (g guest) Close() error         { return nil }

func duo() Workload {
	return Workload{
		Name: "duo", Benchmark: "Duo", Doc: "two roles", Examples: []string{"go run ./workloads/duo"},
		Roles: []wire.Role{{Name: "host", Doc: "serves", Tested: true}, {Name: "guest", Doc: "asks"}},
		Declare: func(p *Params) Setup {
			var word string
			p.String(&word, "word", "hello", "what the host says", OneOf("hello", "bye", "quits", "fails"))
			return func(role string) (Trial, error) {
				fifo := filepath.Join(os.TempDir(), "fifo")
				if role == "host" {
					if word == "fails" {
						return nil, errors.New("no word")
					}
					if err := syscall.Mkfifo(fifo, 0o600); err != nil {
						return nil, err
					}
					return &host{word, fifo, make(chan struct{})}, Publish("word", word)
				}
				if got, err := Lookup("word"); err != nil || got == "bye" {
					return nil, fmt.Errorf("the host said %q (%w)", got, err)
				}
				return guest{fifo}, nil
			}
		},
	}
}

func duoCommand(t *testing.T, args ...string) (cmd *exec.Cmd, out, errs *bytes.Buffer) {
	cmd = byhand.Command(t, "/proc/self/exe", args...)
	out, errs = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, errs
	return cmd, out, errs
}

func TestByHandOneProcessStartsTheOtherRoles(t *testing.T) {
	cmd, out, errs := duoCommand(t, "-count=2")
	require.NoError(t, cmd.Run(), errs)
	require.Empty(t, errs.String())
	lines := strings.Count(out.String(), "BenchmarkDuo\t10\t")
	require.Equal(t, 2, lines, out)
	var cpu, own float64
	for field, before := "", ""; ; before = field {
		if _, err := fmt.Fscan(out, &field); err != nil {
			break
		}
		switch field {
		case "cpu-ns/op":
			fmt.Sscan(before, &cpu)
		case "guest-cpu-ns/op":
			fmt.Sscan(before, &own)
		}
	}
	// The host works 1 ms an operation, part of which may lie before the window; the guest sleeps.
	if cpu < 5e5 || own <= 0 || own > cpu {
		t.Errorf("%v cpu-ns/op of the role under test, %v of the other", cpu, own)
	}
	left, err := os.ReadDir(strings.TrimPrefix(cmd.Env[len(cmd.Env)-1], "TMPDIR="))
	require.NoError(t, err)
	require.Empty(t, left, "the folder of the roles is left")
}

func TestByHandARoleThatFailsIsNamed(t *testing.T) {
	check := func(word, want string) {
		t.Helper()
		cmd, out, errs := duoCommand(t, "-word="+word)
		cmd.Run()
		if cmd.ProcessState.ExitCode() != exitFailed || out.Len() > 0 || !strings.Contains(errs.String(), want) || strings.Contains(errs.String(), "control channel") {
			t.Errorf("exit %d, stdout %q, stderr %q; want %q", cmd.ProcessState.ExitCode(), out, errs, want)
		}
	}
	check("bye", `the host said "bye"`)
	check("fails", "no word\nduo: role host: exit status 1\n")
	check("quits", "tired of it\nduo: role host: exit status 1\n") // whether it hears of its dismissal before is a matter of luck
}

func TestARoleThatServesEndsWithItsChannel(t *testing.T) {
	ours, theirs, err := wire.Pair()
	require.NoError(t, err)
	cmd, out, errs := duoCommand(t, "-role=host")
	cmd.ExtraFiles = []*os.File{theirs}
	require.NoError(t, cmd.Start())
	theirs.Close()
	harness := wire.NewConn(ours)
	_, err = harness.Expect(wire.MsgReady, time.Minute)
	require.NoError(t, err, errs)
	require.NoError(t, harness.Close())
	require.NoError(t, cmd.Wait(), errs)
	require.Empty(t, out.String()+errs.String())
}

func TestUnderAHarnessEachRoleIsAProcess(t *testing.T) {
	ours, theirs, err := wire.Pair()
	require.NoError(t, err)
	defer ours.Close()
	cmd, _, errs := duoCommand(t)
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Run()
	theirs.Close()
	if cmd.ProcessState.ExitCode() != exitUsage || !strings.Contains(errs.String(), "give -role") {
		t.Errorf("exit %d, %q", cmd.ProcessState.ExitCode(), errs)
	}
}

func TestByHandARoleThatServesEndsAtASignal(t *testing.T) {
	cmd, _, errs := duoCommand(t, "-role=host")
	require.NoError(t, cmd.Start())
	dir := strings.TrimPrefix(cmd.Env[len(cmd.Env)-1], "TMPDIR=")
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(dir, "assay-word"))
		return err == nil
	}, time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait(), errs)
	require.NoFileExists(t, filepath.Join(dir, "assay-word"))
}

func TestARecordingIsOfTheRoleUnderTest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace")
	cmd, _, errs := duoCommand(t, "-trace="+file)
	require.NoError(t, cmd.Run(), errs)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "go 1."))
	require.Contains(t, string(text), "driver.(*host).work", "the stacks of the role that serves")
	require.NotContains(t, string(text), "driver.guest.Run")
}
