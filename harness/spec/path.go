package spec

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Path leads to one value of a JSON document: ".latency.p99",
// ".results[0].mean", `.jobs[0]["read iops"]`. "." is the document itself.
type Path []Step

// A Step is a key of an object or an index of an array.
type Step struct {
	Key   string
	Index int  // from 0
	Item  bool // Index counts, not Key
}

// pathForm is the grammar of a path, for messages.
const pathForm = `keys and indexes such as .latency.p99, .results[0].mean or .jobs[0]["read iops"]; . is the document itself`

var (
	plainStep = regexp.MustCompile(`^\.([A-Za-z0-9_-]+)`)
	itemStep  = regexp.MustCompile(`^\[(0|[1-9][0-9]{0,8})\]`)
	quoteStep = regexp.MustCompile(`^\[("(?:[^"\\]|\\.)*")\]`)
)

// ParsePath reads a path. The error says which part of it is none.
func ParsePath(text string) (Path, error) {
	if text == "." {
		return Path{}, nil
	}
	var p Path
	for rest := text; rest != ""; {
		step, length, err := parseStep(rest)
		if err != nil {
			return nil, fmt.Errorf("%q is no path: %w", text, err)
		}
		p, rest = append(p, step), rest[length:]
	}
	if p == nil {
		return nil, fmt.Errorf("%q is no path: it is empty", text)
	}
	return p, nil
}

// parseStep reads the step that a text begins with, and says how long it is.
func parseStep(text string) (s Step, length int, err error) {
	if m := plainStep.FindStringSubmatch(text); m != nil {
		return Step{Key: m[1]}, len(m[0]), nil
	}
	if m := itemStep.FindStringSubmatch(text); m != nil {
		s.Index, err = strconv.Atoi(m[1])
		s.Item = true
		return s, len(m[0]), err
	}
	if m := quoteStep.FindStringSubmatch(text); m != nil {
		if err := json.Unmarshal([]byte(m[1]), &s.Key); err != nil {
			return s, 0, fmt.Errorf("%s is no JSON string", m[1])
		}
		return s, len(m[0]), nil
	}
	return s, 0, fmt.Errorf("no step begins at %q", text)
}

// String is a text that ParsePath reads as the same path.
func (p Path) String() string {
	if len(p) == 0 {
		return "."
	}
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.String())
	}
	return b.String()
}

func (s Step) String() string {
	if s.Item {
		return fmt.Sprintf("[%d]", s.Index)
	}
	if plain := "." + s.Key; plainStep.FindString(plain) == plain {
		return plain
	}
	quoted, err := json.Marshal(s.Key)
	if err != nil {
		panic(fmt.Sprintf("spec: a key as JSON: %v", err)) // no string fails
	}
	return "[" + string(quoted) + "]"
}
