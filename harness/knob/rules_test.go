package knob

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/resource"
	"github.com/assaylab/assay/harness/sample"
)

// holdRules breaks every rule that a knob declares, and those that follow from
// its other fields, and wants each refused with its reason before anything runs.
func holdRules(t *testing.T, k Knob) {
	key, level := try(k)
	for _, r := range k.Refuses {
		holdRefusal(t, k, r)
	}
	if k.Clash != nil && !slices.ContainsFunc(k.Refuses, func(r Refusal) bool { return strings.Contains(r.Cell, " ") }) {
		t.Error("Clash holds levels against each other, and Refuses has no example")
	}
	for _, other := range k.Not {
		key2, level2 := try(known[other])
		cell := with(key, level)
		cell[key2] = level2
		err := conflict(cell)
		require.ErrorIs(t, err, errors.ErrUnsupported, "with %s", other)
		require.ErrorContains(t, err, "can't be set together")
		cell[key2] = Default
		require.NoError(t, conflict(cell), "%s=default sets nothing", other)
	}
	holdNeeds(t, k, key, level)
	for _, other := range k.After {
		key2, _ := try(known[other])
		order := inOrder(map[string]string{key: level, key2: Default})
		require.Equal(t, []string{key2, key}, order)
	}
	for _, kind := range k.Causes {
		if !slices.ContainsFunc(sample.Rules(), func(r sample.Rule) bool { return r.Kind == kind }) {
			t.Errorf("causes %q, of which no trial is tainted", kind)
		}
	}
	if (k.Check == nil) != (k.Checked == "") {
		t.Errorf("Check is there: %v, and Checked says %q", k.Check != nil, k.Checked)
	}
	holdGroups(t, k)
}

func holdRefusal(t *testing.T, k Knob, r Refusal) {
	t.Helper()
	if (r.Where == "") != (r.Lacks == nil && r.Files == nil) || r.Why == "" {
		t.Errorf("%+v: Where says what Lacks and Files do, and Why what comes of it", r)
	}
	cell := map[string]string{}
	for _, word := range strings.Fields(r.Cell) {
		key, level, _ := strings.Cut(word, "=")
		canonical, err := Parse(key, level)
		if err != nil {
			require.ErrorContains(t, err, r.Why, r.Cell)
			return
		}
		cell[key] = canonical
	}
	if key, _ := try(k); !slices.ContainsFunc(slices.Collect(maps.Keys(cell)), func(c string) bool { l, _ := Lookup(c); return l.Name == k.Name }) {
		t.Errorf("%s does not name %s", r.Cell, key)
	}
	h := fitting(k, looking(t))
	if r.Files != nil {
		h = fitting(k, machine(t, r.Files))
	}
	if r.Where != "" {
		_, err := Resolve(cell, fitting(k, looking(t)))
		require.NoError(t, err, "%s is refused elsewhere than on %s too", r.Cell, r.Where)
	}
	if r.Lacks != nil {
		r.Lacks(&h)
	}
	_, err := Resolve(cell, h)
	require.ErrorIs(t, err, errors.ErrUnsupported, r.Cell)
	require.ErrorContains(t, err, r.Why, r.Cell)
}

func holdNeeds(t *testing.T, k Knob, key, level string) {
	for _, needed := range k.Needs {
		beside, text, _ := strings.Cut(needed, "=")
		canonical, err := Parse(beside, text)
		require.NoError(t, err)
		require.Equal(t, text, canonical)
		require.NoError(t, conflict(map[string]string{key: level, beside: text}))
		require.ErrorIs(t, conflict(map[string]string{key: level, beside: Default}), errors.ErrUnsupported)
	}
	if len(k.Needs) > 0 {
		require.ErrorContains(t, conflict(map[string]string{key: level}), "means nothing without")
	}
}

// holdGroups: what a knob says it moves is a file of a knob or is there at least,
// and twins are each other's.
func holdGroups(t *testing.T, k Knob) {
	if k.Twin != "" {
		other, ok := holder(k.Twin)
		require.True(t, ok && other.Twin != "" || twinOf(k.Twin) == k.Name, "nobody knows the twin %s", k.Twin)
		if ok {
			require.True(t, k.owns(k.Name, other.Twin), "the twin of %s is %s", other.Name, other.Twin)
		}
	}
	h := looking(t)
	for _, pattern := range k.Moves {
		files, err := h.FS.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, "moves %s, which nothing here is called", pattern)
		for _, file := range files {
			require.True(t, k.moves(file))
			require.False(t, k.owns(k.Name, file), "moves its own %s", file)
		}
	}
}

