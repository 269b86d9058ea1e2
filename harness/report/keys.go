package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"
)

// known refuses rows or columns by a key that no result has: benchproc takes it for
// empty everywhere, and there would be one of them, without a name. Tables by such a
// key are all one, as asked for.
func (b *builder) known(q Query) error {
	have := b.keys()
	for _, f := range []struct {
		flag, text string
		by         *benchproc.Projection
	}{{"--row", q.Row, b.rowBy}, {"--col", q.Col, b.colBy}} {
		for _, key := range fields(f.by) {
			if !strings.HasPrefix(key, ".") && !slices.Contains(have, key) { // benchproc knows its own
				return fmt.Errorf("report: %s %s: no result has the key %s (there are %s)", f.flag, f.text, key, strings.Join(have, ", "))
			}
		}
	}
	return nil
}

// keys are those of the results: of their configuration, as of a file, and of their
// names, "/size".
func (b *builder) keys() []string {
	all := map[string]bool{}
	for _, c := range b.routes.all {
		for _, x := range c.list {
			if x.File {
				all[x.Key] = true
			}
		}
		for name := range c.names {
			_, parts := benchfmt.Name(name).Parts()
			for _, p := range parts {
				if key, _, ok := strings.Cut(string(p), "="); ok {
					all[key] = true
				} else if strings.HasPrefix(key, "-") {
					all["/gomaxprocs"] = true
				}
			}
		}
	}
	return append([]string{".file", ".fullname", ".name"}, slices.Sorted(maps.Keys(all))...)
}
