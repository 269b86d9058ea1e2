package build

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Test makes the test binary of one package, as seen from a folder: of the
// folder's own module or, where it holds a go.work, of its workspace, or of the
// standard library. An empty dir is the tree's.
// The binary runs in the package's folder, as under go test.
func (b Builder) Test(ctx context.Context, dir, path string, env map[string]string) (Binary, error) {
	if b.Kit != "" {
		return b.packedTest(path, env)
	}
	bin := Binary{Program: path, Env: env}
	folder, err := b.Package(ctx, dir, path)
	if err != nil {
		return bin, err
	}
	bin.Dir = folder
	// Vet has its say when the package is tested, and none in what it measures.
	in := b.from(dir)
	made, err := in.make(ctx, bin, []string{"test", "-c", "-vet=off"}, path)
	if err != nil {
		return made, in.withoutWork(in.withoutC(ctx, err, path, env))
	}
	root, err := in.run(ctx, nil, "env", "GOROOT")
	made.Root = cmp.Or(env["GOROOT"], strings.TrimSpace(string(root)))
	return made, err
}

// workFile is what makes a folder a workspace of several modules.
const workFile = "go.work"

// withoutWork adds to an error of a module that its workspace was left out, where it
// lies in one: what builds there may not build without.
func (b Builder) withoutWork(err error) error {
	for dir := b.Root; b.work == "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, none := os.Stat(filepath.Join(dir, workFile)); none == nil {
			return fmt.Errorf("%w\nbuilt without the workspace above it: name that as dir to build in it (dir: %s)", err, dir)
		}
	}
	return err
}

const keyCgo = "CGO_ENABLED"

// withoutC adds to the error of a build which packages have C in them, where that was
// left out, as it is unless a setting says otherwise: what is declared beside it was too.
func (b Builder) withoutC(ctx context.Context, err error, path string, env map[string]string) error {
	if env[keyCgo] == "1" {
		return err
	}
	const having = `{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}`
	out, wrong := b.run(ctx, map[string]string{keyCgo: "1"}, "list", "-deps", "-f", having, "--", path)
	if names := strings.Fields(string(out)); wrong == nil && len(names) > 0 {
		return fmt.Errorf("%w\n%s: built without its files that import \"C\" (hold the knob cgo-enabled at 1, which needs a C compiler)", err, strings.Join(names, ", "))
	}
	return err
}

// packedTest is a test binary of the kit. It runs where its testdata is, if it has any.
func (b Builder) packedTest(path string, env map[string]string) (Binary, error) {
	bin, err := b.packed(path, env)
	folder := filepath.Join(b.Kit, packageFolder)
	if _, there := os.Stat(folder); there == nil {
		bin.Dir = folder
	}
	return bin, err
}

// Package finds the folder of a package that has tests. The error is the go
// command's, with the folder that was looked from.
func (b Builder) Package(ctx context.Context, dir, path string) (string, error) {
	in := b.from(dir)
	if info, err := os.Stat(in.Root); err != nil || !info.IsDir() {
		return "", fmt.Errorf("there is no folder %s (a relative one is looked for in the checkout)", in.Root)
	}
	out, err := in.run(ctx, nil, "list", "-f", "{{.Dir}}{{\"\\t\"}}{{or .TestGoFiles .XTestGoFiles}}", "--", path)
	if err != nil {
		return "", in.withoutWork(fmt.Errorf("no package %s seen from %s: %w", path, in.Root, err))
	}
	folder, tests, _ := strings.Cut(strings.TrimSpace(string(out)), "\t")
	if tests == "[]" {
		why := ""
		if strings.Contains(folder, "/vendor/") {
			why = " (a vendor folder leaves them out: name a checkout of it as dir)"
		}
		return "", fmt.Errorf("package %s seen from %s has no tests%s", path, in.Root, why)
	}
	return folder, nil
}

// from is the builder in another folder, relative to the tree or absolute.
// One that holds a go.work is a workspace.
func (b Builder) from(dir string) Builder {
	b.Root = b.Absolute(dir)
	if file := filepath.Join(b.Root, workFile); dir != "" {
		if _, err := os.Stat(file); err == nil {
			b.work = file
		}
	}
	return b
}

// Absolute is a path of an experiment file: one that is relative is below the tree.
func (b Builder) Absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(b.Root, path)
}

