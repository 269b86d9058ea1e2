package knob

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/cgroup"
)

// Every group knob of this host in a leaf of its own, read back as evidence.
func TestRootGroupKnobsHoldInALeaf(t *testing.T) {
	h := rootHost(t)
	tree, err := cgroup.Detect("/")
	require.NoError(t, err)
	slot, err := tree.NewSlot(fmt.Sprintf("knobs-%d", os.Getpid()), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, slot.Close()) }()
	h = Reachable(h, tree.Reach)
	for i, k := range All() {
		if k.Scope != Cgroup {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			key, level := try(k)
			e, err := Resolve(with(key, level), h)
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skipf("not testable here: %v", err)
			}
			require.NoError(t, err)
			if err := tree.Reach(controller(k.Leaf)); err != nil {
				t.Skipf("not testable here: %v", err)
			}
			leaf, err := slot.Leaf(fmt.Sprint(i), "main", e.Cgroup)
			require.NoError(t, err)
			defer func() { require.NoError(t, leaf.Remove()) }()
			text, err := leaf.Read(k.Leaf)
			require.NoError(t, err)
			evidence := Evidence{Leaf: texts{k.Leaf: text}, Host: texts{}}
			for _, file := range e.Observe {
				text, err := h.FS.Read(file)
				require.NoError(t, err)
				evidence.Host[file] = text
			}
			got, ok := k.Read(key, evidence)
			if !ok || got != level {
				t.Errorf("reads %q, %v; want %q", got, ok, level)
			}
			e.Parts[key] = Effects{Cgroup: e.Parts[key].Cgroup}
			if s := Judge(texts{key: level}, e, evidence)[key]; s.Word != InForce {
				t.Errorf("stood %+v", s)
			}
		})
	}
}

// A program built with each build knob says so itself.
func TestRootBuildKnobsShowInTheBinary(t *testing.T) {
	rootHost(t) // not for its sake, but to build with an empty cache takes a while
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("go.mod", "module example.com/tree\n\ngo 1.24\n")
	write("workloads/tiny/main.go", "package main\n\nfunc main() {}\n")
	command, err := exec.LookPath("go")
	if err != nil {
		t.Skipf("no toolchain here to build with: %v", err)
	}
	cache, err := exec.Command(command, "env", "GOCACHE").Output()
	require.NoError(t, err)
	t.Setenv("GOCACHE", string(cache[:len(cache)-1])) // HOME is the builder's own
	b := build.Builder{Root: root, Cache: filepath.Join(root, "bin"), Go: command, Home: root}
	goroot, err := exec.Command(command, "env", "GOROOT").Output()
	require.NoError(t, err)
	h := looking(t)
	h.FS = "/" // where the toolchain is
	levels := texts{
		"gcflags": "-N -l", "ldflags": "-s -w", "pgo": "off", "cgo-enabled": "0",
		"toolchain": string(goroot[:len(goroot)-1]), "go-language": "1.23",
	}
	if h.Arch == "amd64" {
		levels["goamd64"] = "v2"
	}
	e, err := Resolve(levels, h)
	require.NoError(t, err)
	bin, err := b.Build(t.Context(), "tiny", e.Build)
	require.NoError(t, err)
	standings := Judge(levels, e, Evidence{Build: bin.Settings})
	for key := range levels {
		if s := standings[key]; s.Word != InForce {
			t.Errorf("%s stood %+v, by %v", key, s, bin.Settings)
		}
	}
	plain, err := b.Build(t.Context(), "tiny", nil)
	require.NoError(t, err)
	if bin.SHA256 == plain.SHA256 {
		t.Error("the flags made no difference to the binary")
	}
}
