package spec

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Ext and LocalExt end the names of experiment files and of what fits them to
// one machine.
const (
	Ext      = ".yaml"
	LocalExt = ".local.yaml"
)

// Load reads an experiment, what it extends, and its NAME.local.yaml. An error
// is [Errors] where the files are at fault, and names the file where one could
// not be read. Where the file is a mapping, what could be read of it is there beside
// the error, for [Misspelt] to find what else is wrong, or the cause.
func Load(path string) (Experiment, error) {
	data, err := readFile(path)
	if err != nil {
		return Experiment{}, fmt.Errorf("experiment: %w", err)
	}
	return decode(path, data, readFile)
}

// Parse reads an experiment from bytes. It reads no other file: extends is an
// error, and NAME.local.yaml is not looked for. An error is [Errors].
func Parse(file string, data []byte) (Experiment, error) {
	return decode(file, data, nil)
}

// readFile reads at most one byte more than a file may have: enough to refuse it.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// decode reads one file; open reads those beside it, nil where they are not to be read.
func decode(file string, data []byte, open func(string) ([]byte, error)) (Experiment, error) {
	w := &walk{problems: problems{lines: map[string][]string{}}, at: map[string]Pos{}}
	f := folder{walk: w, open: open}
	n, ok := f.fold(file, data)
	if !ok {
		return Experiment{}, w.err()
	}
	e := Experiment{
		Design: Design{Blocks: 10, Warmup: 1},
		Local:  f.changed,
		origin: &origin{lines: w.lines, at: w.at},
	}
	experimentKeys.read(w, "", n, &e)
	e.Name = e.origin.name.Text
	if _, ok := w.at["design.max-blocks"]; !ok {
		e.Design.MaxBlocks = e.Design.Blocks
	}
	w.ownName(file, e)
	if err := w.err(); err != nil {
		e.origin.unread = w.errs
		if e.Name == "" {
			e.Name = strings.TrimSuffix(filepath.Base(file), Ext)
		}
		return e, err
	}
	return e, consistent(e)
}

// ownName refuses a name that is not the file's.
func (w *walk) ownName(file string, e Experiment) {
	base := filepath.Base(file)
	own, ok := strings.CutSuffix(base, Ext)
	if !ok {
		w.fail(Pos{File: file, Line: 1, Column: 1}, "NAME"+Ext, "%q does not end in %s", base, Ext)
	} else if e.Name != "" && e.Name != own {
		w.fail(e.origin.name.Pos, own, "name %q is not the file's own name", e.Name)
	}
}
