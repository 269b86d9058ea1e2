package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	p, err := b.Packer(ctx, dir, arch)
	if err != nil {
		return Kit{}, err
	}
	for _, program := range programs {
		for _, env := range settings {
			if _, err := p.Build(ctx, program, env); err != nil {
				return p.kit, err
			}
		}
	}
	return p.kit, p.Close()
}

// A Packer makes what its builder does, for an architecture, and puts it into a kit.
// What it has made before it does not make again.
type Packer struct {
	builder Builder
	dir     string
	kit     Kit
}

// Packer begins a kit in dir, which is whole after [Packer.Close].
func (b Builder) Packer(ctx context.Context, dir, arch string) (*Packer, error) {
	p := &Packer{builder: b, dir: dir, kit: Kit{Arch: arch}}
	var err error
	if p.kit.Go, err = b.Version(ctx); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	return p, nil
}

// Close writes what the kit holds.
func (p *Packer) Close() error {
	text, err := json.MarshalIndent(p.kit, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.dir, kitFile), append(text, '\n'), 0o644)
}

// Build packs a workload, as of [Builder.Build].
func (p *Packer) Build(ctx context.Context, program string, env map[string]string) (Binary, error) {
	return p.once(program, env, func(with map[string]string) (Binary, error) { return p.builder.Build(ctx, program, with) })
}

// Test packs the test binary of a package, as of [Builder.Test], and what is below
// the package's testdata.
func (p *Packer) Test(ctx context.Context, dir, path string, env map[string]string) (Binary, error) {
	return p.once(path, env, func(with map[string]string) (Binary, error) {
		bin, err := p.builder.Test(ctx, dir, path, with)
		if err != nil {
			return bin, err
		}
		return bin, p.testdata(bin.Dir)
	})
}

// Command packs the program of a command. It has no folder of its own elsewhere.
func (p *Packer) Command(ctx context.Context, name, dir string) (Binary, error) {
	if dir != "" {
		return Binary{}, fmt.Errorf("command %s: its folder %s is not packed: leave workload.dir out", name, dir)
	}
	return p.once(name, nil, func(map[string]string) (Binary, error) { return p.builder.Command(ctx, name, "") })
}

// once makes a binary unless the kit has it. It is known there by the settings asked
// for, whatever machine made it.
func (p *Packer) once(program string, env map[string]string, make func(with map[string]string) (Binary, error)) (Binary, error) {
	if i := p.kit.index(program, env); i >= 0 {
		return p.kit.Binaries[i], nil
	}
	with := map[string]string{"GOARCH": p.kit.Arch}
	maps.Copy(with, env)
	bin, err := make(with)
	if err != nil {
		return bin, err
	}
	bin.Env = env
	p.kit.Binaries = append(p.kit.Binaries, bin)
	return bin, copyFile(bin.Path, filepath.Join(p.dir, bin.SHA256))
}

// packageFolder is where a kit has the files of the package whose tests it holds.
const packageFolder = "package"

// testdata takes the files along that tests find beside them. Links are not followed
// out of the package.
func (p *Packer) testdata(folder string) error {
	from, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	defer from.Close()
	if _, err := from.Stat("testdata"); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	data, err := fs.Sub(from.FS(), "testdata")
	if err == nil {
		to := filepath.Join(p.dir, packageFolder, "testdata")
		err = errors.Join(os.RemoveAll(to), os.CopyFS(to, data))
	}
	if err != nil {
		return fmt.Errorf("build: take testdata along: %w", err)
	}
	return nil
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

// packed is what the kit has in the place of a binary to be made.
func (b Builder) packed(program string, env map[string]string) (Binary, error) {
	kit, err := OpenKit(b.Kit)
	if err != nil {
		return Binary{}, err
	}
	return kit.find(b.Kit, program, env)
}

func (k Kit) index(program string, env map[string]string) int {
	return slices.IndexFunc(k.Binaries, func(b Binary) bool { return b.Program == program && maps.Equal(b.Env, env) })
}

// find gives the binary that a kit has in the place of one to be built. Its bytes
// are held against its name: a kit travels.
func (k Kit) find(dir, program string, env map[string]string) (Binary, error) {
	if k.Arch != runtime.GOARCH {
		return Binary{}, fmt.Errorf("build %s: the kit %s is for %s, and this machine is %s (make one with: assay build --to DIR --goarch %s)", program, dir, k.Arch, runtime.GOARCH, runtime.GOARCH)
	}
	i := k.index(program, env)
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
