package spec

import "fmt"

// Suggest is " (did you mean x?)" where one of the words is near, otherwise "".
func Suggest(text string, words []string) string {
	best, least := "", len(text)/4+2
	for _, w := range words {
		if d := distance(text, w); d < least && d < len(text) {
			best, least = w, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// distance counts the letters to insert, drop, change or swap with their
// neighbour. Words over 64 bytes are far from everything, so that a hostile
// file costs nothing.
func distance(a, b string) int {
	const most = 64
	if len(a) > most || len(b) > most {
		return most
	}
	var d [most + 1][most + 1]int // d[i][j] is the distance of a[:i] and b[:j]
	for i := range len(a) + 1 {
		for j := range len(b) + 1 {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
