package plan

import (
	"fmt"
	"strings"
)

// Plural is a number with its noun: "1 trial", "12 trials".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Few shows the first of many names: "a, b and 2 more".
func Few(names []string, most int) string {
	if n := len(names) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n)
	}
	return strings.Join(names, ", ")
}
