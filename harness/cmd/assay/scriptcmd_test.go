package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// own are the flags that keep a scenario to itself.
func own(ts *testscript.TestScript) []string {
	return []string{
		"--dir=" + ts.Getenv("CHECKOUT"),
		"--state=" + filepath.Join(ts.Getenv("WORK"), "state"),
		"--lock=" + ts.Getenv("LOCK"),
	}
}

// assayCmd is: assay [CODE] ARG...: the command exits with CODE, 0 where there
// is none. A flag in ARG goes before those that keep the scenario to itself.
func assayCmd(ts *testscript.TestScript, neg bool, args []string) {
	want := 0
	if len(args) > 0 {
		if code, err := strconv.Atoi(args[0]); err == nil {
			want, args = code, args[1:]
		}
	}
	if neg {
		ts.Fatalf("say which code it exits with: assay CODE %s", strings.Join(args, " "))
	}
	err := ts.Exec("assay", append(own(ts), args...)...)
	if got := exitCode(ts, err); got != want {
		ts.Fatalf("assay %s: exit %d, want %d", strings.Join(args, " "), got, want)
	}
}

func exitCode(ts *testscript.TestScript, err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	ts.Fatalf("%v", err)
	return -1
}

// A place is how a message about a file begins.
var place = regexp.MustCompile(`(?m)^(?:assay: )?(\S+\.yaml):(\d+):(\d+): \S.*\n +(\d+) \| (.*)\n +\| +\^`)

// refusesCmd is: refuses FILE: assay run FILE exits 2 and says where in the file,
// with the line itself, and nothing was started. stderr can be looked at then.
func refusesCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: refuses FILE")
	}
	results := filepath.Join(ts.Getenv("WORK"), "results")
	assayCmd(ts, false, []string{"2", "run", args[0], "--results=" + results})
	said := ts.ReadFile("stderr")
	m := place.FindStringSubmatch(said)
	if m == nil {
		ts.Fatalf("no place, line and caret in:\n%s", said)
	}
	lines := strings.Split(ts.ReadFile(m[1]), "\n")
	if n, _ := strconv.Atoi(m[2]); m[2] != m[4] || n < 1 || n > len(lines) || !strings.HasPrefix(lines[n-1], strings.TrimSuffix(m[5], "...")) {
		ts.Fatalf("%s:%s is not the line shown:\n%s", m[1], m[2], said)
	}
	for _, made := range []string{results, filepath.Join(ts.Getenv("WORK"), "state")} {
		if _, err := os.Stat(made); err == nil {
			ts.Fatalf("something was started: there is %s", made)
		}
	}
}

// folderCmd is: folder NAME: RUN is the one results folder of NAME.
func folderCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: folder NAME")
	}
	dirs, err := filepath.Glob(filepath.Join(ts.Getenv("WORK"), "results", args[0], "*"))
	ts.Check(err)
	if len(dirs) != 1 {
		ts.Fatalf("%d folders of %s, want 1: %q", len(dirs), args[0], dirs)
	}
	ts.Setenv("RUN", dirs[0])
}

// awaitCmd is: await PATTERN LINES: until a file that fits has so many lines.
func awaitCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await PATTERN LINES")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	last := ""
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		files, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		for _, f := range files {
			b, _ := os.ReadFile(f)
			n := strings.Count(string(b), "\n")
			if n >= want {
				return
			}
			last = fmt.Sprintf("%s has %d", f, n)
		}
	}
	ts.Fatalf("a minute went by: no %s with %d lines; %s", args[0], want, last)
}

// unreadCmd is: unread stdout|stderr CODE ARG...: assay ARG... exits with CODE
// where no one reads that stream any more.
func unreadCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: unread stdout|stderr CODE ARG...")
	}
	reader, writer, err := os.Pipe()
	ts.Check(err)
	reader.Close()
	defer writer.Close()
	cmd := exec.Command(filepath.Join(ts.Getenv("BIN"), "assay"), append(own(ts), args[2:]...)...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCACHE", "GOMODCACHE", "GOPATH", "GOTOOLCHAIN", "GOPROXY"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var other strings.Builder
	if args[0] == "stdout" {
		cmd.Stdout, cmd.Stderr = writer, &other
	} else {
		cmd.Stdout, cmd.Stderr = &other, writer
	}
	err = cmd.Run()
	ts.Logf("the other stream:\n%s", other.String())
	if got := exitCode(ts, err); fmt.Sprint(got) != args[1] {
		ts.Fatalf("assay %s with %s unread: exit %d, want %s", strings.Join(args[2:], " "), args[0], got, args[1])
	}
}
