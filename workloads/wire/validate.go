package wire

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

var name = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Validate holds a description to the contract. The error joins all that is wrong with it.
func (d Description) Validate() error {
	var errs []error
	complain := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("workload "+d.Name+": "+format, args...))
	}
	if !name.MatchString(d.Name) {
		complain("a name is lower case words with dashes")
	}
	if d.Doc == "" || strings.Contains(d.Doc, "\n") {
		complain("doc must be one line")
	}
	seen := map[string]bool{}
	once := func(what, key string) {
		if seen[what+key] {
			complain("%s %s is there twice", what, key)
		}
		seen[what+key] = true
	}
	if len(d.Roles) == 0 {
		complain("it has no role")
	}
	tested := 0
	for _, r := range d.Roles {
		once("role", r.Name)
		if !name.MatchString(r.Name) || r.Name == RoleParam {
			complain("role %q: a name is lower case words with dashes, and not %q", r.Name, RoleParam)
		}
		if r.Tested {
			tested++
		}
	}
	if len(d.Roles) > 1 && tested != 1 {
		complain("%d roles are under test, want 1", tested)
	}
	for _, p := range d.Params {
		once("param", p.Name)
		if err := p.validate(); err != nil {
			complain("param %s: %w", p.Name, err)
		}
	}
	primaries := 0
	for _, m := range d.Metrics {
		once("metric", m.Unit)
		if m.Primary {
			primaries++
		}
		if err := m.validate(); err != nil {
			complain("metric %s: %w", m.Unit, err)
		}
	}
	if primaries != 1 {
		complain("%d metrics are primary, want 1", primaries)
	}
	return errors.Join(errs...)
}

func (p Param) validate() error {
	if !name.MatchString(p.Name) {
		return errors.New("a name is lower case words with dashes")
	}
	if slices.Contains([]string{FlagRole, FlagDescribe, FlagCount, FlagInject, FlagStats, FlagCourse, FlagProfile, FlagTrace, "h", "help"}, p.Name) {
		return errors.New("the flag belongs to every workload")
	}
	if p.Doc == "" || strings.Contains(p.Doc, "\n") {
		return errors.New("doc must be one line")
	}
	for _, level := range slices.Concat(p.Values, []string{p.Min, p.Max}) {
		if level == "" {
			continue
		}
		if c, err := Canonical(p.Kind, level); err != nil {
			return err
		} else if c != level {
			return fmt.Errorf("bound %q is not canonical, want %q", level, c)
		}
	}
	c, err := p.Canonical(p.Default)
	if err != nil {
		return fmt.Errorf("default: %w", err)
	}
	if c != p.Default {
		return fmt.Errorf("default %q is not canonical, want %q", p.Default, c)
	}
	return nil
}

// Prefixed units make tables that disagree by powers of ten; these are the ones met in practice.
var foreign = []string{"us", "µs", "ms", "s", "sec", "secs", "second", "seconds",
	"kB", "KB", "MB", "GB", "KiB", "MiB", "GiB"}

func (m Metric) validate() error {
	if m.Unit == "" || strings.ContainsAny(m.Unit, " \t\r\n\"") {
		return errors.New("a unit is one word")
	}
	above, _, _ := strings.Cut(m.Unit, "/")
	for _, word := range strings.Split(above, "-") {
		if slices.Contains(foreign, word) {
			return fmt.Errorf("%q is not a unit of ours (ns, bytes, B, counts)", word)
		}
	}
	if m.Doc == "" || strings.Contains(m.Doc, "\n") {
		return errors.New("doc must be one line")
	}
	if m.Better != "" && m.Better != Lower && m.Better != Higher {
		return fmt.Errorf("better is %q, want lower, higher or nothing", m.Better)
	}
	for _, r := range []float64{m.Resolution.Relative, m.Resolution.Absolute} {
		if r < 0 || math.IsNaN(r) || math.IsInf(r, 0) {
			return fmt.Errorf("resolution %v", r)
		}
	}
	return nil
}
