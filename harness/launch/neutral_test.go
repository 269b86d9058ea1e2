package launch

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// starting plays a harness that was started in some way: it starts a program that has
// nothing to do and prints what its /proc says.
func starting() {
	fmt.Println(signal.Ignored(unix.SIGHUP), unix.Getpid())
	p, err := Start(Command{Path: "/bin/sleep", Args: []string{"60"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Wait()
	defer p.Kill()
	for _, file := range []string{"stat", "status", "timerslack_ns", "personality", "oom_score_adj"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.PID, file))
		fmt.Printf("%s%s %v\n", text, file, err)
	}
	fmt.Println("left", strings.Join(Inherited(), ", "), signal.Ignored(unix.SIGHUP))
}

// bySh runs this test binary as a harness from a shell, with words before its name.
func bySh(t *testing.T, words string) string {
	t.Helper()
	path, err := os.Executable()
	require.NoError(t, err)
	c := exec.Command("/bin/sh", "-c", words+` "$0" starting`, path)
	c.Env = append(playEnv, "PATH="+os.Getenv("PATH"))
	out, err := c.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

func TestAWorkloadIsNotLikeWhoeverStartedTheHarness(t *testing.T) {
	check := func(words, want string) {
		t.Helper()
		require.Contains(t, bySh(t, words), want)
	}
	check("umask 077; exec", "Umask:\t0022\n")
	hup := bySh(t, "trap '' HUP; exec")
	ignored := regexp.MustCompile(`SigIgn:\t([0-9a-f]{16})\n`).FindStringSubmatch(hup)
	require.NotNil(t, ignored, hup)
	mask, err := strconv.ParseUint(ignored[1], 16, 64)
	require.NoError(t, err)
	require.Zero(t, mask&1, hup)        // others may be ignored where the tests were started
	require.Contains(t, hup, " true\n") // the harness still ignores it
	check("ulimit -v 60000000; exec", "left limit on address space 61440000000 false\n")
	check("exec", "left  false\n")
	if _, err := exec.LookPath("setarch"); err == nil {
		check("exec setarch -R", "00000000\npersonality")
	}
	if os.Geteuid() == 0 {
		text := bySh(t, "echo 500 > /proc/self/oom_score_adj; exec nice -n 5")
		require.Contains(t, text, "\n0\noom_score_adj")
		field := statOf(text[strings.Index(text, "(sleep)"):])
		require.Equal(t, "0", field(19))
		return
	}
	require.Contains(t, bySh(t, "exec nice -n 5"), "left nice ")
}

func TestTraitsAreReadAndReset(t *testing.T) {
	var ioprio, policy, slack int
	var left []string
	onMortalThread(func() {
		require.NoError(t, call(unix.SYS_IOPRIO_SET, ioprioProcess, 0, 3<<13))
		require.NoError(t, setPolicy(Policy{Name: "batch"}, nil))
		require.NoError(t, unix.Prctl(unix.PR_SET_TIMERSLACK, 1234, 0, 0, 0))
		require.NoError(t, unix.PthreadSigmask(unix.SIG_BLOCK, &unix.Sigset_t{Val: [len(unix.Sigset_t{}.Val)]uint64{1 << 9}}, nil))
		left = neutral()
		ioprio, _ = ownIOPriority()
		policy, _ = ownPolicy()
		slack, _ = ownSlack()
		blocked, err := ownBlocked()
		require.NoError(t, err)
		require.Zero(t, blocked)
	})
	require.Empty(t, left)
	require.True(t, usualIOPriority(ioprio), ioprio)
	require.Equal(t, unix.SCHED_NORMAL, policy)
	require.Equal(t, usualSlack, slack)
}
