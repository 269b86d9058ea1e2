package knob

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
)

// Flags of go build go by way of GOFLAGS, which the go command splits at spaces
// outside of quotes, and knows no way to quote a quote.

// withFlag is the effect of one flag of go build.
func withFlag(name, value string) Effects {
	word := name + "=" + value
	if strings.Contains(word, " ") {
		word = "'" + word + "'"
	}
	return buildWith("GOFLAGS", word)
}

// WithLayout gives build settings that also have the linker place functions in
// the order drawn from seed, which is above 0. Of two -ldflags the go command
// takes the last, so it joins the one that a level may have set.
func WithLayout(settings map[string]string, seed uint64) map[string]string {
	with := maps.Clone(settings)
	if with == nil {
		with = map[string]string{}
	}
	flags := fmt.Sprintf("-randlayout=%d", seed)
	var words []string
	for _, word := range build.Flags(settings["GOFLAGS"]) {
		if name, value := flagOf(word); name == "-ldflags" {
			flags = value + " " + flags
		} else {
			words = append(words, withFlag(name, value).Build["GOFLAGS"])
		}
	}
	words = append(words, withFlag("-ldflags", flags).Build["GOFLAGS"])
	with["GOFLAGS"] = strings.Join(words, " ")
	return with
}

// flagOf is the opposite of withFlag.
func flagOf(word string) (name, value string) {
	name, value, _ = strings.Cut(strings.Trim(word, "'"), "=")
	return name, value
}

// flag holds a flag of go build against the binary's build info; what the linker
// was called with the build itself has seen.
func (r *readings) flag(word string) {
	name, want := flagOf(word)
	got, there := r.e.Build[name]
	switch {
	case name == "-pgo" && want == "off":
		r.hold(name, "off", got, true, !there)
		return
	case name == "-pgo":
		want = want[strings.LastIndexByte(want, '/')+1:] // as -trimpath leaves it
	case name == "-ldflags": // among which may be the block's layout
		r.hold(name, want, got, there, strings.Contains(" "+got+" ", " "+want+" "))
		return
	}
	r.hold(name, want, got, there, got == want)
}

// toolFlags fills in a knob whose level is passed on to a tool of the toolchain.
func toolFlags(k Knob, flag string) Knob {
	k.Scope = Build
	k.Parse = func(_, text string) (string, error) {
		words := strings.Fields(text)
		switch {
		case len(words) == 0:
			return "", errors.New("no flags are given")
		case strings.ContainsAny(text, `'"`):
			return "", fmt.Errorf("%q has quotes, which can't be passed on", text)
		case !strings.Contains(words[0], "-"):
			return "", fmt.Errorf("%q does not begin with a flag", text)
		}
		text = strings.Join(words, " ")
		return text, plain(text)
	}
	k.Effects = func(_, level string, _ host.Host) (Effects, error) { return withFlag(flag, level), nil }
	k.Read = func(_ string, e Evidence) (string, bool) { return fromBuild(flag, e) }
	return k
}
