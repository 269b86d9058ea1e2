package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// A tree is a synthetic module cache: host/org/module@version/file.
type tree struct {
	root           string
	modules, files int
}

func (t *tree) module(m int) string {
	return t.root + "/host" + strconv.Itoa(m%4) + ".example/org" + strconv.Itoa(m%16) + "/mod" + strconv.Itoa(m) + "@v1." + strconv.Itoa(m) + ".0"
}

func (t *tree) file(m, f int) string { return t.module(m) + "/file" + strconv.Itoa(f) + ".go" }

// content is what a file holds: its number, as often as its place among the files.
func content(m, f int) []byte {
	return bytes.Repeat([]byte(strconv.Itoa(m)+"\n"), f%50)
}

// make writes all files.
func (t *tree) make() error {
	for m := range t.modules {
		if err := os.MkdirAll(t.module(m), 0o755); err != nil {
			return fmt.Errorf("make the tree: %w", err)
		}
		for f := range t.files {
			if err := os.WriteFile(t.file(m, f), content(m, f), 0o644); err != nil {
				return fmt.Errorf("make the tree: %w", err)
			}
		}
	}
	return nil
}

// calls are the operations, on file f of module m. Each checks its answer.
var calls = map[string]func(t *tree, m, f int) error{
	"stat": func(t *tree, m, f int) error {
		info, err := os.Lstat(t.file(m, f))
		if err != nil {
			return err
		}
		if want := sizeOf(m, f); info.Size() != want || !info.Mode().IsRegular() {
			return fmt.Errorf("wrong answer: %s has %d bytes and mode %v, want %d bytes of a plain file", t.file(m, f), info.Size(), info.Mode(), want)
		}
		return nil
	},
	"open": func(t *tree, m, f int) error {
		got, err := os.ReadFile(t.file(m, f))
		if err != nil {
			return err
		}
		if int64(len(got)) != sizeOf(m, f) || len(got) > 0 && got[0] != strconv.Itoa(m)[0] {
			return fmt.Errorf("wrong answer: %s holds %d other bytes, want %d", t.file(m, f), len(got), sizeOf(m, f))
		}
		return nil
	},
	"readdir": func(t *tree, m, f int) error {
		entries, err := os.ReadDir(t.module(m))
		if err != nil {
			return err
		}
		if len(entries) != t.files {
			return fmt.Errorf("wrong answer: %s lists %d files, want %d", t.module(m), len(entries), t.files)
		}
		return nil
	},
	"missing": func(t *tree, m, f int) error {
		name := filepath.Dir(t.file(m, f)) + "/gone" + strconv.Itoa(f)
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("wrong answer: lstat of %s gives %v, want %w", name, err, fs.ErrNotExist)
		}
		return nil
	},
}

// sizeOf is the length of a file's content.
func sizeOf(m, f int) int64 { return int64(len(strconv.Itoa(m))+1) * int64(f%50) }
