package driver

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"github.com/assaylab/assay/workloads/wire"
)

// repeat re-executes this program n times with the same flags: ten lines are
// ten processes. The header is passed on once.
func repeat(n int, args []string, stdout io.Writer) error {
	// The parent-death signal goes by the thread that forks, so it must live.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := range n {
		var text bytes.Buffer
		cmd := exec.Command(Itself)
		cmd.Args = append([]string{os.Args[0]}, args...)
		cmd.Args = append(cmd.Args, "-"+wire.FlagCount+"=1") // the last one counts
		cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, &text, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("process %d of %d: %w", i+1, n, NotAgain(err, "start it without -"+wire.FlagCount+", once for each line"))
		}
		if err := passOn(&text, stdout, i == 0); err != nil {
			return err
		}
	}
	return nil
}

// passOn copies the output of one process: all of it, or the result lines alone.
func passOn(from io.Reader, to io.Writer, header bool) error {
	var b strings.Builder
	lines := 0
	s := bufio.NewScanner(from)
	for s.Scan() {
		isResult := strings.HasPrefix(s.Text(), linePrefix)
		if isResult {
			lines++
		}
		if header || isResult {
			b.WriteString(s.Text() + "\n")
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("read a result: %w", err)
	}
	if lines == 0 {
		return errors.New("a process ended well without a result line")
	}
	if _, err := io.WriteString(to, b.String()); err != nil {
		return fmt.Errorf("print a result: %w", err)
	}
	return nil
}
