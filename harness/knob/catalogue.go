package knob

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

// A Row is a knob as "assay knobs" shows it on a host. Names of fields in JSON are
// not changed and not removed from one version to the next; new ones may come.
type Row struct {
	Name    string         `json:"name"`
	Doc     string         `json:"doc"`
	Scope   Scope          `json:"scope"` // machine, cgroup, process or build
	Allow   string         `json:"allow"` // the levels, in words; default is one of each knob
	Try     string         `json:"try"`   // an example: "gogc=200"
	Note    string         `json:"note,omitempty"`
	Since   string         `json:"since,omitempty"`   // which kernels or versions have it
	Current string         `json:"current,omitempty"` // level that the machine has now; absent where only a trial has one
	Support                // "support": yes, no, could not find out; "why" where it is not yes
	Files   []string       `json:"files,omitempty"`    // that hold the level, below the root, as patterns: the first that is there
	Leaf    string         `json:"leaf,omitempty"`     // that holds it in a trial's cgroup, by its v2 name
	After   []string       `json:"after,omitempty"`    // knobs that are set before it
	Needs   []string       `json:"needs,omitempty"`    // levels of which one has to be set too
	Not     []string       `json:"not-with,omitempty"` // knobs that it can't be set together with
	Moves   []string       `json:"moves,omitempty"`    // files that change with it, as patterns
	Checked string         `json:"check,omitempty"`    // what shows that its mechanism moved, beyond reading the level back
	Causes  []string       `json:"causes,omitempty"`   // taints that are evidence in its cells
	Refuses []Refused      `json:"refuses,omitempty"`
	Sets    []LevelSupport `json:"sets"` // what each level would set here: all where they are few words, else the example
}

// A Refused is a cell that a knob does not take, and why.
type Refused struct {
	Cell  string `json:"cell"`
	Where string `json:"where,omitempty"` // on which host; absent for any
	Why   string `json:"why"`
}

// Catalogue lists the knobs by name with what this host makes of them. Support
// is that of any level but the present one, as far as it can be told without a
// level: whether the file is there and may be written, and whether a leaf can
// have the controller. A single level may still be unsupported.
func Catalogue(h host.Host, reach func(controller string) error) []Row {
	s := scout{host: Reachable(h, reach), reach: reach, writable: h.FS.Writable}
	var rows []Row
	for _, k := range All() {
		row := Row{
			Name: k.Name, Doc: k.Doc, Scope: k.Scope, Allow: k.Allow, Try: k.Try, Note: k.Note, Since: k.Since,
			Leaf: k.Leaf, After: k.After, Needs: k.Needs, Not: k.Not, Moves: k.Moves, Checked: k.Checked, Causes: k.Causes,
		}
		key, _, _ := strings.Cut(k.Try, "=")
		if k.Host != nil {
			row.Files = k.Host(key)
		}
		if k.Twin != "" {
			row.Moves = append(slices.Clone(k.Moves), k.Twin)
		}
		for _, r := range k.Refuses {
			row.Refuses = append(row.Refuses, Refused{Cell: r.Cell, Where: r.Where, Why: r.Why})
		}
		for _, level := range k.examples() {
			l, _ := s.level(key, level, "leave it out")
			row.Sets = append(row.Sets, l)
		}
		row.Current, row.Support = s.knob(k)
		rows = append(rows, row)
	}
	return rows
}

// examples are a knob's levels where Allow lists them, word by word, and else the
// one of Try.
func (k Knob) examples() []string {
	key, level, _ := strings.Cut(k.Try, "=")
	words := strings.Split(k.Allow, ", ")
	for _, word := range words {
		if canonical, err := Parse(key, word); err != nil || canonical != word || strings.Contains(word, " ") {
			return []string{level}
		}
	}
	return words
}

func (s scout) knob(k Knob) (current string, support Support) {
	if k.Host != nil && !k.Act && !k.family() {
		return s.machine(k)
	}
	if k.Leaf != "" { // whether one level fits is Feasible's to say
		if k.V1 != "" && onV1(s.host, controller(k.Leaf)) {
			return "", Support{Word: No, Why: k.V1 + ": use a cgroup v2 host"}
		}
		if err := s.leaf(controller(k.Leaf)); err != nil {
			return "", Support{Word: No, Why: err.Error()}
		}
		return "", Support{Word: Yes}
	}
	key, level, _ := strings.Cut(k.Try, "=")
	l, _ := s.level(key, level, "leave it out")
	return "", l.Support
}

// machine asks about the level that is set now, which finds out whether the
// knob is there at all, and then whether it could be changed.
func (s scout) machine(k Knob) (current string, support Support) {
	files, err := k.files(k.Name, s.host.FS)
	if err != nil {
		return "", supportOf(k.Name, Default, err)
	}
	seen := Evidence{Host: make(map[string]string)}
	for _, file := range files {
		if text, err := s.host.FS.Read(file); err == nil {
			seen.Host[file] = text
		}
	}
	probe := Default
	if level, ok := k.Read(k.Name, seen); ok {
		current = strings.TrimSpace(level)
		if parsed, err := Parse(k.Name, current); err == nil {
			probe = parsed
		}
	}
	if probe == Default {
		_, probe, _ = strings.Cut(k.Try, "=")
	}
	if _, err := effects(k.Name, probe, s.host); err != nil {
		return current, supportOf(k.Name, probe, err)
	}
	for _, file := range files {
		if err := s.writable(file); err != nil {
			return current, s.refused(k.Name, fmt.Sprintf("other than %s", probe), file, "leave it as it is", err)
		}
	}
	return current, Support{Word: Yes}
}
