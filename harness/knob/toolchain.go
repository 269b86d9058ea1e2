package knob

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

const toolchainKey = "toolchain"

var _ = register(Knob{
	Name:  toolchainKey,
	Doc:   "Go toolchain that the workload is built with: compiler, linker, runtime and standard library",
	Scope: Build,
	Allow: "a version such as go1.26.3, or the full path of a GOROOT such as /opt/go-tip",
	Try:   "toolchain=go1.26.3",
	Note:  "a version that is not there is fetched by the go command (GOTOOLCHAIN); one older than the go line of go.mod refuses to build",
	Parse: func(_, text string) (string, error) {
		switch {
		case goVersion.MatchString(text):
			return text, nil
		case !filepath.IsAbs(text) || filepath.Clean(text) != text || strings.ContainsAny(text, "' "):
			return "", fmt.Errorf("%q is neither a version of Go nor the full path of a folder", text)
		}
		return text, plain(text)
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		if !filepath.IsAbs(level) {
			return Effects{Build: chosen(level)}, nil
		}
		_, err := h.FS.Read(filepath.Join(level[1:], "src/runtime/proc.go"))
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && !h.FS.Exists(filepath.Join(level[1:], "bin/go")):
			return Effects{}, unsupported("%s is no GOROOT: it has no bin/go with src/runtime beside it (build one with src/make.bash)", level)
		case err != nil:
			return Effects{}, err
		}
		return Effects{Build: chosen(level)}, nil
	},
	Read: func(_ string, e Evidence) (string, bool) {
		if root := e.Build["GOROOT"]; root != "" {
			return root, true
		}
		return fromBuild("GOTOOLCHAIN", e)
	},
})

// goVersion is a release or a candidate (go.dev/doc/toolchain).
var goVersion = regexp.MustCompile(`^go1\.[1-9][0-9]*(\.[0-9]+|rc[0-9]+)$`)

// chosen are the build settings of a level.
func chosen(level string) map[string]string {
	if filepath.IsAbs(level) {
		return map[string]string{"GOROOT": level}
	}
	return map[string]string{"GOTOOLCHAIN": level}
}
