package build

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Settings of GODEBUG stand in two tables, which overlap: internal/godebugs has
// those that are documented (go.dev/doc/godebug), and the runtime its own
// (pkg.go.dev/runtime, "Environment Variables"), memprofilerate apart.
const (
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
	return t, nil
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
