package sysfs

import (
	"math/big"
	"slices"
	"strings"
)

// A Same says when the text of a file means a given value. The zero Same is Text.
type Same string

const (
	Text     Same = ""         // equal after trimming white space
	Selector Same = "selector" // "always [madvise] never" means madvise
	Number   Same = "number"   // equal as integers in any base that strconv accepts, field by field
)

// Known says whether this version can compare by s. A journal of another
// version may name a Same that it can't.
func (s Same) Known() bool {
	return s == Text || s == Selector || s == Number
}

// Equal says whether the text of a file means the value. The value may itself
// be the text of such a file.
//
// A Number may have several fields, as tcp_rmem, which is written with spaces
// and reads with tabs; fields that are no integers ("max") are compared as text.
func (s Same) Equal(text, value string) bool {
	switch s {
	case Selector:
		return Selected(text) == Selected(value)
	case Number:
		return slices.EqualFunc(strings.Fields(text), strings.Fields(value), sameNumber)
	}
	return strings.TrimSpace(text) == strings.TrimSpace(value)
}

// Value is what has to be written for the file to say text again.
func (s Same) Value(text string) string {
	if s == Selector {
		return Selected(text)
	}
	return strings.TrimSpace(text)
}

// Selected is the choice in brackets, "madvise" of "always [madvise] never". A
// text without brackets is its own choice, without surrounding white space.
func Selected(text string) string {
	for word := range strings.FieldsSeq(text) {
		if bare, ok := unbracket(word); ok {
			return bare
		}
	}
	return strings.TrimSpace(text)
}

// Choices lists the words of a selector file in its order, without brackets.
func Choices(text string) []string {
	words := strings.Fields(text)
	for i, word := range words {
		if bare, ok := unbracket(word); ok {
			words[i] = bare
		}
	}
	return words
}

func unbracket(word string) (string, bool) {
	if len(word) > 2 && word[0] == '[' && word[len(word)-1] == ']' {
		return word[1 : len(word)-1], true
	}
	return word, false
}

func sameNumber(a, b string) bool {
	x, isNumber := new(big.Int).SetString(a, 0)
	if !isNumber {
		return a == b
	}
	y, isNumber := new(big.Int).SetString(b, 0)
	return isNumber && x.Cmp(y) == 0
}
