package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// manual is the command as its help describes it, every subcommand for people.
func manual(l *lab) []*cobra.Command {
	var all []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Hidden {
			return
		}
		all = append(all, c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(command(l))
	return all
}

func TestEveryCommandHasExamples(t *testing.T) {
	for _, c := range manual(&lab{}) {
		if len(examples(c.Example)) == 0 {
			t.Errorf("%s --help has no example", c.CommandPath())
		}
		if c.Short == "" && c.HasParent() || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: its line in the list of commands is %q", c.CommandPath(), c.Short)
		}
	}
}

// explained: a flag, the kind of its value, a gap, text.
var explained = regexp.MustCompile(`--\S+( \S+)? {2,}\S`)

func TestEveryFlagIsExplained(t *testing.T) {
	for _, c := range manual(&lab{}) {
		for _, line := range strings.Split(strings.TrimSpace(c.LocalFlags().FlagUsages()), "\n") {
			if line != "" && !explained.MatchString(line) {
				t.Errorf("%s --help: %q has no explanation", c.CommandPath(), line)
			}
		}
	}
}

// TestExamplesAreTrue takes every example of the help and every command line of
// the Markdown files through the parser: the commands and flags are there, and
// so are the experiments, workloads and knobs that they name.
func TestExamplesAreTrue(t *testing.T) {
	l := here(t)
	tree := l.dir
	check := func(where, line string) {
		if err := parse(l, line); err != nil {
			t.Errorf("%s: %s: %v", where, line, err)
		}
	}
	for _, c := range manual(l) {
		for _, line := range examples(c.Example) {
			check(c.CommandPath()+" --help", line)
		}
	}
	for _, pattern := range []string{"*.md", ".github/*.md"} {
		files, err := filepath.Glob(filepath.Join(tree, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, f := range files {
			text, err := os.ReadFile(f)
			require.NoError(t, err)
			for _, line := range append(examples(string(text)), spans(string(text))...) {
				check(filepath.Base(f), line)
			}
		}
	}
}

// begins finds a command line: at the start of a line, in a code span.
const begins = `(?:sudo )?(?:\S*bin/)?assay (\S.*)`

var (
	ofLine = regexp.MustCompile(`(?m)^(?:    |  |\$ )` + begins + `$`)
	ofSpan = regexp.MustCompile("`" + `(?:sudo )?(?:\S*bin/)?assay ([^` + "`" + `]+)` + "`")
	// what follows the words of a command: a remark, a pipe, a redirection
	rest = regexp.MustCompile(`\s{2,}.*| [#|>].*`)
	// what stands for a name of the reader's
	plainName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
)

func examples(text string) []string { return found(ofLine, text) }

func spans(text string) []string { return found(ofSpan, text) }

func found(re *regexp.Regexp, text string) []string {
	var lines []string
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		lines = append(lines, rest.ReplaceAllString(m[1], ""))
	}
	return lines
}

// shellWords splits a line at blanks outside of single quotes.
func shellWords(line string) []string {
	inside := false
	words := strings.FieldsFunc(line, func(r rune) bool {
		if r == '\'' {
			inside = !inside
		}
		return r == ' ' && !inside
	})
	for i, w := range words {
		words[i] = strings.Trim(w, "'")
	}
	return words
}

// parse takes a command line through the parser and runs nothing.
func parse(l *lab, line string) error {
	root := command(l)
	c, words, err := root.Find(shellWords(line))
	if err != nil {
		return err
	}
	if err := c.ParseFlags(words); err != nil {
		return err
	}
	names := c.Flags().Args()
	if c.Args != nil {
		if err := c.Args(c, names); err != nil {
			return err
		}
	}
	if c.ValidArgsFunction == nil || len(names) != 1 || !plainName.MatchString(names[0]) {
		return nil
	}
	offered, _ := c.ValidArgsFunction(c, nil, names[0])
	if !slices.ContainsFunc(offered, func(o string) bool { n, _, _ := strings.Cut(o, "\t"); return n == names[0] }) {
		return usagef("there is no %s", names[0])
	}
	return nil
}
