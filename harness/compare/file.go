package compare

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/assaylab/assay/harness/plan"
)

// procs is the key of the -N suffix of a name, in benchstat's words.
const procs = "/gomaxprocs"

// readFile reads a file in the Go benchmark format: one value a line. Lines that
// begin like a benchmark and are none are passed over and warned of.
func readFile(path string) (Side, error) {
	f, err := os.Open(path)
	if err != nil {
		return Side{}, fmt.Errorf("compare: %w", err)
	}
	defer f.Close()
	s, err := parse(f, path)
	if err != nil {
		return Side{}, fmt.Errorf("compare: read %s: %w", path, err)
	}
	return s, nil
}

func parse(r io.Reader, path string) (Side, error) {
	s := Side{Path: path, Kind: fileKind, Facts: map[string]string{}, Metrics: map[string]Metric{}}
	reader := benchfmt.NewReader(r, path)
	lines := lineReader{to: newGatherer(&s), configs: map[string]map[string]string{}}
	syntax := 0
	for reader.Scan() {
		switch rec := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			if syntax++; syntax <= mostSyntax {
				s.Warnings = append(s.Warnings, "passed over: "+rec.Error())
			}
		case *benchfmt.Result:
			lines.take(rec)
		}
	}
	if err := reader.Err(); err != nil {
		return Side{}, err
	}
	if syntax > mostSyntax {
		s.Warnings = append(s.Warnings, fmt.Sprintf("lines that are no benchmark lines were passed over: %d in all", syntax))
	}
	lines.to.done()
	s.split(lines.configs)
	s.units(reader.Units())
	if len(s.Series) == 0 {
		return s, errors.New("no benchmark result in it")
	}
	return s, nil
}

// mostSyntax is how many lines that are no benchmark lines are named.
const mostSyntax = 3

// A lineReader gathers the values of benchmark lines by their configuration.
type lineReader struct {
	to      *gatherer
	configs map[string]map[string]string // text of a configuration -> itself
	text    bytes.Buffer
}

// take takes the values of a line, but of one of a control arm of a run, which repeats
// a cell.
func (l *lineReader) take(r *benchfmt.Result) {
	if arm := r.GetConfig(plan.ArmKey); arm != "" && arm != plan.ArmMain && r.GetConfig("experiment") != "" {
		return
	}
	at := place{benchmark: configuration(&l.text, r), cell: l.text.String()}
	levels, ok := l.configs[at.cell]
	if !ok {
		levels = levelsOf(r)
		l.configs[at.cell] = levels
	}
	for _, v := range r.Values {
		at.unit = v.Unit
		value := v.Value
		if v.OrigUnit != "" {
			at.unit, value = v.OrigUnit, v.OrigValue
		}
		l.to.add(at, levels, "", value)
	}
}

// configuration writes what tells a line's cell from others and returns the
// line's name without "Benchmark" and its -N suffix.
func configuration(b *bytes.Buffer, r *benchfmt.Result) string {
	b.Reset()
	for _, c := range r.Config {
		if c.File {
			b.WriteString(c.Key)
			b.WriteByte('=')
			b.Write(c.Value)
			b.WriteByte('\n')
		}
	}
	base, parts := r.Name.Parts()
	name := string(bytes.TrimPrefix(base, []byte("Benchmark")))
	for _, p := range parts {
		if p[0] != '-' {
			name += string(p)
			continue
		}
		b.WriteString(procs + "=")
		b.Write(p[1:])
	}
	return name
}

func levelsOf(r *benchfmt.Result) map[string]string {
	levels := map[string]string{}
	for _, c := range r.Config {
		if c.File {
			levels[c.Key] = string(c.Value)
		}
	}
	_, parts := r.Name.Parts()
	for _, p := range parts {
		if p[0] == '-' {
			levels[procs] = string(p[1:])
		}
	}
	return levels
}

// factKeys are configuration keys that say how a file came to be, by the name of
// the fact.
var factKeys = map[string]string{
	"goarch": "arch", "goos": "os", "cpu": "cpu", "kernel": "kernel", "go": "go", "machine": "machine",
	"experiment": "experiment", "spec-sha256": "spec-sha256", "assay": "assay", "toolchain": "go",
}

// split tells the keys that vary within the file from those that do not. A seed
// and the name of the main arm say nothing of what was measured.
func (s *Side) split(configs map[string]map[string]string) {
	s.Fixed = map[string]string{}
	for key, levels := range levelsByKey(configs) {
		fact, isFact := factKeys[key]
		switch {
		case len(levels) == 1 && (key == "seed" || key == plan.ArmKey && levels[0] == plan.ArmMain):
		case len(levels) > 1:
			s.Factors = append(s.Factors, key)
		case isFact:
			s.Facts[fact] = levels[0]
		default:
			s.Fixed[key] = levels[0]
		}
	}
	slices.Sort(s.Factors)
	for _, levels := range configs {
		maps.DeleteFunc(levels, func(key, _ string) bool { return !slices.Contains(s.Factors, key) })
		if slices.Contains(s.Factors, procs) {
			levels[procs] = cmp.Or(levels[procs], oneProc)
		}
	}
}

// oneProc is the level of procs where a name has no suffix: the testing package leaves
// it out there.
const oneProc = "1"

// levelsByKey are the levels that each key of some configurations has, "" where one is
// without it.
func levelsByKey(configs map[string]map[string]string) map[string][]string {
	all := map[string][]string{}
	for _, levels := range configs {
		for key := range levels {
			all[key] = nil
		}
	}
	for key := range all {
		for _, levels := range configs {
			l, ok := levels[key]
			if key == procs && !ok {
				l = oneProc
			}
			if !slices.Contains(all[key], l) {
				all[key] = append(all[key], l)
			}
		}
	}
	return all
}

// units takes the metadata of units.
func (s *Side) units(m benchfmt.UnitMetadataMap) {
	for _, x := range s.Series {
		if _, ok := s.Metrics[x.Tidy]; ok {
			continue
		}
		s.Metrics[x.Tidy] = Known(m, x.Tidy)
	}
}

// name shows a series as "GCChurn thp=never", by the keys that tell cells apart.
func (s Side) name(x Series, keys []string) string {
	text := x.Benchmark
	if cell := s.cell(x, keys); cell != "" {
		text += " " + cell
	}
	return text
}

func (s Side) cell(x Series, keys []string) string {
	var parts []string
	for _, key := range keys {
		if l := s.level(x, key); l != "" {
			parts = append(parts, key+"="+l)
		}
	}
	return strings.Join(parts, " ")
}
