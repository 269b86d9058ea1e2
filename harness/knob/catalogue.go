package knob

import (
	"fmt"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

// A Row is a knob as "assay knobs" shows it on a host.
type Row struct {
	Name    string   `json:"name"`
	Doc     string   `json:"doc"`
	Scope   Scope    `json:"scope"`
	Allow   string   `json:"allow"`
	Try     string   `json:"try"`
	Note    string   `json:"note,omitempty"`
	Not     []string `json:"not-with,omitempty"`
	Current string   `json:"current,omitempty"` // level that the machine has now; empty where only a trial has one
	Support
}

// Catalogue lists the knobs by name with what this host makes of them. Support
// is that of any level but the present one, as far as it can be told without a
// level: whether the file is there and may be written, and whether a leaf can
// have the controller. A single level may still be unsupported.
func Catalogue(h host.Host, reach func(controller string) error) []Row {
	s := scout{host: Reachable(h, reach), reach: reach, writable: h.FS.Writable}
	var rows []Row
	for _, k := range All() {
		row := Row{Name: k.Name, Doc: k.Doc, Scope: k.Scope, Allow: k.Allow, Try: k.Try, Note: k.Note, Not: k.Not}
		row.Current, row.Support = s.knob(k)
		rows = append(rows, row)
	}
	return rows
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
