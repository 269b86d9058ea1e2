package knob

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/sysfs"
)

// oneOf parses a level that is one of a few words.
func oneOf(words ...string) func(key, text string) (string, error) {
	return func(_, text string) (string, error) {
		for _, w := range words {
			if text == w {
				return w, nil
			}
		}
		return "", fmt.Errorf("%q is none of its levels", text)
	}
}

// count parses a whole number from lo to hi, in decimal and without sign, into
// its shortest text.
func count(text string, lo, hi int64) (string, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || int64(n) < lo || int64(n) > hi {
		return "", fmt.Errorf("%q is not a whole number from %d to %d", text, lo, hi)
	}
	return strconv.FormatUint(n, 10), nil
}

// plain refuses what can't stand as a value on a line of a results file.
func plain(text string) error {
	switch {
	case text == "":
		return errors.New("the level is empty")
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("%q begins or ends with white space", text)
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }):
		return fmt.Errorf("%q has a control character, or is not UTF-8", text)
	}
	return nil
}

// selector is the effect of choosing a word in a file that lists all of them.
// A kernel that does not list the word does not support it.
func selector(f sysfs.FS, file, word string) (Effects, error) {
	text, err := f.Read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Effects{}, unsupported("this kernel has no %s", file)
	}
	if err != nil {
		return Effects{}, err
	}
	choices := sysfs.Choices(text)
	// A file that shows its value alone does not tell what else there is.
	if len(choices) > 1 {
		known := false
		for _, c := range choices {
			known = known || c == word
		}
		if !known {
			return Effects{}, unsupported("this kernel's %s offers only %s", file, strings.Join(choices, ", "))
		}
	}
	return Effects{Host: []sysfs.Write{{File: file, Value: word, Same: sysfs.Selector}}}, nil
}

// selected reads the choice of a selector file.
func selected(file string) func(string, Evidence) (string, bool) {
	return func(_ string, e Evidence) (string, bool) {
		text, ok := e.Host[file]
		return sysfs.Selected(text), ok
	}
}

// unset stands for a variable or build setting that is not there.
const unset = "unset"

// variable is a knob's effect on one variable of the process.
func variable(name, value string) Effects {
	return Effects{Env: map[string]string{name: value}}
}

func fromLeaf(file string, e Evidence) (string, bool) {
	text, ok := e.Leaf[file]
	return strings.TrimSpace(text), ok
}

func fromEnv(name string, e Evidence) (string, bool) {
	if e.Env == nil {
		return "", false
	}
	if v, ok := e.Env[name]; ok {
		return v, true
	}
	return unset, true
}

func fromBuild(name string, e Evidence) (string, bool) {
	if e.Build == nil {
		return "", false
	}
	if v := e.Build[name]; v != "" {
		return v, true
	}
	return unset, true
}
