package setup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/spec"
)

// Arguments are those of a program in a cell: of a workload its params, its role
// ("" where there is but one) and the slowdown injected, of a gotest the benchmarks
// and the benchtime asked for, of a command its own.
func Arguments(w spec.Workload, levels map[string]string, role string, inject float64) []string {
	switch {
	case w.Gotest != nil:
		return benchmarks(run.Turn{Bench: w.Gotest.Bench.Text, Skip: w.Gotest.Skip.Text, Benchtime: w.Gotest.Asked()}, levels)
	case w.Command != nil:
		return w.Argv(levels)[1:]
	}
	return run.Args(levels, role, inject)
}

// benchmarks are the arguments of a test binary: testing's, then the params.
func benchmarks(t run.Turn, levels map[string]string) []string {
	return append(run.TestArgs(t), run.Args(levels, "", 0)...)
}

// Iterate has the trials of a gotest's cells make as many iterations as were found,
// in the turns that this takes.
func Iterate(cells map[int]run.Setup, turns []run.Turn) {
	for _, c := range cells {
		for _, roles := range [][]run.Role{c.Roles, c.Beside} {
			for i := range roles {
				r := &roles[i]
				r.Args, r.Then = benchmarks(turns[0], r.Levels), nil
				for _, t := range turns[1:] {
					r.Then = append(r.Then, benchmarks(t, r.Levels))
				}
			}
		}
	}
}

// matched refuses a gotest of whose benchmarks none has a name that the pattern
// matches. What a test binary does not tell, a trial will.
func (s Site) matched(ctx context.Context, b Builder, cells map[int]run.Setup) error {
	g := s.Plan.Spec.Workload.Gotest
	if g == nil || len(cells) == 0 {
		return nil
	}
	names, err := b.Benchmarks(ctx, cells[slices.Min(slices.Collect(maps.Keys(cells)))].Binary)
	if err != nil || len(Chosen(*g, names)) > 0 {
		return nil
	}
	has, which := "it has none", "matches "+g.Bench.Text
	if len(names) > 0 {
		has = "it has " + prose.Few(names, mostNames)
	}
	if g.Skip.Text != "" {
		which += " and not skip " + g.Skip.Text
	}
	return Unfit{fmt.Errorf("%s: workload.gotest: no benchmark of %s %s: %s", place(g.Bench.Pos, s.File), g.Package, which, has)}
}

// Chosen are those of a package's benchmarks that a gotest may run, in whole or in part.
func Chosen(g spec.Gotest, names []string) []string {
	may, out := mayMatch(g.Bench.Text), leftOut(g.Skip.Text)
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !may(name) || out(name) })
}

// placed adds to an error of making a gotest's binary where the experiment asks for it.
func (s Site) placed(err error) error {
	g := s.Plan.Spec.Workload.Gotest
	if g == nil || errors.As(err, &Unfit{}) {
		return err
	}
	return fmt.Errorf("%s: workload.gotest: %w", place(g.Package.Pos, s.File), err)
}

// place is where a scalar stands, or the file where that is not known.
func place(at spec.Pos, file string) string {
	if at.Line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", at.File, at.Line, at.Column)
}

// mayMatch says whether the pattern of go test -bench can match a benchmark or one
// within it. Package testing matches names and those of sub-benchmarks by the parts
// between slashes; only the first part is held against names here, and a pattern of
// alternatives with slashes against none.
func mayMatch(pattern string) func(name string) bool {
	first, _, sub := strings.Cut(pattern, "/")
	re, err := regexp.Compile(first)
	if err != nil || sub && strings.Contains(pattern, "|") {
		return func(string) bool { return true }
	}
	return re.MatchString
}

// leftOut says whether the pattern of go test -skip leaves out all of a benchmark. One
// with a slash leaves out some of those within it.
func leftOut(pattern string) func(name string) bool {
	re, err := regexp.Compile(pattern)
	if err != nil || pattern == "" || strings.Contains(pattern, "/") {
		return func(string) bool { return false }
	}
	return re.MatchString
}

// Unseen are the notes of an experiment on what is known of an outside program only
// once it has run.
func Unseen(e spec.Experiment) []string {
	w := e.Workload
	var notes []string
	if w.Gotest != nil && w.Gotest.Time() > 0 {
		note := fmt.Sprintf("one attempt before the first block finds how many iterations take %s; then every trial makes as many", w.Gotest.Asked())
		if e.Design.Budget > 0 {
			note += " (that attempt and the warm-ups are not of the budget)"
		}
		notes = append(notes, note)
	}
	for _, c := range e.Claims {
		if w.Open() {
			notes = append(notes, fmt.Sprintf("claim %s: whether the program prints %s is not known before the warm-up, and is looked at then", c.ID.Text, c.Compare.Metric))
		}
	}
	return notes
}

// Unchanged holds a command's programs against what they were at the start: a
// program that was replaced under a run makes two experiments of it. What was built
// is kept by its content, and does not change.
func Unchanged(ctx context.Context, w spec.Workload, b Builder, cells map[int]run.Setup) error {
	if w.Command == nil {
		return nil
	}
	var errs []error
	var seen []string
	for _, s := range cells {
		if !slices.Contains(seen, s.Binary.Path) {
			seen = append(seen, s.Binary.Path)
			errs = append(errs, same(ctx, b, s.Binary.Path, s.Binary.SHA256))
		}
	}
	return errors.Join(errs...)
}

func same(ctx context.Context, b Builder, path, sha string) error {
	now, err := b.Command(ctx, path, "")
	if err == nil && now.SHA256 != sha {
		err = fmt.Errorf("%s was changed under the run: its sha256 is %.12s, was %.12s (start a new run: this one measured both)", filepath.Base(path), now.SHA256, sha)
	}
	return err
}