// holdSupport: a machine that has nothing says no, with a reason, and so does the
// wrong architecture and the wrong cgroup version; none of them could "not find out".
func holdSupport(t *testing.T, k Knob) {
	key, level := try(k)
	nowhere := host.Host{FS: looking(t).FS + "/nowhere", Root: true, Arch: "amd64", Kernel: "6.12.0"}
	if k.Scope == Machine {
		_, err := effects(key, level, nowhere)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		_, err = look(k, key, nowhere)
		require.NoError(t, err, "default is a level everywhere")
	}
	if k.Arch != "" {
		other := fitting(k, looking(t))
		other.Arch = "riscv64"
		_, err := effects(key, level, other)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, "this machine is riscv64")
	}
	if k.V1 != "" {
		old := fitting(k, looking(t))
		old.Cgroup, old.FS = host.CgroupV1, nowhere.FS
		_, err := effects(key, level, old)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, k.V1)
	}
}

// holdProof: readings that say what was asked for leave a level in force, and each
// reading that says something else puts it out of force.
func holdProof(t *testing.T, k Knob) {
	if k.Act {
		return // leaves nothing to read
	}
	key, level := try(k)
	all, err := Resolve(with(key, level), fitting(k, looking(t)))
	require.NoError(t, err)
	e := all.Parts[key]
	good := told(e)
	levels := map[string]string{key: level}
	effects := Effects{Parts: map[string]Effects{key: e}}
	if s, ok := Judge(levels, effects, good)[key]; len(k.Shown) == 0 && (!ok || s.Word == NotInForce) {
		t.Errorf("by readings that agree it stood %+v", s)
	}
	worse := func(what string, bad Evidence) {
		t.Helper()
		if s := Judge(levels, effects, bad)[key]; s.Word != NotInForce {
			t.Errorf("with %s otherwise it stood %+v", what, s)
		}
	}
	for _, part := range []struct {
		of  map[string]string
		set func(*Evidence, map[string]string)
	}{
		{good.Host, func(e *Evidence, m map[string]string) { e.Host = m }},
		{good.Leaf, func(e *Evidence, m map[string]string) { e.Leaf = m }},
		{good.Env, func(e *Evidence, m map[string]string) { e.Env = m }},
		{good.Build, func(e *Evidence, m map[string]string) { e.Build = m }},
	} {
		for name := range part.of {
			bad, other := good, maps.Clone(part.of)
			if other[name] = "otherwise"; name == "-pgo" {
				other[name] = "other.pgo"
			}
			part.set(&bad, other)
			worse(name, bad)
		}
	}
	for kind := range good.Provided {
		bad := good
		bad.Provided = map[resource.Kind]string{}
		worse(string(kind), bad)
	}
	if want := e.Process.Affinity; want != nil {
		bad := good
		bad.Affinity = append(slices.Clone(want), 4000)
		worse("affinity", bad)
	}
}

// told is evidence that says what was asked for.
func told(e Effects) Evidence {
	seen := Evidence{Host: map[string]string{}, Leaf: map[string]string{}, Env: maps.Clone(e.Env), Build: map[string]string{}, Provided: map[resource.Kind]string{}, Affinity: e.Process.Affinity}
	for _, w := range e.Host {
		seen.Host[w.File] = w.Value
	}
	if e.Kernel != "" {
		seen.Host[releaseFile] = e.Kernel + ".0-1-amd64"
	}
	for _, w := range e.Cgroup {
		seen.Leaf[w.File] = w.Value
	}
	for _, spec := range e.Provide {
		seen.Provided[spec.Kind] = spec.Level
	}
	for name, value := range e.Build {
		if name == "GOFLAGS" {
			name, value = flagOf(value)
		}
		seen.Build[name] = value
	}
	if seen.Build["-pgo"] == "off" {
		delete(seen.Build, "-pgo")
	}
	return seen
}
