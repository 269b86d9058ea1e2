// Package build makes the binaries of workloads, one per set of build
// settings, and keeps them by what they contain.
//
// Builds leave out paths and version control (-trimpath -buildvcs=false), so
// that equal sources and settings give equal bytes: two build levels with equal
// hashes are one artefact, and a claim about them needs no trial.
package build

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/assaylab/assay/workloads/wire"
)

// A Builder builds the workloads of one tree.
type Builder struct {
	Root  string              // the module's folder
	Cache string              // where binaries are kept, by hash
	Go    string              // the go command
	As    *syscall.Credential // whom the go command runs as; nil for the harness's own user
	Home  string              // that user's home
	Kit   string              // a folder of binaries made elsewhere, which are taken instead of building; empty: build

	work string // the go.work of a workspace that an experiment names; empty for a module by itself
}

// A Binary is one artefact.
type Binary struct {
	Program  string            `json:"program"`
	Env      map[string]string `json:"env"` // build settings asked for, as of [Builder.Build]
	Path     string            `json:"-"`   // on this machine: in the cache, or where a command was found
	Dir      string            `json:"-"`   // where it runs; empty for the trial's own folder
	Root     string            `json:"-"`   // GOROOT of the toolchain that built it, for a test binary: its path left it out; empty for all else
	SHA256   string            `json:"sha256"`
	Source   string            `json:"source-sha256"` // of every source file outside the standard library; empty for a command
	Settings map[string]string `json:"settings"`      // from the binary itself, "go" being the toolchain with its experiments; and what it leaves out, from the build's trace
}

