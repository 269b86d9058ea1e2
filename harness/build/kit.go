package build

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// A Kit is binaries made on one machine for another that has no Go toolchain: a
// small board, a guest. It is a folder of binaries by their SHA-256 and of this
// as kit.json.
type Kit struct {
	Go       string   `json:"go"`   // the toolchain: "go1.26.0"
	Arch     string   `json:"arch"` // GOARCH
	Binaries []Binary `json:"binaries"`
}

const kitFile = "kit.json"

// Pack builds programs for an architecture with each of the build settings,
// and writes a kit into dir. Settings are as in [Builder.Build]; nil, the default
// ones, is what an experiment without build knobs asks for.
func (b Builder) Pack(ctx context.Context, dir, arch string, programs []string, settings ...map[string]string) (Kit, error) {
	kit := Kit{Arch: arch}
	var err error
	if kit.Go, err = b.Version(ctx); err != nil {
		return kit, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return kit, fmt.Errorf("build: %w", err)
	}
	for _, program := range programs {
		for _, env := range settings {
			bin, err := b.packed(ctx, dir, arch, program, env)
			if err != nil {
				return kit, err
			}
			kit.Binaries = append(kit.Binaries, bin)
		}
	}
	text, err := json.MarshalIndent(kit, "", " ")
	if err != nil {
		return kit, err
	}
	return kit, os.WriteFile(filepath.Join(dir, kitFile), append(text, '\n'), 0o644)
}

// packed is known in the kit by the settings asked for, whatever machine made it.
func (b Builder) packed(ctx context.Context, dir, arch, program string, env map[string]string) (Binary, error) {
	with := maps.Clone(env)
	if with == nil {
		with = map[string]string{}
	}
	if with["GOARCH"] == "" {
		with["GOARCH"] = arch
	}
	bin, err := b.Build(ctx, program, with)
	if err != nil {
		return bin, err
	}
	bin.Env = env
	return bin, copyFile(bin.Path, filepath.Join(dir, bin.SHA256))
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return fmt.Errorf("build: %w", err)
	}
	return out.Close()
}

// OpenKit reads the kit in a folder.
func OpenKit(dir string) (Kit, error) {
	var kit Kit
	text, err := os.ReadFile(filepath.Join(dir, kitFile))
	if err == nil {
		err = json.Unmarshal(text, &kit)
	}
	if err != nil {
		return kit, fmt.Errorf("build: open the kit %s: %w (make it with: assay build --to DIR)", dir, err)
	}
	return kit, nil
}

// Programs lists the workloads of a kit, sorted.
func (k Kit) Programs() []string {
	names := map[string]bool{}
	for _, bin := range k.Binaries {
		names[bin.Program] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// find gives the binary that a kit has in the place of one to be built. Its bytes
// are held against its name: a kit travels.
func (k Kit) find(dir, program string, env map[string]string) (Binary, error) {
	if k.Arch != runtime.GOARCH {
		return Binary{}, fmt.Errorf("build %s: the kit %s is for %s, and this machine is %s (make one with: assay build --to DIR --goarch %s)", program, dir, k.Arch, runtime.GOARCH, runtime.GOARCH)
	}
	i := slices.IndexFunc(k.Binaries, func(b Binary) bool { return b.Program == program && maps.Equal(b.Env, env) })
	if i < 0 {
		return Binary{}, fmt.Errorf("build %s%s: the kit %s has no such binary (make one with: assay build --to DIR)", program, show(env), dir)
	}
	bin := k.Binaries[i]
	bin.Path = filepath.Join(dir, bin.SHA256)
	s, err := Sum(bin.Path)
	if err != nil {
		return bin, fmt.Errorf("build %s: the kit: %w", program, err)
	}
	if s != bin.SHA256 {
		return bin, fmt.Errorf("build %s: %s is not what the kit says (its SHA-256 is %s): copy the kit again", program, bin.Path, s)
	}
	return bin, nil
}
