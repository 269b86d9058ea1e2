package knob

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/resource"
)

// TestEveryKnob holds each knob to the contract, by its Try level.
func TestEveryKnob(t *testing.T) {
	require.NotEmpty(t, All())
	name := regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*(\.\*)?$`)
	for _, k := range All() {
		t.Run(k.Name, func(t *testing.T) {
			if !name.MatchString(k.Name) {
				t.Error("the name is no key: lower case, digits, dashes, dots")
			}
			for what, text := range map[string]string{"Doc": k.Doc, "Allow": k.Allow, "Try": k.Try} {
				if text == "" || strings.ContainsAny(text, "\n\t") {
					t.Errorf("%s %q is not one line", what, text)
				}
			}
			if k.Parse == nil || k.Effects == nil || k.Read == nil {
				t.Fatal("Parse, Effects and Read are obligatory")
			}
			if !slices.Contains([]Scope{Machine, Provided, Cgroup, Process, Build, Boot}, k.Scope) {
				t.Errorf("unknown scope %q", k.Scope)
			}
			if (k.Host != nil) != (k.Scope == Machine) || (k.Leaf != "") != (k.Scope == Cgroup) {
				t.Errorf("scope %s with Host %v and Leaf %q", k.Scope, k.Host != nil, k.Leaf)
			}
			if (k.Kind != "") != (k.Scope == Provided) {
				t.Errorf("scope %s provides %q", k.Scope, k.Kind)
			}
			if k.Act && k.family() || k.V1 != "" && k.Leaf == "" {
				t.Error("an act has to be known by its file, and V1 is about a leaf")
			}
			if len(k.Shown) > 0 && k.Scope != Process {
				t.Errorf("scope %s shows in %v of the process", k.Scope, k.Shown)
			}
			holdParse(t, k)
			h := machineOf(t, k)
			holdEffects(t, k, h)
			holdSession(t, k, h)
			holdRules(t, k)
			holdSupport(t, k)
			holdProof(t, k)
		})
	}
}

func try(k Knob) (key, level string) {
	key, level, _ = strings.Cut(k.Try, "=")
	return key, level
}

func holdParse(t *testing.T, k Knob) {
	key, text := try(k)
	found, ok := Lookup(key)
	require.True(t, ok && found.Name == k.Name, "Try is of another knob")
	canonical, err := Parse(key, text)
	require.NoError(t, err)
	require.Equal(t, text, canonical, "Try is not canonical")
	require.NotRegexp(t, `(^|[^"\w])\w+:\w`, k.Allow, "inside braces YAML takes text with a colon for a mapping, unless it stands in quotes")
	require.NotContains(t, []string{resource.None, Default}, text, "every machine has a level at which nothing is made: it tells nothing of the others")
	def, err := Parse(key, Default)
	require.NoError(t, err)
	require.Equal(t, Default, def)
	_, err = Parse(key, "")
	require.ErrorContains(t, err, k.Allow)
	require.ErrorContains(t, err, key)
}

func holdEffects(t *testing.T, k Knob, h host.Host) {
	key, level := try(k)
	before := content(t, h)
	a, err := k.Effects(key, level, h)
	require.NoError(t, err)
	b, err := k.Effects(key, level, h)
	require.NoError(t, err)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("two answers: %+v and %+v", a, b)
	}
	require.Equal(t, before, content(t, h), "Effects touched the machine")
	if reflect.DeepEqual(a, Effects{}) {
		t.Error("the level has no effect")
	}
	for _, w := range a.Host {
		if !h.FS.Exists(w.File) || !w.Same.Known() {
			t.Errorf("writes %+v, which is not there or can't be compared", w)
		}
	}
	if k.Host != nil && (len(a.Host) == 0 || !k.owns(key, a.Host[0].File)) {
		t.Errorf("Host is %q, but it writes %+v", k.Host(key), a.Host)
	}
	if k.Leaf != "" && (len(a.Cgroup) == 0 || a.Cgroup[0].File != k.Leaf) {
		t.Errorf("Leaf is %q, but it writes %+v", k.Leaf, a.Cgroup)
	}

	def, err := Resolve(map[string]string{key: Default}, h)
	require.NoError(t, err)
	if len(def.Host)+len(def.Provide)+len(def.Cgroup)+len(def.Env)+len(def.Build)+len(def.Process.Affinity)+len(def.Process.Words()) > 0 {
		t.Errorf("default touches something: %+v", def)
	}
	if k.Scope == Process && len(k.Shown) > 0 && !reflect.DeepEqual(k.Shown, proofs(a.Process)) {
		t.Errorf("default is looked for in %v, a level in %v", k.Shown, proofs(a.Process))
	}
	if words := a.Process.Words(); len(words) > 0 && len(k.Shown) == 0 {
		t.Errorf("nothing shows %v", words)
	}
}

func holdSession(t *testing.T, k Knob, h host.Host) {
	key, level := try(k)
	before := content(t, h)
	e, err := Resolve(with(key, level), h)
	require.NoError(t, err)
	e = e.Parts[key]
	s, err := NewSession(newJournal(t), h.FS, "test", e.Host)
	require.NoError(t, err)
	require.Equal(t, before, content(t, h), "a session wrote before it was asked to")
	changed, err := s.Apply(e.Host)
	require.NoError(t, err)
	if k.Scope == Machine && !changed {
		t.Errorf("%s changes nothing on the fake machine: choose another Try", k.Try)
	}
	wrong, err := s.Verify()
	require.NoError(t, err)
	require.Empty(t, wrong)
	report, err := s.Close(nil)
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	require.Equal(t, before, content(t, h))
}

// with is a cell that has what a level needs beside it.
func with(key, level string) map[string]string {
	levels := map[string]string{key: level}
	if k, _ := Lookup(key); len(k.Needs) > 0 {
		beside, level, _ := strings.Cut(k.Needs[0], "=")
		levels[beside] = level
	}
	return levels
}

func TestAfterAndNotNameKnobsAndHaveNoCycle(t *testing.T) {
	for _, k := range All() {
		for _, other := range slices.Concat(k.After, k.Not) {
			if _, ok := known[other]; !ok || other == k.Name {
				t.Errorf("%s names %q", k.Name, other)
			}
		}
		if slices.Contains(reach(k, map[string]bool{}), k.Name) {
			t.Errorf("%s comes after itself", k.Name)
		}
	}
}

// reach lists what k comes after, directly or not.
func reach(k Knob, seen map[string]bool) []string {
	var names []string
	for _, a := range k.After {
		if names = append(names, a); !seen[a] {
			seen[a] = true
			names = append(names, reach(known[a], seen)...)
		}
	}
	return names
}

func TestKeysAreSetInOrder(t *testing.T) {
	knobs := map[string]Knob{
		"a": {Name: "a", After: []string{"c"}}, "b": {Name: "b"}, "c": {Name: "c", After: []string{"b"}}, "d": {Name: "d"},
	}
	got := arrange([]string{"d", "a", "c", "b"}, func(key string) Knob { return knobs[key] })
	require.Equal(t, []string{"b", "c", "a", "d"}, got)
}

func TestRegisterRefusesASecondKnobOfAName(t *testing.T) {
	require.PanicsWithValue(t, "knob thp: registered twice", func() { register(Knob{Name: "thp"}) })
}

func TestLookupKnowsFamiliesByTheirMembersAlone(t *testing.T) {
	check := func(key, want string) {
		t.Helper()
		if k, ok := Lookup(key); k.Name != want || ok != (want != "") {
			t.Errorf("Lookup(%q) = %q, %v; want %q", key, k.Name, ok, want)
		}
	}
	check("thp", "thp")
	check("env.X", "env.*")
	check("env.a.b", "env.*")
	check("cpu.max", "cpu.max")
	check("env.*", "")
	check("env.", "")
	check("env", "")
	check("cpu.min", "")
	check("param.live-heap", "")
	_, err := Parse("cpu.min", "1")
	require.ErrorIs(t, err, errUnknown)
}

func FuzzParse(f *testing.F) {
	for _, k := range All() {
		key, level := try(k)
		f.Add(key, level)
		f.Add(key, "unlimited:-1")
		f.Add(key, "max")
		f.Add(key, "0.5")
		f.Add(key, "50ms/100ms")
		f.Add(key, "1.5GiB")
	}
	f.Add("cpu.max", "max 100000")
	f.Add("sysctl.vm..", "1")
	f.Add("sysctl.net/ipv4", "0 0x1")
	f.Add("numa-policy", "interleave:0-1")
	f.Add("cpu-min-freq", "2.1GHz")
	f.Add("io.max", "vda,wbps=1MiB,riops=7")
	f.Add("goarm64", "v9.0,lse,crypto")
	f.Add("cpu.max", "50000 100000")
	f.Add("cpuset.cpus", "0-7:2/4")
	f.Add("goexperiment", "nox,x")
	h, arm := machine(f, nil), machine(f, nil)
	arm.Arch, arm.Cgroup = "arm64", host.CgroupV2
	f.Fuzz(func(t *testing.T, key, text string) {
		level, err := Parse(key, text)
		if err != nil {
			return
		}
		if level == "" || strings.ContainsAny(level, "\n\x00") {
			t.Fatalf("%s=%q became %q, which can't stand in a results file", key, text, level)
		}
		again, err := Parse(key, level)
		if err != nil || again != level {
			t.Fatalf("%s=%q became %q, then %q, %v", key, text, level, again, err)
		}
		for _, h := range []host.Host{h, arm} {
			if _, err := Resolve(map[string]string{key: level}, h); err != nil && !errors.Is(err, errors.ErrUnsupported) {
				t.Fatalf("%s=%s: %v", key, level, err)
			}
		}
	})
}
