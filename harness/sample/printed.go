package sample

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printed reads the benchmark lines of a workload's stdout, among whatever else it
// prints there.
//
// Package testing writes GOMAXPROCS behind a name, unless it is 1: "X-8" is the
// benchmark X then, and at 1 X/size-64 is no X/size. A suffix is dropped, because
// GOMAXPROCS is a setting of the trial and not a part of the name, where all
// results of the process have the same. What is a suffix is told by the name alone,
// which a test binary prints on a line of its own before the result, if it is asked
// to (-test.v); without that every -N at the end of a name may be one.
//
// The error is that of [Parse].
func Printed(stdout []byte) ([]Line, error) {
	text, told := results(stdout)
	lines, err := Parse(text)
	if err != nil && !slices.ContainsFunc(told, func(name string) bool { return name != "" }) {
		err = fmt.Errorf("%w (what a benchmark prints itself breaks its line in two, unless a test binary is run with -test.v)", err)
	}
	suffixes := make([]string, len(lines))
	for i, l := range lines {
		suffixes[i] = suffix(l.Name, told[i])
	}
	if len(lines) > 0 && shared(suffixes) {
		for i := range lines {
			lines[i].Name = strings.TrimSuffix(lines[i].Name, suffixes[i])
		}
	}
	return lines, err
}

const prefix = "Benchmark"

// results blanks the lines that are no results, and what a benchmark wrote before
// its result on the same line. told are the names that were told of those left, in
// their order; empty where none was.
func results(stdout []byte) (text []byte, told []string) {
	last := ""
	for line := range bytes.Lines(stdout) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case !named(line):
			line = behind(line, last)
		case !bytes.ContainsFunc(line, unicode.IsSpace):
			last, line = string(line), nil
		}
		if len(line) > 0 {
			told = append(told, strings.TrimPrefix(last, prefix))
		}
		text = append(append(text, line...), '\n')
	}
	return text, told
}

// named says whether a line begins with the name of a benchmark, and not with a
// word such as Benchmarking (golang.org/design/14313-benchmark-format).
func named(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte(prefix))
	r, _ := utf8.DecodeRune(rest)
	return ok && len(rest) > 0 && !unicode.IsLower(r) && !unicode.IsSpace(r)
}

// Told is the name that a line tells of a benchmark which begins, without "Benchmark"; ok
// is false for every other line.
func Told(line []byte) (name string, ok bool) {
	line = bytes.TrimRight(line, "\r\n")
	if !named(line) || bytes.ContainsFunc(line, unicode.IsSpace) {
		return "", false
	}
	return strings.TrimPrefix(string(line), prefix), true
}

// ToldOf are the benchmarks of a package that a text tells of, in their order: each once,
// those within one being the same.
func ToldOf(text []byte) []string {
	var names []string
	for line := range bytes.Lines(text) {
		name, ok := Told(line)
		name, _, _ = strings.Cut(name, "/")
		if ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// outcome is what stands behind a name in a result: the suffix and the iterations.
var outcome = regexp.MustCompile(`^(-[0-9]+)?\s+[0-9]+\s`)

// behind is the result of the benchmark told last, where it stands behind what that
// printed without an end of the line; nil where there is none.
func behind(line []byte, told string) []byte {
	i := bytes.LastIndex(line, []byte(told))
	if told == "" || i < 0 || !outcome.Match(line[i+len(told):]) {
		return nil
	}
	return line[i:]
}

// ending is what may be a suffix.
var ending = regexp.MustCompile(`-[0-9]+$`)

// suffix is what a result's name has behind that of its benchmark.
func suffix(name, told string) string {
	found := ending.FindString(name)
	if told != "" && (name == told || strings.TrimSuffix(name, found) != told) {
		return ""
	}
	return found
}

func shared(suffixes []string) bool {
	for _, s := range suffixes {
		if s != suffixes[0] {
			return false
		}
	}
	return true
}
