// Package prose is the wording that sentences of all rooms share: a number with its
// noun, a list that ends, a text that is cut. What a sentence says is each room's own.
package prose

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Plural is a number with its noun: "1 trial", "12 trials".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// List shows all of some words: "a, b and c".
func List(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// Few shows the first of many names: "a, b and 2 more".
func Few(names []string, most int) string {
	if n := len(names) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n)
	}
	return strings.Join(names, ", ")
}

// Cut shows the first of many characters: "what is quoted is no longer than ...".
func Cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + " ..."
}
