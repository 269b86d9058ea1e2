package spec

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// A folder lays files over each other: what a file extends, then the file, then
// its local file.
type folder struct {
	*walk
	open    func(path string) ([]byte, error)
	changed []string // keys that the local file changed
}

// fold is the tree of a file with all that belongs to it.
func (f *folder) fold(file string, data []byte) (node, bool) {
	n, ok := f.inherit(file, data, nil)
	if !ok || f.open == nil {
		return n, ok
	}
	local := strings.TrimSuffix(file, Ext) + LocalExt
	data, err := f.open(local)
	if errors.Is(err, fs.ErrNotExist) {
		return n, true
	}
	if err != nil {
		f.fail(Pos{File: local, Line: 1, Column: 1}, "", "the local file can't be read: %v", err)
		return n, false
	}
	l, ok := f.parse(local, data)
	if !ok || l.kind == nothing {
		return n, ok
	}
	return f.local(n, l)
}

// inherit is the tree of a file over that of the file it extends. seen are the
// files on the way here.
func (f *folder) inherit(file string, data []byte, seen []string) (node, bool) {
	n, ok := f.parse(file, data)
	if !ok {
		return n, false
	}
	if n.kind != mapping || len(n.pairs) == 0 {
		f.fail(n.at, list(experimentKeys.keys()), "the file is empty")
		return n, false
	}
	extends, ok := n.get("extends")
	if !ok {
		return n, true
	}
	parent, ok := f.parent(filepath.Clean(file), extends, append(seen, filepath.Clean(file)))
	return over(n, parent), ok
}

// parent is the tree of what a file extends, without its name.
func (f *folder) parent(file string, extends node, seen []string) (node, bool) {
	s, ok := f.text(extends, "extends", nameForm)
	if !ok {
		return node{}, false
	}
	if !name.MatchString(s.Text) {
		f.fail(s.Pos, nameForm, "extends %q is not the name of an experiment beside this one", s.Text)
		return node{}, false
	}
	if f.open == nil {
		f.fail(s.Pos, "", "extends needs the file beside this one, and only one file is read here")
		return node{}, false
	}
	path := filepath.Join(filepath.Dir(file), s.Text+Ext)
	if slices.Contains(seen, path) {
		f.fail(s.Pos, "", "extends %s goes in a circle: %s", s.Text, strings.Join(append(seen, path), " -> "))
		return node{}, false
	}
	data, err := f.open(path)
	if err != nil {
		f.fail(s.Pos, "", "extends %s: %v", s.Text, err)
		return node{}, false
	}
	n, ok := f.inherit(path, data, seen)
	n.pairs = slices.DeleteFunc(n.pairs, func(p pair) bool { return p.key.Text == "name" || p.key.Text == "extends" })
	return n, ok
}

// over lays a tree over another: two mappings under one key are merged key by
// key, all else is replaced. Keys keep the order of the lower tree, new ones
// follow.
func over(upper, lower node) node {
	return lay(upper, lower, func(u, l node) node {
		if u.kind == mapping && l.kind == mapping && len(u.pairs) > 0 {
			return lay(u, l, func(u, _ node) node { return u })
		}
		return u
	})
}

// lay merges the pairs of two mappings; both gives the value of a key in both.
func lay(upper, lower node, both func(upper, lower node) node) node {
	out := upper
	out.pairs = slices.Clone(lower.pairs)
	for _, p := range upper.pairs {
		i := slices.IndexFunc(out.pairs, func(o pair) bool { return o.key.Text == p.key.Text })
		if i < 0 {
			out.pairs = append(out.pairs, p)
		} else {
			out.pairs[i] = pair{p.key, both(p.value, out.pairs[i].value)}
		}
	}
	return out
}

// mayBeLocal is what a local file may change: section -> its keys.
var mayBeLocal = map[string][]string{"workload": {"params"}, "design": {"budget", "timeout"}}

const localForm = "workload.params, design.budget, design.timeout"

// local lays a local file over an experiment and notes what it changes.
func (f *folder) local(n, l node) (node, bool) {
	before := len(f.errs)
	for _, section := range l.pairs {
		may, ok := mayBeLocal[section.key.Text]
		if !ok {
			f.fail(section.key.Pos, localForm, "a local file can't change %s", section.key.Text)
			continue
		}
		if !f.expect(section.value, mapping, section.key.Text, localForm) {
			continue
		}
		for _, p := range section.value.pairs {
			if slices.Contains(may, p.key.Text) {
				f.note(section.key.Text, p)
			} else {
				f.fail(p.key.Pos, localForm, "a local file can't change %s.%s", section.key.Text, p.key.Text)
			}
		}
	}
	out := lay(l, n, func(u, l node) node {
		return lay(u, l, func(u, l node) node {
			if u.kind == mapping && l.kind == mapping {
				return lay(u, l, func(u, _ node) node { return u })
			}
			return u
		})
	})
	return out, len(f.errs) == before
}

// note records a key that the local file changes, params by their own keys.
func (f *folder) note(section string, p pair) {
	if p.value.kind != mapping {
		f.changed = append(f.changed, section+"."+p.key.Text)
		return
	}
	for _, param := range p.value.pairs {
		f.changed = append(f.changed, ParamPrefix+param.key.Text)
	}
}
