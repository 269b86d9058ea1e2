package plot

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Data is all that a run's folder of plots shows.
type Data struct {
	Metrics []Metric
	Claims  Claims
	Kinds   []string // of Kinds(); nil for all
}

// Kinds are the names of plots, as an experiment's report.plots has them.
func Kinds() []string { return []string{"box", "ecdf", "run-order", "forest", "pareto", "interaction"} }

// All writes every plot as SVG and PNG into dir, which it makes. It returns
// the names of the files below dir, in the order to be shown; a plot without
// data is left out. The error names the file.
func All(dir string, d Data) ([]string, error) {
	for _, k := range d.Kinds {
		if !slices.Contains(Kinds(), k) {
			return nil, fmt.Errorf("plot: no kind %q (there are %s)", k, strings.Join(Kinds(), ", "))
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("plot: %w", err)
	}
	var files []string
	for _, n := range d.figures() {
		for _, ext := range []string{".svg", ".png"} {
			if err := n.figure.Save(filepath.Join(dir, n.name+ext)); err != nil {
				return files, err
			}
			files = append(files, n.name+ext)
		}
	}
	return files, nil
}

type named struct {
	name   string
	figure Figure
}

func (d Data) figures() []named {
	want := func(kind string) bool { return d.Kinds == nil || slices.Contains(d.Kinds, kind) }
	var ns []named
	if want("forest") && len(d.Claims.Rows) > 0 {
		ns = append(ns, named{"claims-forest", Forest(d.Claims)})
	}
	taken := map[string]bool{"claims": true}
	for _, m := range d.Metrics {
		if len(m.all()) == 0 {
			continue
		}
		stem := unique(fileName(orElse(m.Stem, m.Name)), taken)
		for _, k := range []struct {
			kind string
			draw func(Metric) Figure
		}{{"box", Box}, {"ecdf", ECDF}, {"run-order", RunOrder}} {
			if want(k.kind) {
				ns = append(ns, named{stem + "-" + k.kind, k.draw(m)})
			}
		}
		if want("pareto") && len(m.Parts) > 0 {
			ns = append(ns, named{stem + "-pareto", Pareto(m)})
		}
		if want("interaction") && m.Pair != nil {
			ns = append(ns, named{stem + "-interaction", Interaction(m)})
		}
	}
	return ns
}

// fileName turns a metric into a name that is safe on any file system:
// "gc-mark-cpu-ns/cycle" is "gc-mark-cpu-ns-per-cycle".
func fileName(metric string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(metric, "/", "-per-") {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_', r == '.':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	name := b.String()
	if len(name) > 100 {
		name = name[:100]
	}
	if name = strings.Trim(name, "-."); name == "" {
		return "metric"
	}
	return name
}

// unique tells apart names that are one after fileName, or but for case.
func unique(name string, taken map[string]bool) string {
	n := name
	for i := 2; taken[strings.ToLower(n)]; i++ {
		n = fmt.Sprintf("%s-%d", name, i)
	}
	taken[strings.ToLower(n)] = true
	return n
}
