package knob

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "godebug.*",
	Doc:   "one setting of GODEBUG, such as godebug.gctrace or godebug.cpu.avx2; merged by key, never replacing the rest",
	Scope: Process,
	Allow: "any text without comma or white space; of a feature of the processor, such as godebug.cpu.avx2, on or off",
	Try:   "godebug.gctrace=1",
	Note:  "keys are the toolchain's, which knows those that are documented, the runtime's own, those of features of the processor and a few that packages read; a program ignores any other. A feature that GOAMD64 takes for granted can't be switched off",
	Parse: func(key, text string) (string, error) {
		if !godebugKey.MatchString(member(key)) {
			return "", fmt.Errorf("%q is no key of GODEBUG: lower-case letters and digits, or cpu. and a feature", member(key))
		}
		if isFeature(member(key)) && text != "on" && text != "off" {
			return "", fmt.Errorf("%q is neither on nor off", text)
		}
		if strings.ContainsAny(text, ", \t") {
			return "", fmt.Errorf("%q has a comma or white space, which ends a setting of GODEBUG", text)
		}
		return text, plain(text)
	},
	Effects: func(key, level string, _ host.Host) (Effects, error) {
		return variable("GODEBUG", member(key)+"="+level), nil
	},
	Clash: debugClash,
	Refuses: []Refusal{
		{Cell: "godebug.cpu.avx2=off goamd64=v3", Why: "takes avx2 for granted"},
		{Cell: "godebug.netdns=cgo cgo-enabled=0", Why: "without the C library's resolver"},
		{Cell: "godebug.netdns=2+cgo cgo-enabled=0", Why: "without the C library's resolver"},
	},
	Knows:   debugKnown,
	Check:   debugRead,
	Checked: "the toolchain that built the binary has such a setting in its sources (internal/godebugs, runtime, internal/cpu); of a feature of the processor, the runtime made no complaint of it on stderr; for netdns=cgo, the binary was built with cgo",
	Read: func(key string, e Evidence) (string, bool) {
		if e.Env == nil {
			return "", false
		}
		for _, text := range []string{e.Env["GODEBUG"], e.Build["DefaultGODEBUG"]} { // the latter by the go line of its module
			if v, ok := debugSetting(text, member(key)); ok {
				return v, true
			}
		}
		return unset, true
	},
})

var godebugKey = regexp.MustCompile(`^([a-z][a-z0-9]*|cpu\.[a-zA-Z][a-zA-Z0-9_]*)$`)

// isFeature says whether a setting is one of a feature of the processor, which
// internal/cpu reads.
func isFeature(name string) bool { return strings.HasPrefix(name, "cpu.") }

// debugKnown holds a key against the tables of the toolchain.
func debugKnown(key, _ string, t build.Toolchain) *Misfit {
	name := member(key)
	by, known := t.Debugs[name]
	switch {
	case t.Debugs == nil:
		return nil
	case known && by == build.GoCommand:
		return &Misfit{Why: fmt.Sprintf("only the go command reads %s, and no workload does", name)}
	case known:
		return nil
	}
	return &Misfit{Text: name, There: slices.Sorted(maps.Keys(t.Debugs)),
		Why: fmt.Sprintf("the toolchain in %s has no setting %q of GODEBUG, and would ignore it", t.Root, name)}
}

// debugRead is the check of a key: the environment holds any, and a program takes
// no notice of one that it does not know.
func debugRead(key, level string, e Evidence) Standing {
	names, ok := e.Build[build.KeyDebugs]
	name := member(key)
	if isFeature(name) {
		if said := complaint(name, e); said != "" {
			return Standing{Word: NotInForce, Why: "the runtime said: " + said}
		}
		if _, isGo := e.Build["go"]; isGo && !ok {
			return Standing{Word: InForce, Why: "the runtime said nothing against it"}
		}
	}
	switch {
	case !ok:
		return Standing{Word: Unproved, Why: "it is in the environment; whether the program reads it could not be found out, as the sources of the toolchain that built it are not known"}
	case !slices.Contains(strings.Split(names, ","), name):
		return Standing{Word: NotInForce, Why: fmt.Sprintf("the toolchain that built the binary has no setting %q of GODEBUG", name)}
	case name == "netdns" && asksC(level) && e.Build["CGO_ENABLED"] == "0":
		return Standing{Word: NotInForce, Why: "the binary was built without cgo, and so has no other resolver than Go's: set cgo-enabled=1 beside it"}
	}
	return Standing{Word: InForce}
}

// complaint is what the runtime said of a feature as the program started: that there is
// no such one, or that the processor lacks it (internal/cpu, processOptions).
func complaint(name string, e Evidence) string {
	_, feature, _ := strings.Cut(name, ".")
	i := slices.IndexFunc(e.Said, func(line string) bool { return strings.Contains(line, strconv.Quote(feature)) })
	if i < 0 {
		return ""
	}
	return e.Said[i]
}

// granted are the features that a level of GOAMD64 and those above it take for granted
// (go.dev/wiki/MinimumRequirements): what is built for it has no setting of them.
var granted = map[string][]string{
	"v2": {"popcnt", "sse3", "sse41", "sse42", "ssse3"},
	"v3": {"avx", "avx2", "bmi1", "bmi2", "fma"},
	"v4": {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"},
}

// debugClash: what a binary was built to do without asking, no setting changes.
func debugClash(key string, levels map[string]string) error {
	_, feature, _ := strings.Cut(member(key), ".")
	built := levels["goamd64"]
	for least, features := range granted {
		if isFeature(member(key)) && slices.Contains(features, feature) && built != Default && built >= least {
			return unsupported("%s=%s and goamd64=%s can't be set together: what is built for it takes %s for granted, and has no such setting", key, levels[key], built, feature)
		}
	}
	return resolverClash(key, levels)
}

// resolverClash: a binary without cgo has Go's resolver alone, whatever netdns says.
func resolverClash(key string, levels map[string]string) error {
	if member(key) == "netdns" && asksC(levels[key]) && levels["cgo-enabled"] == "0" {
		return unsupported("%s=%s and cgo-enabled=0 can't be set together: the binary is built without the C library's resolver (set cgo-enabled=1, or leave one of them out)", key, levels[key])
	}
	return nil
}

// asksC says of a level of netdns whether it asks for the C library's resolver:
// "cgo", or with a level of logging "cgo+2", "2+cgo" (net, "Name Resolution").
func asksC(level string) bool { return slices.Contains(strings.Split(level, "+"), "cgo") }

// debugSetting finds a key in GODEBUG's text. The last of several wins, as in the runtime.
func debugSetting(text, key string) (value string, found bool) {
	for s := range strings.SplitSeq(text, ",") {
		if k, v, ok := strings.Cut(s, "="); ok && k == key {
			value, found = v, true
		}
	}
	return value, found
}
