package journal

import (
	"fmt"
	"strconv"
	"strings"
)

// What is said on the line between harness and guardian, a line of text each.
// First the guardian says ready. Then the harness says
//
//	watch PID START    kill this process, its group and its session if I die
//	unwatch PID
//	done               all is put back, go
//
// and the end of the stream without a done means that the harness died.
type verb string

const (
	verbWatch   verb = "watch"
	verbUnwatch verb = "unwatch"
	verbDone    verb = "done"
)

const ready = "ready\n"

type command struct {
	verb  verb
	pid   int    // watch, unwatch
	start uint64 // watch
}

func (c command) String() string {
	switch c.verb {
	case verbWatch:
		return fmt.Sprintf("%s %d %d\n", c.verb, c.pid, c.start)
	case verbUnwatch:
		return fmt.Sprintf("%s %d\n", c.verb, c.pid)
	}
	return string(c.verb) + "\n"
}

// parseCommand reads one line with its newline: a line cut short by the death
// of its writer must not count.
func parseCommand(text string) (command, error) {
	line, whole := strings.CutSuffix(text, "\n")
	words := strings.Split(line, " ")
	c := command{verb: verb(words[0])}
	want := map[verb]int{verbWatch: 3, verbUnwatch: 2, verbDone: 1}[c.verb]
	if !whole || len(words) != want {
		return command{}, fmt.Errorf("line from the harness: %q is none that it says", text)
	}
	var err error
	if want > 1 {
		// Process 1, and 0 and -1 above all, would make kill(2) mean something else.
		if c.pid, err = strconv.Atoi(words[1]); err != nil || c.pid <= 1 {
			return command{}, fmt.Errorf("line from the harness: %q has no process id", text)
		}
	}
	if want > 2 {
		if c.start, err = strconv.ParseUint(words[2], 10, 64); err != nil {
			return command{}, fmt.Errorf("line from the harness: %q has no start time", text)
		}
	}
	return c, nil
}
