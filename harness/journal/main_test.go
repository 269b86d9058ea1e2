package journal

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

// The test binary plays all the processes that it takes: its second argument is
// the folder of the scene.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		if play, ok := map[string]func(scene) int{
			"be-harness":  harnessMain,
			"be-guardian": guardianMain,
			"be-mute":     func(scene) int { return 3 }, // a guardian that never gets ready
			"be-family":   familyMain,
			"be-locker":   lockerMain,
		}[os.Args[1]]; ok {
			os.Exit(play(scene(os.Args[2])))
		}
	}
	os.Exit(m.Run())
}

// A scene is a folder with the fake machine, the state, the lock and the log.
type scene string

func (s scene) tree() sysfs.FS { return sysfs.FS(filepath.Join(string(s), "machine")) }
func (s scene) state() string  { return filepath.Join(string(s), "state") }
func (s scene) lock() string   { return filepath.Join(string(s), "lock") }
func (s scene) leaf() string   { return filepath.Join(string(s), "leaf") }

func newScene(t testing.TB) scene {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Rename(string(fakeTree(t)), filepath.Join(dir, "machine")))
	return scene(dir)
}

func guardianMain(s scene) int {
	line, err := HarnessLine()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return Main(s.state(), s.tree(), folders(), line)
}

// harnessMain does what a run does up to the middle of a trial, says so on its
// standard output, and goes on as the third argument says when a line comes in.
func harnessMain(s scene) int {
	exe, err := os.Executable()
	must(err)
	lock, err := Acquire(context.Background(), s.lock(), Holder{Run: "thp-gc/1"}, nil)
	must(err)
	log, err := os.Create(filepath.Join(string(s), "guardian.log"))
	must(err)
	g, err := Guard(exe, []string{"be-guardian", string(s)}, lock, log)
	must(err)
	j, err := Open(s.state())
	must(err)
	family := 0
	switch os.Args[3] {
	case "churn":
		churn(s, j)
	case "family":
		family = startFamily(exe, s, g)
	}
	_, err = j.Note(swappinessEntry("10"), thpEntry("never"), folderEntry(s.leaf()))
	must(err)
	must(s.tree().Write(sysfs.Write{File: swappiness, Value: "10"}))
	must(os.Mkdir(s.leaf(), 0o755))
	fmt.Println("touched", childOf(os.Getpid(), "be-guardian"), family)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	if os.Args[3] == "abandoned" {
		select {
		case <-g.Gone():
			fmt.Println("gone", g.Watch(os.Getpid()) != nil, g.Done() != nil)
		case <-time.After(time.Minute):
		}
		return 0
	}
	must(g.Done())
	must(lock.Release())
	fmt.Println("done")
	return 0
}

// churn makes and undoes changes until it is killed.
func churn(s scene, j *Journal) {
	for i := 0; ; i++ {
		ids, err := j.Note(swappinessEntry("10", "100"), thpEntry("always", "never"), folderEntry(s.leaf()))
		must(err)
		for _, w := range []sysfs.Write{
			{File: swappiness, Value: "10"}, {File: thp, Value: "always"}, {File: swappiness, Value: "100"},
		} {
			must(s.tree().Write(w))
		}
		must(os.Mkdir(s.leaf(), 0o755))
		if i%2 == 0 {
			must(os.Remove(s.leaf()))
			must(j.Done(ids[2]))
		}
		report, err := j.Restore(s.tree(), folders(), Options{})
		must(err)
		if !report.OK() {
			panic(report.String())
		}
		fmt.Println("round", i)
	}
}

// startFamily starts a session with a member in another group, which outlives its
// leader's interest, and has it watched. It returns the leader.
func startFamily(exe string, s scene, g *Guardian) int {
	cmd := exec.Command(exe, "be-family", string(s), "leader")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	must(err)
	must(cmd.Start())
	_, err = bufio.NewReader(out).ReadString('\n') // both children run
	must(err)
	must(g.Watch(cmd.Process.Pid))
	bystander := exec.Command(exe, "be-family", string(s), "child")
	must(bystander.Start())
	must(g.Watch(bystander.Process.Pid))
	must(g.Unwatch(bystander.Process.Pid))
	must(os.WriteFile(filepath.Join(string(s), "bystander"), []byte(strconv.Itoa(bystander.Process.Pid)), 0o644))
	return cmd.Process.Pid
}

func familyMain(s scene) int {
	if os.Args[3] == "leader" {
		for _, own := range []bool{false, true} {
			child := exec.Command("/proc/self/exe", "be-family", string(s), "child")
			child.SysProcAttr = &syscall.SysProcAttr{Setpgid: own}
			must(child.Start())
		}
		fmt.Println("running")
	}
	time.Sleep(10 * time.Minute)
	return 0
}

func lockerMain(s scene) int {
	lock, err := Acquire(context.Background(), s.lock(), Holder{Run: "locker"}, nil)
	if err != nil {
		fmt.Println(err)
		return 6
	}
	fmt.Println("locked")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	must(lock.Release())
	return 0
}

func must(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(2)
	}
}

// childOf finds the child of a process by a word of its command line.
func childOf(parent int, word string) int {
	names, _ := machine.Glob("proc/[1-9]*/status")
	for _, name := range names {
		status, err1 := machine.Read(name)
		line, err2 := machine.Read(strings.Replace(name, "status", "cmdline", 1))
		if err1 == nil && err2 == nil && strings.Contains(status, fmt.Sprintf("\nPPid:\t%d\n", parent)) && strings.Contains(line, word) {
			pid, _ := strconv.Atoi(strings.Split(name, "/")[1])
			return pid
		}
	}
	return 0
}

// A player is one such process with a line to and from it.
type player struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t testing.TB, s scene, args ...string) *player {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, append([]string{args[0], string(s)}, args[1:]...)...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // else every process of a -race test takes a second to end
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &player{t: t, cmd: cmd, in: in, out: bufio.NewReader(out)}
}

// expect reads the words of the next line, the first of which must be as given.
func (p *player) expect(word string) []string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	require.NoError(p.t, err, "line so far: %q", line)
	words := strings.Fields(line)
	require.NotEmpty(p.t, words)
	require.Equal(p.t, word, words[0], "line: %s", line)
	return words[1:]
}

func (p *player) say() {
	p.t.Helper()
	_, err := io.WriteString(p.in, "\n")
	require.NoError(p.t, err)
}

func (p *player) kill() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Kill())
	_, _ = p.cmd.Process.Wait()
}

func atoi(t testing.TB, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}
