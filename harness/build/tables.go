package build

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Settings of GODEBUG stand in two tables, which overlap: internal/godebugs has
// those that are documented (go.dev/doc/godebug), and the runtime its own
// (pkg.go.dev/runtime, "Environment Variables"), memprofilerate apart. Beside these,
// internal/cpu has one for each feature that it knows of a processor, by architecture,
// and packages read some that are not documented, marked by # in internal/godebug.New.
const (
	cpuFolder       = "src/internal/cpu"
	sources         = "src"
	debugsFile      = "src/internal/godebugs/table.go"
	runtimeFile     = "src/runtime/runtime1.go"
	experimentsFile = "src/internal/goexperiment/flags.go"
)

// readToolchain reads the sources below a GOROOT. What is not there, or has another
// shape than that of the releases up to Go 1.26, is nil: not found out.
func readToolchain(root string) (Toolchain, error) {
	t := Toolchain{Root: root}
	own, err := parse(root, runtimeFile)
	if err != nil {
		return t, err
	}
	documented, err := parse(root, debugsFile)
	if err != nil {
		return t, err
	}
	flags, err := parse(root, experimentsFile)
	if err != nil {
		return t, err
	}
	t.Experiments = fields(flags, "Flags")
	all, runtimes := entries(documented, "All"), entries(own, "dbgvars")
	if len(all) == 0 || len(runtimes) == 0 {
		return t, nil
	}
	t.Debugs = all
	for name := range runtimes {
		t.Debugs[name] = "runtime"
	}
	for _, name := range compared(own, "parsegodebug") {
		t.Debugs[name] = "runtime"
	}
	if t.CPU, err = readFeatures(root); err != nil {
		return t, err
	}
	for _, names := range t.CPU {
		for _, name := range names {
			t.Debugs[name] = cpuPackage
		}
	}
	return t, readMarked(root, t.Debugs)
}

// cpuPackage reads the settings of processors.
const cpuPackage = "internal/cpu"

// featureFiles are those of the architectures that workloads run on.
var featureFiles = map[string]string{"amd64": "cpu_x86.go", "386": "cpu_x86.go", "arm64": "cpu_arm64.go", "arm": "cpu_arm.go"}

// readFeatures are the settings of each architecture, sorted: "cpu.avx2". A name that
// the files of this toolchain do not have is none of its.
func readFeatures(root string) (map[string][]string, error) {
	all := map[string][]string{}
	for arch, name := range featureFiles {
		f, err := parse(root, path.Join(cpuFolder, name))
		if err != nil {
			return nil, err
		}
		for _, feature := range features(f) {
			all[arch] = append(all[arch], cpuPrefix+feature)
		}
		if all[arch] != nil {
			all[arch] = append(all[arch], cpuPrefix+"all")
			slices.Sort(all[arch])
		}
	}
	return all, nil
}

const cpuPrefix = "cpu."

// features are the names of structs that have a feature, too.
func features(f *ast.File) (names []string) {
	if f == nil {
		return nil
	}
	ast.Inspect(f, func(n ast.Node) bool {
		entry, ok := n.(*ast.CompositeLit)
		if ok && has(entry, "Feature") {
			if name := member(entry, "name"); name != "" {
				names = append(names, name)
			}
		}
		return true
	})
	return names
}

func has(entry *ast.CompositeLit, field string) bool {
	return slices.ContainsFunc(entry.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		key, ok := kv.Key.(*ast.Ident)
		return ok && key.Name == field
	})
}

// marked is how a package reads a setting that is not documented.
var marked = regexp.MustCompile(`= godebug\.New\("#([a-z0-9]+)"\)`)

// readMarked adds the settings that packages of the library read and that stand in no table.
func readMarked(root string, debugs map[string]string) error {
	src := filepath.Join(root, sources)
	return filepath.WalkDir(src, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || name == filepath.Join(src, "cmd")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range marked.FindAllSubmatch(text, -1) {
			pkg, _ := filepath.Rel(src, filepath.Dir(name))
			debugs[string(m[1])] = pkg
		}
		return nil
	})
}

// parse is nil for a file that is not there.
func parse(root, name string) (*ast.File, error) {
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the toolchain's own table: %w", err)
	}
	return f, nil
}

// entries are those of a table, a variable of a file: a list of structs with a
// name and perhaps a package. Name -> package.
func entries(f *ast.File, variable string) map[string]string {
	all := map[string]string{}
	each(f, func(n ast.Node) {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Names[0].Name != variable || len(v.Values) != 1 {
			return
		}
		list, ok := v.Values[0].(*ast.CompositeLit)
		if !ok {
			return
		}
		for _, e := range list.Elts {
			if entry, ok := e.(*ast.CompositeLit); ok {
				if name := member(entry, "name"); name != "" {
					all[name] = member(entry, "package")
				}
			}
		}
	})
	return all
}

// member is the text of a struct's field, by its name in small letters.
func member(entry *ast.CompositeLit, field string) string {
	for _, e := range entry.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := kv.Key.(*ast.Ident); ok && strings.ToLower(key.Name) == field {
			return text(kv.Value)
		}
	}
	return ""
}

// compared are the texts that a function holds a variable called key against.
func compared(f *ast.File, function string) (names []string) {
	each(f, func(n ast.Node) {
		fn, ok := n.(*ast.FuncDecl)
		if !ok || fn.Name.Name != function {
			return
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			if is, ok := n.(*ast.BinaryExpr); ok && is.Op == token.EQL {
				if x, ok := is.X.(*ast.Ident); ok && x.Name == "key" && text(is.Y) != "" {
					names = append(names, text(is.Y))
				}
			}
			return true
		})
	})
	return names
}

// fields are the names of a struct's fields in small letters, sorted.
func fields(f *ast.File, name string) (names []string) {
	each(f, func(n ast.Node) {
		t, ok := n.(*ast.TypeSpec)
		if !ok || t.Name.Name != name {
			return
		}
		if s, ok := t.Type.(*ast.StructType); ok {
			for _, field := range s.Fields.List {
				for _, n := range field.Names {
					names = append(names, strings.ToLower(n.Name))
				}
			}
		}
	})
	slices.Sort(names)
	return names
}

// each visits what is declared in a file; nothing in none.
func each(f *ast.File, visit func(ast.Node)) {
	if f == nil {
		return
	}
	for _, d := range f.Decls {
		visit(d)
		if g, ok := d.(*ast.GenDecl); ok {
			for _, s := range g.Specs {
				visit(s)
			}
		}
	}
}

func text(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value)
	return s
}
