package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryCallIsRightAboutTheTree(t *testing.T) {
	for name := range calls {
		dir := t.TempDir()
		set, err := (&config{call: name, dir: dir, modules: 12, files: 60, ops: 50, goroutines: 3}).setup("main")
		require.NoError(t, err)
		ops, err := set.Run()
		require.NoError(t, err)
		events := int64(0)
		for _, h := range set.(*trial).latency.All() {
			events += h.Events()
		}
		if ops != 51 || events != 51 {
			t.Errorf("%s: %d operations, %d events; want 51", name, ops, events)
		}
		require.NoError(t, set.Close())
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		if len(left) > 0 {
			t.Errorf("%s: %s is left", name, left[0].Name())
		}
	}
}

func TestAChangedTreeIsFound(t *testing.T) {
	check := func(call, want string, spoil func(*tree)) {
		t.Helper()
		tr := &tree{root: t.TempDir(), modules: 1, files: 3}
		require.NoError(t, tr.make())
		require.NoError(t, calls[call](tr, 0, 2))
		spoil(tr)
		require.ErrorContains(t, calls[call](tr, 0, 2), want)
	}
	write := func(text string) func(*tree) {
		return func(tr *tree) { require.NoError(t, os.WriteFile(tr.file(0, 2), []byte(text), 0o600)) }
	}
	check("stat", "has 3 bytes and mode", write("abc"))
	check("open", "holds 4 other bytes, want 4", write("abcd"))
	check("readdir", "lists 2 files, want 3", func(tr *tree) { os.Remove(tr.file(0, 0)) })
	check("missing", "want file does not exist", func(tr *tree) { os.WriteFile(tr.module(0)+"/gone2", nil, 0o600) })
	check("stat", "no such file", func(tr *tree) { os.RemoveAll(tr.root) })
}

func TestSizesAreThoseOfTheContents(t *testing.T) {
	for _, m := range []int{0, 9, 10, 12345} {
		for f := range 101 {
			if got := int64(len(content(m, f))); got != sizeOf(m, f) {
				t.Fatalf("file %d of module %d: %d bytes, want %d", f, m, got, sizeOf(m, f))
			}
		}
	}
}

func TestAFolderThatIsNotThereIsNamed(t *testing.T) {
	_, err := (&config{call: "stat", dir: t.TempDir() + "/none", modules: 1, files: 1, ops: 1, goroutines: 1}).setup("main")
	require.ErrorContains(t, err, "make the tree")
}
