package compare

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	g := newGatherer(&s)
	configs := map[string]map[string]string{} // text of a configuration -> itself
	syntax := 0
	var text bytes.Buffer
	for reader.Scan() {
		switch rec := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			if syntax++; syntax <= 3 {
				s.Warnings = append(s.Warnings, "passed over: "+rec.Error())
			}
		case *benchfmt.Result:
			if arm := rec.GetConfig(plan.ArmKey); arm != "" && arm != plan.ArmMain && rec.GetConfig("experiment") != "" {
				continue // a control arm of a run repeats a cell
			}
			at := place{benchmark: configuration(&text, rec), cell: text.String()}
			levels, ok := configs[at.cell]
			if !ok {
				levels = levelsOf(rec)
				configs[at.cell] = levels
			}
			for _, v := range rec.Values {
				at.unit = v.Unit
				value := v.Value
				if v.OrigUnit != "" {
					at.unit, value = v.OrigUnit, v.OrigValue
				}
				g.add(at, levels, "", value)
			}
		}
	}
	if err := reader.Err(); err != nil {
		return Side{}, err
	}
	if syntax > 3 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("lines that are no benchmark lines were passed over: %d in all", syntax))
	}
	g.done()
	s.split(configs)
	s.units(reader.Units())
	if len(s.Series) == 0 {
		return s, errors.New("no benchmark result in it")
	}
	return s, nil
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
	seen := map[string][]string{}
	for _, levels := range configs {
		for key := range levels {
			seen[key] = nil
		}
	}
	for key := range seen {
		for _, levels := range configs {
			l, ok := levels[key]
			if key == procs && !ok {
				l = "1" // the testing package leaves the suffix out there
			}
			if !slices.Contains(seen[key], l) {
				seen[key] = append(seen[key], l)
			}
		}
	}
	s.Fixed = map[string]string{}
	for key, levels := range seen {
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
		for key := range levels {
			if !slices.Contains(s.Factors, key) {
				delete(levels, key)
			}
		}
		if _, ok := levels[procs]; !ok && slices.Contains(s.Factors, procs) {
			levels[procs] = "1"
		}
	}
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
