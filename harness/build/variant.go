package build

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Build settings that are not variables of the go command. They choose which one
// runs, and by which go.mod.
const (
	// keyRoot is the folder of another toolchain, whose go command then builds.
	keyRoot = "GOROOT"
	// keyMod is the go line of another go.mod: "go 1.24". It decides the version of
	// the language and the defaults of GODEBUG (go.dev/doc/godebug).
	keyMod = "go.mod"
)

// A variant is how the go command is run for one set of build settings.
type variant struct {
	Builder
	env map[string]string // its variables
}

// variant makes what the settings need beside variables, in a scratch folder.
func (b Builder) variant(ctx context.Context, settings map[string]string, scratch string) (variant, error) {
	v := variant{Builder: b, env: map[string]string{}}
	for name, value := range settings {
		switch name {
		case keyRoot:
			v.Go = filepath.Join(value, "bin", "go")
			v.env["GOTOOLCHAIN"] = "local" // it is to build, not to choose another
		case keyMod:
		default:
			v.env[name] = value
		}
	}
	line, other := settings[keyMod]
	if !other {
		return v, nil
	}
	mod, err := v.modfile(ctx, strings.TrimPrefix(line, "go "), scratch)
	v.env["GOFLAGS"] = strings.TrimSpace(v.env["GOFLAGS"] + " '-modfile=" + mod + "'")
	return v, err
}

// modfile copies go.mod with another go line, and go.sum, which the go command
// looks for beside it. The tree stays as it is.
func (v variant) modfile(ctx context.Context, version, scratch string) (string, error) {
	mod := filepath.Join(scratch, "go.mod")
	for _, step := range [][]string{
		{"cp", "go.mod", mod},
		{"cp", "go.sum", filepath.Join(scratch, "go.sum")},
		{v.Go, "mod", "edit", "-go=" + version, mod},
	} {
		if _, _, err := v.command(ctx, nil, step[0], step[1:]...); err != nil {
			if step[0] == "cp" && step[1] == "go.sum" {
				continue // a module without dependencies has none
			}
			return "", fmt.Errorf("build with go %s in go.mod: %w", version, err)
		}
	}
	return mod, nil
}

// witness adds to what a binary says of itself what it leaves out, from what the
// go command did: which one it was, which go.mod it read, and under -trimpath,
// where build info is silent about them, what the linker was called with. It also
// says which settings of GODEBUG there are for the binary to read.
func (v variant) witness(ctx context.Context, asked, says map[string]string, trace []byte) error {
	says["GOTOOLCHAIN"], _, _ = strings.Cut(says["go"], " ")
	out, err := v.run(ctx, v.env, "env", "GOROOT")
	if err != nil {
		return fmt.Errorf("build: ask which toolchain built: %w", err)
	}
	root := strings.TrimSpace(string(out))
	if asked[keyRoot] != "" {
		says[keyRoot] = root
	}
	if t, err := readToolchain(root); err == nil { // else it is not found out
		if names, ok := t.known(says["GOARCH"]); ok {
			says[KeyDebugs] = names
		}
	}
	if asked[keyMod] != "" {
		out, err := v.run(ctx, v.env, "list", "-m", "-f", "go {{.GoVersion}}")
		if err != nil {
			return fmt.Errorf("build: ask which go.mod built: %w", err)
		}
		says[keyMod] = strings.TrimSpace(string(out))
	}
	if flags, ok := linkFlags(asked["GOFLAGS"]); ok && linked(trace, flags) {
		says["-ldflags"] = flags
	}
	return nil
}

// linkFlags are those for the linker among the flags of go build.
func linkFlags(goflags string) (string, bool) {
	for _, word := range Flags(goflags) {
		if flags, ok := strings.CutPrefix(word, "-ldflags="); ok {
			return flags, true
		}
	}
	return "", false
}

// Flags are the words of GOFLAGS, without their quotes: "-ldflags=-s -w".
func Flags(text string) []string {
	return strings.FieldsFunc(quoted(text), func(r rune) bool { return r == '\x00' })
}

// quoted splits GOFLAGS as the go command does, at blanks outside of quotes,
// and joins the words with zeros.
func quoted(text string) string {
	inside := false
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\'':
			inside = !inside
			return -1
		case r == ' ' && !inside:
			return '\x00'
		}
		return r
	}, text)
}

// linked says whether the trace of a build (go build -x) calls the linker with
// flags, one after the other.
func linked(trace []byte, flags string) bool {
	want := strings.Fields(flags)
	for line := range strings.Lines(string(trace)) {
		words := strings.Fields(line)
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(w, "/link") }) {
			continue
		}
		for i := range words {
			if len(words)-i >= len(want) && slices.Equal(words[i:i+len(want)], want) {
				return true
			}
		}
	}
	return false
}