// Programs lists the workloads: the main packages right under workloads/.
func (b Builder) Programs(ctx context.Context) ([]string, error) {
	if b.Kit != "" {
		kit, err := OpenKit(b.Kit)
		return kit.Programs(), err
	}
	out, err := b.run(ctx, nil, "list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./workloads/...")
	if err != nil {
		return nil, fmt.Errorf("build: list workloads: %w", err)
	}
	var names []string
	for _, path := range strings.Fields(string(out)) {
		if _, name, ok := strings.Cut(path, "/workloads/"); ok && !strings.Contains(name, "/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Version is the toolchain that builds: "go1.26.0".
func (b Builder) Version(ctx context.Context) (string, error) {
	if b.Kit != "" {
		kit, err := OpenKit(b.Kit)
		return kit.Go, err
	}
	out, err := b.run(ctx, nil, "env", "GOVERSION")
	return strings.TrimSpace(string(out)), err
}

// Build makes a program with build settings: variables of the go command such as
// GOAMD64=v3, of which GOROOT is the folder of another toolchain, and go.mod,
// whose value is another go line ("go 1.24"). The error holds what the compiler said.
func (b Builder) Build(ctx context.Context, program string, env map[string]string) (Binary, error) {
	if b.Kit != "" {
		return b.packed(program, env)
	}
	return b.make(ctx, Binary{Program: program, Env: env}, []string{"build"}, "./workloads/"+program)
}

// make runs the go command for a binary and keeps what comes out. The flags that
// every build has stand between its verb and the package.
func (b Builder) make(ctx context.Context, bin Binary, verb []string, pkg string) (Binary, error) {
	tmp, err := b.scratch(ctx)
	if err != nil {
		return bin, err
	}
	defer os.RemoveAll(tmp)
	v, err := b.variant(ctx, bin.Env, tmp)
	if err != nil {
		return bin, err
	}
	out := filepath.Join(tmp, "binary")
	trace, err := v.compile(ctx, verb, pkg, out)
	if err != nil {
		return bin, fmt.Errorf("build %s%s: %w", bin.Program, show(bin.Env), err)
	}
	if bin.SHA256, err = Sum(out); err != nil {
		return bin, fmt.Errorf("build %s: %w", bin.Program, err)
	}
	if bin.Source, err = v.source(ctx, bin.Program, verb[0] == "test", pkg); err != nil {
		return bin, err
	}
	if bin.Settings, err = settings(out); err != nil {
		return bin, err
	}
	if err := v.witness(ctx, bin.Env, bin.Settings, trace); err != nil {
		return bin, err
	}
	bin.Path = filepath.Join(b.Cache, bin.SHA256)
	if err := b.keep(ctx, out, bin.Path); err != nil {
		return bin, fmt.Errorf("build %s: keep the binary: %w", bin.Program, err)
	}
	return bin, nil
}

// Tool builds a command of the tree that is no workload, such as harness/vm/init,
// for an architecture, and gives its path in the cache.
func (b Builder) Tool(ctx context.Context, folder, arch string) (string, error) {
	if b.Kit != "" {
		return "", fmt.Errorf("build %s: it is built from source: drop --kit", folder)
	}
	tmp, err := b.scratch(ctx)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	out := filepath.Join(tmp, filepath.Base(folder))
	env := map[string]string{"GOOS": "linux", "GOARCH": arch}
	if _, err := b.run(ctx, env, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, "./"+folder); err != nil {
		return "", fmt.Errorf("build %s for %s: %w", folder, arch, err)
	}
	sum, err := Sum(out)
	if err != nil {
		return "", fmt.Errorf("build %s: %w", folder, err)
	}
	path := filepath.Join(b.Cache, sum)
	return path, b.keep(ctx, out, path)
}

// compile builds, with a trace of the commands where the linker's is wanted. A
// build that fails is made again without, for what the compiler says alone.
func (v variant) compile(ctx context.Context, verb []string, pkg, out string) (trace []byte, err error) {
	build := slices.Concat(verb, []string{"-trimpath", "-buildvcs=false", "-o", out, pkg})
	if _, ok := linkFlags(v.env["GOFLAGS"]); ok {
		_, trace, err = v.command(ctx, v.env, v.Go, slices.Insert(slices.Clone(build), 1, "-x")...)
		if err == nil {
			return trace, nil
		}
	}
	_, err = v.run(ctx, v.env, build...)
	return nil, err
}

// scratch makes a folder in the cache. Where the go command runs as someone
// else, so does the making: root follows no path that another user can change.
func (b Builder) scratch(ctx context.Context) (string, error) {
	if b.As == nil {
		if err := os.MkdirAll(b.Cache, 0o755); err != nil {
			return "", fmt.Errorf("build: %w", err)
		}
		return os.MkdirTemp(b.Cache, ".build-")
	}
	if _, _, err := b.command(ctx, nil, "mkdir", "-p", b.Cache); err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	out, _, err := b.command(ctx, nil, "mktemp", "-d", "-p", b.Cache, ".build-XXXXXXXX")
	if err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// keep gives a binary its name in the cache.
func (b Builder) keep(ctx context.Context, out, path string) error {
	if b.As == nil {
		return os.Rename(out, path)
	}
	_, _, err := b.command(ctx, nil, "mv", "-f", out, path)
	return err
}

// Describe asks a binary what it is.
func (b Builder) Describe(ctx context.Context, bin Binary) (wire.Description, error) {
	var d wire.Description
	cmd := exec.CommandContext(ctx, bin.Path, "-"+wire.FlagDescribe)
	cmd.Env = []string{"LANG=C"}
	if b.As != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: b.As}
	}
	out, err := cmd.Output()
	if err != nil {
		return d, fmt.Errorf("%s -%s: %w%s", bin.Program, wire.FlagDescribe, err, stderr(err))
	}
	if err := json.Unmarshal(out, &d); err != nil {
		return d, fmt.Errorf("%s -%s: %w", bin.Program, wire.FlagDescribe, err)
	}
	if d.Name != bin.Program {
		return d, fmt.Errorf("%s -%s: calls itself %q (a workload has the name of its folder)", bin.Program, wire.FlagDescribe, d.Name)
	}
	return d, nil
}

// source hashes the program's sources and those of every package that it links
// from outside the standard library; of a test, those of its package too.
func (v variant) source(ctx context.Context, program string, test bool, pkg string) (string, error) {
	const files = `{{if or .ForTest (not .Standard)}}{{$p := .}}` +
		`{{range .GoFiles}}{{$p.ImportPath}}{{"\t"}}{{$p.Dir}}{{"\t"}}{{.}}{{"\n"}}{{end}}` +
		`{{range .SFiles}}{{$p.ImportPath}}{{"\t"}}{{$p.Dir}}{{"\t"}}{{.}}{{"\n"}}{{end}}{{end}}`
	args := []string{"list", "-deps", "-f", files}
	if test {
		args = append(args, "-test")
	}
	out, err := v.run(ctx, v.env, append(args, pkg)...)
	if err != nil {
		return "", fmt.Errorf("build %s: list its sources: %w", program, err)
	}
	all := sha256.New()
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 || filepath.IsAbs(f[2]) { // the go command writes the main package of a test itself
			continue
		}
		s, err := Sum(filepath.Join(f[1], f[2]))
		if err != nil {
			return "", fmt.Errorf("build %s: %w", program, err)
		}
		fmt.Fprintf(all, "%s/%s %s\n", f[0], f[2], s)
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// settings reads what a binary says of how it was built.
func settings(path string) (map[string]string, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("build: read build info: %w", err)
	}
	s := map[string]string{"go": info.GoVersion}
	for _, kv := range info.Settings {
		s[kv.Key] = kv.Value
	}
	return s, nil
}

// run runs the go command in the tree and returns its stdout.
func (b Builder) run(ctx context.Context, env map[string]string, args ...string) ([]byte, error) {
	out, _, err := b.command(ctx, env, b.Go, args...)
	return out, err
}

// command runs a command in the tree as the building user. The error holds what it
// said on stderr.
func (b Builder) command(ctx context.Context, env map[string]string, name string, args ...string) (stdout, stderr []byte, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = b.Root
	cmd.Env = b.environ(env)
	if b.As != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: b.As}
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), args[0], err, strings.TrimSpace(errs.String()))
	}
	return out, errs.Bytes(), nil
}

// handed are the variables of the caller's that the go command needs to find
// what it has and where it may fetch from. Nothing else of the environment, and
// nothing of a go/env file, or of a go.work that the experiment does not name,
// reaches a build: those could change an artefact, which only a knob may.
var handed = []string{
	"PATH", "TMPDIR", "GOPATH", "GOMODCACHE", "GOCACHE", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE",
	"GOINSECURE", "GOTOOLCHAIN", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR",
}

func (b Builder) environ(env map[string]string) []string {
	out := []string{"HOME=" + b.Home, "LANG=C", "GOENV=off", "GOWORK=" + cmp.Or(b.work, "off"), "GOFLAGS=", "CGO_ENABLED=0"}
	for _, key := range handed {
		if value, ok := os.LookupEnv(key); ok {
			out = append(out, key+"="+value)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(env)) {
		out = append(out, key+"="+env[key])
	}
	return out
}

func show(env map[string]string) string {
	text := ""
	for _, key := range slices.Sorted(maps.Keys(env)) {
		text += " " + key + "=" + env[key]
	}
	return text
}

func stderr(err error) string {
	if e, ok := err.(*exec.ExitError); ok && len(e.Stderr) > 0 {
		return ": " + strings.TrimSpace(string(e.Stderr))
	}
	return ""
}

// Sum is the SHA-256 of a file in hex, by which binaries and the files of a
// results folder are told apart.
func Sum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
