package build

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// KeyDebugs is what a binary's Settings hold of the toolchain that built it: the
// settings of GODEBUG that its packages read, by name, with commas between. It is
// not there where the toolchain's sources could not be read.
const KeyDebugs = "godebugs"

// A Toolchain is what the sources of a toolchain know by name.
type Toolchain struct {
	Root        string              // its GOROOT
	Debugs      map[string]string   // settings of GODEBUG: "gctrace", "cpu.avx2" -> the package that reads it; nil where that could not be found out
	CPU         map[string][]string // of these the ones of processors, by GOARCH
	Experiments []string            // names that GOEXPERIMENT takes, without "no" before them, sorted; nil likewise
}

// ErrNoToolchain is wrapped where a toolchain of a version can't be had.
var ErrNoToolchain = errors.New("this toolchain can't be had")

// Toolchain is the one that builds with some build settings, of which GOROOT and
// GOTOOLCHAIN choose it, in a folder relative to the tree ("": the tree). One that is
// asked for by version is fetched where it is not there.
func (b Builder) Toolchain(ctx context.Context, dir string, settings map[string]string) (Toolchain, error) {
	if b.Kit != "" {
		kit, err := OpenKit(b.Kit)
		return kit.toolchain(settings), err
	}
	if root := settings[keyRoot]; root != "" {
		return readToolchain(root)
	}
	env := map[string]string{}
	version, asked := settings["GOTOOLCHAIN"]
	if asked {
		env["GOTOOLCHAIN"] = version
	}
	out, err := b.from(dir).run(ctx, env, "env", "GOROOT")
	if err != nil && asked && ctx.Err() == nil {
		lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\t' })
		return Toolchain{}, fmt.Errorf("%w: %s", ErrNoToolchain, strings.Join(lines, "; "))
	}
	if err != nil {
		return Toolchain{}, err
	}
	return readToolchain(strings.TrimSpace(string(out)))
}

// toolchain is what the binaries of a kit say of the one that built them.
func (k Kit) toolchain(settings map[string]string) (t Toolchain) {
	for _, bin := range k.Binaries {
		if names, ok := bin.Settings[KeyDebugs]; ok && bin.Env[keyRoot] == settings[keyRoot] && bin.Env["GOTOOLCHAIN"] == settings["GOTOOLCHAIN"] {
			t.Debugs = map[string]string{}
			for name := range strings.SplitSeq(names, ",") {
				t.Debugs[name] = ""
			}
			return t
		}
	}
	return t
}

// known are the settings of GODEBUG that a toolchain's binaries for an architecture
// read, as a binary's Settings have them. Those of the go command are none of them.
func (t Toolchain) known(arch string) (names string, ok bool) {
	if t.Debugs == nil {
		return "", false
	}
	own := maps.Clone(t.Debugs)
	maps.DeleteFunc(own, func(name, by string) bool {
		return by == GoCommand || by == cpuPackage && !slices.Contains(t.CPU[arch], name)
	})
	return strings.Join(slices.Sorted(maps.Keys(own)), ","), true
}

// GoCommand is the package of settings that only the go command reads.
const GoCommand = "cmd/go"
