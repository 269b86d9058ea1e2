package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sysfs"
)

// HarnessLine is the guardian's end of the line to the harness, for [Main]. The error
// says that this process was not started by [Guard]. What the guardian itself
// starts inherits neither the line nor the lock.
func HarnessLine() (*os.File, error) {
	kind, err := unix.GetsockoptInt(lineFD, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil || kind != unix.AF_UNIX {
		return nil, errors.New("guardian: not started by a run: it is no command for people")
	}
	unix.CloseOnExec(lineFD)
	unix.CloseOnExec(lockFD)
	return os.NewFile(lineFD, "harness"), nil
}

// Main is what a guardian does: it says that it is ready, and sleeps until the
// harness says done or dies. In the latter case it kills the processes under
// watch and restores. It returns its exit code, and its share of the lock goes
// with the process. What it did goes to standard error, which is its log.
func Main(state string, tree sysfs.FS, undo Undoers, line io.ReadWriter) int {
	// Whoever stops the harness by a signal to all of its processes must not stop
	// this one. SIGPIPE would come from a log that nobody reads.
	signal.Ignore(unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGPIPE)
	log := log.New(os.Stderr, fmt.Sprintf("guardian %d: ", os.Getpid()), log.LstdFlags|log.Lmsgprefix)

	// The memory killer is to take any other process first. Only root may ask so.
	_ = machine.Write(sysfs.Write{File: "proc/self/oom_score_adj", Value: "-1000"})

	harness, err := Process(os.Getppid())
	if err == nil {
		_, err = io.WriteString(line, ready)
	}
	if err != nil {
		log.Print("not ready: ", err)
		return 1
	}
	watched, done := listen(line, log)
	if done {
		return 0
	}
	log.Printf("harness %d ended without a word", harness.PID)
	for _, w := range watched {
		if err := w.kill(); err != nil {
			log.Print(err)
		}
	}
	return restoreAll(state, tree, undo, Options{Gone: harness}, log)
}

// listen follows what the harness says, until it says done or nothing more.
func listen(line io.Reader, log *log.Logger) (watched map[int]*watch, done bool) {
	watched = map[int]*watch{}
	lines := bufio.NewReader(line)
	for {
		text, err := lines.ReadString('\n')
		if err != nil {
			return watched, false
		}
		c, err := parseCommand(text)
		if err != nil {
			log.Print(err)
			continue
		}
		switch c.verb {
		case verbDone:
			return watched, true
		case verbWatch:
			watched[c.pid].close()
			watched[c.pid] = newWatch(Owner{PID: c.pid, Start: c.start})
		case verbUnwatch:
			watched[c.pid].close()
			delete(watched, c.pid)
		}
	}
}

// patience bounds how long what fails is tried again: a cgroup can't be removed
// before the last process killed in it is gone, which may take a while if that
// one had much memory to give back.
const patience = 30 * time.Second

func restoreAll(state string, tree sysfs.FS, undo Undoers, opt Options, log *log.Logger) int {
	for start, pause := time.Now(), 10*time.Millisecond; ; pause = min(2*pause, time.Second) {
		report, err := Restore(state, tree, undo, opt)
		again := err == nil && report.Failed() && time.Since(start) < patience
		for _, line := range report.Lines {
			if line.Outcome != Failed || !again {
				log.Print(line)
			}
		}
		if again {
			time.Sleep(pause)
			continue
		}
		if err != nil {
			log.Print(err)
		}
		if err != nil || !report.OK() {
			log.Print("not everything is restored: run \"assay restore\"")
			return 1
		}
		log.Print("all is as it was")
		return 0
	}
}