// Executable finds the program of a command: below the tree where its name has a
// slash, else on PATH.
func (b Builder) Executable(name string) (path string, err error) {
	if !strings.Contains(name, "/") {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("there is no program %s on PATH (install it, or give its path: one with a slash is looked for in the checkout; sudo may have another PATH)", name)
		}
		if path, err = filepath.Abs(path); err != nil {
			return "", err
		}
		return path, interpreted(path)
	}
	path = b.Absolute(name)
	switch info, err := os.Stat(path); {
	case err != nil:
		return "", fmt.Errorf("there is no program %s (a relative path is looked for in the checkout)", path)
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return "", fmt.Errorf("%s can't be executed (it is %s)", path, info.Mode())
	}
	return path, interpreted(path)
}

// interpreted says that a script's interpreter is not there, of which the kernel
// would say that the script is not (execve(2)).
func interpreted(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return nil // it may be executed all the same
	}
	defer f.Close()
	head := make([]byte, 256) // as much as the kernel looks at
	n, _ := io.ReadFull(f, head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	if !strings.HasPrefix(line, "#!") || len(words) == 0 {
		return nil
	}
	if _, err := os.Stat(words[0]); err != nil {
		return fmt.Errorf("%s begins with %s, and there is no program %s", path, strings.TrimSpace(line), words[0])
	}
	return nil
}

// Command is the program of a command where it is found: nothing is built or
// copied, since a program may look beside itself.
//
// Of a Go program its settings are known, and, where the toolchain that builds here is
// of the version that built it, the settings of GODEBUG that it reads.
func (b Builder) Command(ctx context.Context, name, dir string) (Binary, error) {
	if b.Kit != "" {
		return b.packed(name, nil)
	}
	bin := Binary{Program: name}
	var err error
	if bin.Path, err = b.Executable(name); err != nil {
		return bin, err
	}
	if dir != "" {
		bin.Dir = b.Absolute(dir)
		if info, err := os.Stat(bin.Dir); err != nil || !info.IsDir() {
			return bin, fmt.Errorf("there is no folder %s (a relative one is looked for in the checkout)", bin.Dir)
		}
	}
	if bin.SHA256, err = Sum(bin.Path); err != nil {
		return bin, fmt.Errorf("command %s: %w", name, err)
	}
	if _, err := buildinfo.ReadFile(bin.Path); err == nil {
		bin.Settings, _ = settings(bin.Path)
		b.reads(ctx, bin.Settings)
	}
	return bin, nil
}

// reads adds to what a Go program says of itself the settings of GODEBUG that it reads,
// if the toolchain that builds here is of the version that built it.
func (b Builder) reads(ctx context.Context, says map[string]string) {
	version, err := b.Version(ctx)
	if own, _, _ := strings.Cut(says["go"], " "); err != nil || own != version {
		return
	}
	if t, err := b.Toolchain(ctx, "", nil); err == nil { // else it is not found out
		if names, ok := t.known(says["GOARCH"]); ok {
			says[KeyDebugs] = names
		}
	}
}

// listTime bounds how long a test binary may take to name its benchmarks.
const listTime = 30 * time.Second

// Benchmarks are the names of a test binary's benchmarks, as it lists them itself:
// "BenchmarkSort". It runs as the user who builds, in its package's folder. The error
// says that it would not say: a package's TestMain may do as it likes.
func (b Builder) Benchmarks(ctx context.Context, bin Binary) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin.Path, "-test.list=^Benchmark")
	cmd.Env, cmd.Dir = []string{"LANG=C", "PATH=" + os.Getenv("PATH"), "HOME=" + b.Home}, bin.Dir
	if b.As != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: b.As}
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s -test.list: %w%s", bin.Program, err, stderr(err))
	}
	var names []string
	for line := range strings.Lines(string(out)) {
		if name := strings.TrimSpace(line); strings.HasPrefix(name, "Benchmark") {
			names = append(names, name)
		}
	}
	return names, nil
}

// Static says whether a program needs nothing but the kernel of an architecture: no
// dynamic loader and no libraries. The error says what it needs.
func Static(path, arch string) error {
	f, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("%s is no program of Linux: %w", filepath.Base(path), err)
	}
	defer f.Close()
	if runs := machines[arch]; !slices.Contains(runs, f.Machine) {
		return fmt.Errorf("it is for %v, and the machine is %s", f.Machine, arch)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("it is linked dynamically")
		}
	}
	return nil
}

// machines are those whose programs an architecture runs, its own and 32-bit ones.
var machines = map[string][]elf.Machine{
	"amd64": {elf.EM_X86_64, elf.EM_386},
	"arm64": {elf.EM_AARCH64, elf.EM_ARM},
}
