package knob

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

// Judge says how each level of a cell stood in one trial. Effects are what
// [Resolve] gave for the levels. First the readings are held against what was
// asked for: the leaf, the environment, the binary, the affinity; host files
// also by [Session.Verify]. Then the knob's own Check looks at its mechanism.
//
// A key has no standing where its level is default, or where nothing that
// could prove it was looked at.
func Judge(levels map[string]string, effects Effects, e Evidence) map[string]Standing {
	standings := make(map[string]Standing)
	for _, key := range inOrder(levels) {
		level := levels[key]
		part, ok := effects.Parts[key]
		if level == Default || !ok {
			continue
		}
		r := readings{e: e}
		r.take(part)
		if !r.looked {
			if len(part.Env) > 0 {
				standings[key] = Standing{Unproved, "the process had ended before its environment could be read"}
			}
			continue
		}
		k, _ := Lookup(key)
		standings[key] = r.judge(k, key, level)
	}
	return standings
}

// readings hold evidence against what was asked for.
type readings struct {
	e       Evidence
	looked  bool     // at something that proves the level
	wrong   []string // what was found otherwise
	rounded []string // what the kernel made of it
}

func (r *readings) take(part Effects) {
	for _, w := range part.Host {
		r.looked = true // the session verified it, whatever else was read
		if r.e.Host != nil && !isAct(w.File) {
			r.host(w)
		}
	}
	if part.Kernel != "" && r.e.Host != nil {
		text, ok := r.e.Host[releaseFile]
		r.hold("the kernel", part.Kernel, strings.TrimSpace(text), ok, Series(text) == part.Kernel)
	}
	for _, spec := range part.Provide {
		if r.e.Provided != nil {
			r.provided(spec)
		}
	}
	for _, w := range part.Cgroup {
		if r.e.Leaf != nil {
			r.leaf(w)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(part.Env)) {
		if r.e.Env != nil {
			text, ok := r.e.Env[name]
			r.hold(name, part.Env[name], text, ok, sameVariable(name, text, part.Env[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(part.Build)) {
		if r.e.Build != nil {
			r.build(name, part.Build[name])
		}
	}
	if r.e.Process != nil {
		r.process(part.Process)
	}
	if want := part.Process.Affinity; want != nil && r.e.Affinity != nil {
		got := r.e.Affinity
		r.hold("affinity", host.FormatCPUs(want), host.FormatCPUs(got), true, slices.Equal(got, want))
	}
}

func (r *readings) hold(what, want, got string, there, same bool) {
	r.looked = true
	switch {
	case !there:
		r.wrong = append(r.wrong, what+" was not there")
	case !same:
		r.wrong = append(r.wrong, fmt.Sprintf("%s was %s, not %s", what, got, want))
	}
}

// host allows what the kernel rounds: a frequency to one that there is. That
// the number found is the one that the kernel made of the level, and nobody
// else's, is the session's to say, which verifies it on either side of a trial.
func (r *readings) host(w sysfs.Write) {
	text, ok := r.e.Host[w.File]
	got := sysfs.Selected(text)
	if ok && w.Same == sysfs.Number && isNumber(got) && !w.Same.Equal(text, w.Value) {
		r.rounded = append(r.rounded, fmt.Sprintf("%s: the kernel made %s of %s", w.File, got, w.Value))
		return
	}
	r.hold(w.File, w.Value, got, ok, w.Same.Equal(text, w.Value))
}

// isNumber says of the text of a file that it is one number or several.
func isNumber(text string) bool {
	words := strings.Fields(text)
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool {
		_, err := strconv.ParseInt(w, 10, 64)
		return err != nil
	})
}

// leaf allows what the kernel rounds: a limit in bytes to whole pages.
func (r *readings) leaf(w sysfs.Write) {
	got, ok := r.e.Leaf[w.File]
	if controller(w.File) == "memory" && ok && roundedDown(got, w.Value) {
		r.looked = true
		r.rounded = append(r.rounded, fmt.Sprintf("%s was rounded to %s", w.File, got))
		return
	}
	r.hold(w.File, w.Value, strings.TrimSpace(got), ok, sameLeaf(w, got))
}

func sameLeaf(w sysfs.Write, got string) bool {
	if w.File != cpusetFile && w.File != memsFile {
		return sysfs.Number.Equal(got, w.Value) // field by field; "max" as text
	}
	a, err := host.ParseCPUs(got)
	b, err2 := host.ParseCPUs(w.Value)
	return err == nil && err2 == nil && slices.Equal(a, b)
}

// largestPage is that of arm64 and ppc64 kernels.
const largestPage = 64 << 10

func roundedDown(got, want string) bool {
	g, err := strconv.ParseInt(strings.TrimSpace(got), 10, 64)
	if err != nil {
		return false
	}
	w, err := strconv.ParseInt(want, 10, 64)
	return err == nil && g < w && w-g < largestPage
}

// sameVariable looks in GODEBUG for the one setting, as other keys stand beside it.
func sameVariable(name, got, want string) bool {
	if name != "GODEBUG" {
		return got == want
	}
	key, value, _ := strings.Cut(want, "=")
	found, ok := debugSetting(got, key)
	return ok && found == value
}

// build holds one setting against the binary's. Flags stand there one by one.
func (r *readings) build(name, want string) {
	if name == "GOFLAGS" {
		r.flag(want)
		return
	}
	text, ok := r.e.Build[name]
	r.hold(name, want, text, ok, sameSetting(name, text, want))
}

func sameSetting(name, got, want string) bool {
	if name != "GOEXPERIMENT" {
		return got == want
	}
	canonical, err := experiments(got)
	return err == nil && canonical == want
}

func (r *readings) judge(k Knob, key, level string) Standing {
	if len(r.wrong) > 0 {
		return Standing{Word: NotInForce, Why: strings.Join(r.wrong, "; ")}
	}
	s := Standing{Word: InForce}
	if k.Check != nil {
		s = k.Check(key, level, r.e)
	}
	if s.Why != "" {
		r.rounded = append(r.rounded, s.Why)
	}
	s.Why = strings.Join(r.rounded, "; ")
	return s
}

// Effective is what a trial recorded beside its levels: by key, a level that
// the kernel rounded, or that was default; by file, what was observed with a level.
func Effective(levels map[string]string, effects Effects, e Evidence) map[string]string {
	found := make(map[string]string)
	for _, key := range inOrder(levels) {
		k, _ := Lookup(key)
		text, ok := k.Read(key, e)
		if text = strings.TrimSpace(text); ok && text != levels[key] {
			found[key] = text
		}
	}
	for _, file := range effects.Observe {
		if text, ok := e.Host[file]; ok && !holds(levels, file) {
			found[file] = sysfs.Selected(text)
		}
	}
	return found
}

// holds says whether a file is that of a key of the cell, and so recorded by it.
func holds(levels map[string]string, file string) bool {
	for key := range levels {
		if k, ok := Lookup(key); ok && k.owns(key, file) {
			return true
		}
	}
	return false
}
