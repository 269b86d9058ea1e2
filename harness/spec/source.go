package spec

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFile is the size of the largest file that is read, in bytes.
const maxFile = 1 << 20

// source checks the bytes of a file, notes its lines, and returns its text with
// line ends as \n. It says false where the text can't be trusted to a parser.
func (p *problems) source(file string, data []byte) (string, bool) {
	top := Pos{File: file, Line: 1, Column: 1}
	if len(data) > maxFile {
		p.fail(top, "", "the file is over 1 MiB")
		return "", false
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark, which some editors write
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	p.lines[file] = strings.Split(text, "\n")
	before := len(p.errs)
	for i, line := range p.lines[file] {
		if column, what := unprintable(line); column > 0 {
			p.lines[file][i] = strings.ToValidUTF8(line, "\uFFFD")
			p.fail(Pos{File: file, Line: i + 1, Column: column}, "UTF-8 text", "%s", what)
		}
	}
	return text, len(p.errs) == before
}

// unprintable is the column of the first character that has no place in a text
// file, and what it is; 0 where there is none. Characters that turn the
// direction of writing are refused because they can make a line read
// otherwise than it parses.
func unprintable(line string) (column int, what string) {
	for i, r := range line {
		column++
		if r == utf8.RuneError && !strings.HasPrefix(line[i:], "\uFFFD") {
			return column, "the file is not UTF-8"
		}
		if control(r) {
			return column, "control character in the file"
		}
	}
	return 0, ""
}

// control says whether a character is one of those that steer a terminal or the
// direction of writing, the tab excepted.
func control(r rune) bool {
	return r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}
