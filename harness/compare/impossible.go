package compare

import (
	"fmt"
	"strings"

	"github.com/assaylab/assay/harness/prose"
)

// impossible says which values of a series no measurement can have given: a time, a
// size or a number of allocations below 0, and a time per operation of 0. It is empty
// where there is none. Units of other names may well hold differences, which are below
// 0 at times, and a workload may count none of something.
func impossible(side string, x Series) string {
	kind, _, _ := strings.Cut(x.Tidy, "/")
	if kind != "sec" && kind != "B" && kind != "allocs" {
		return ""
	}
	var bad int
	for _, v := range x.Values {
		if v < 0 || v == 0 && x.Tidy == "sec/op" {
			bad++
		}
	}
	if bad == 0 {
		return ""
	}
	limit := "below 0"
	if x.Tidy == "sec/op" {
		limit = "0 or below"
	}
	return fmt.Sprintf("%s: %d of %s %s, which no %s can be: no measurement (see what wrote them)",
		side, bad, prose.Plural(len(x.Values), "value"), limit, x.Unit)
}

// hold marks a row of which a side holds impossible values: nothing follows from it,
// whichever way it would have moved.
func (r *Row) hold(p pair) {
	for _, why := range []string{impossible("A", p.a), impossible("B", p.b)} {
		if why != "" {
			r.Impossible = append(r.Impossible, why)
			r.warn(why)
		}
	}
}
