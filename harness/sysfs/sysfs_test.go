package sysfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/testenv"
)

// fake makes a tree that holds the given files.
func fake(t *testing.T, files map[string]string) FS {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return FS(root)
}

func TestReadTrimsNewlinesAtTheEndOnly(t *testing.T) {
	tree := fake(t, map[string]string{"a": " always [madvise] never\n", "b": "60", "c": "", "d": "1\n2\n\n"})
	check := func(name, want string) {
		t.Helper()
		if got, err := tree.Read(name); err != nil || got != want {
			t.Errorf("Read(%s) = %q, %v; want %q", name, got, err, want)
		}
	}
	check("a", " always [madvise] never")
	check("b", "60")
	check("c", "")
	check("d", "1\n2")
}

func TestReadTakesUpToTheBoundAndRefusesMore(t *testing.T) {
	tree := fake(t, map[string]string{
		"fits":  strings.Repeat("x", MaxBytes),
		"large": strings.Repeat("x", MaxBytes+1),
	})
	text, err := tree.Read("fits")
	if err != nil || len(text) != MaxBytes {
		t.Errorf("Read(fits) = %d bytes, %v", len(text), err)
	}
	_, err = tree.Read("large")
	if err == nil || err.Error() != "read large: larger than 1 MiB, not a setting" {
		t.Errorf("Read(large): %v", err)
	}
}

func TestReadOfTheKernelsOwnFiles(t *testing.T) {
	text, err := FS("/").Read("proc/self/stat")
	if err != nil || !strings.Contains(text, "(") {
		t.Errorf("Read(proc/self/stat) = %q, %v", text, err)
	}
	want, err := os.ReadFile("/proc/self/maps") // several pages: more than one read
	require.NoError(t, err)
	got, err := FS("/").Read("proc/self/maps")
	if err != nil || strings.Count(got, "\n")+10 < strings.Count(string(want), "\n") {
		t.Errorf("Read(proc/self/maps) = %d bytes, %v; os.ReadFile gave %d", len(got), err, len(want))
	}
}

func TestErrorsNameTheFileBelowTheRoot(t *testing.T) {
	tree := fake(t, map[string]string{"proc/sys/vm/swappiness": "60\n"})
	check := func(err error, want string, is error) {
		t.Helper()
		if err == nil || err.Error() != want || !errors.Is(err, is) {
			t.Errorf("error is %v\n want %s, wrapping %v", err, want, is)
		}
	}
	_, err := tree.Read("proc/sys/vm/none")
	check(err, "read proc/sys/vm/none: no such file or directory", fs.ErrNotExist)
	check(tree.Write(Write{File: "proc/none", Value: "1"}), "write proc/none: no such file or directory", fs.ErrNotExist)
	check(tree.Writable("proc/none"), "write proc/none: no such file or directory", fs.ErrNotExist)
	check(tree.Write(Write{File: "proc/sys/vm"}), "write proc/sys/vm: is a directory", syscall.EISDIR)
}

func TestNamesThatLeaveTheRootAreRefused(t *testing.T) {
	tree := fake(t, map[string]string{"in/secret": "1\n"})
	inner := FS(tree.Path("in/sub"))
	require.NoError(t, os.Mkdir(string(inner), 0o755))
	for _, name := range []string{"../secret", "/etc/passwd", "a/../../secret", "..", ""} {
		if _, err := inner.Read(name); !errors.Is(err, errEscapes) {
			t.Errorf("Read(%q): %v", name, err)
		}
		if err := inner.Apply(Write{File: name, Value: "2"}); !errors.Is(err, errEscapes) {
			t.Errorf("Apply(%q): %v", name, err)
		}
		if err := inner.Writable(name); !errors.Is(err, errEscapes) {
			t.Errorf("Writable(%q): %v", name, err)
		}
		if _, err := inner.Glob(name); !errors.Is(err, errEscapes) {
			t.Errorf("Glob(%q): %v", name, err)
		}
		if inner.Exists(name) {
			t.Errorf("Exists(%q)", name)
		}
	}
	if got, want := inner.Path("../secret"), filepath.Join(string(inner), "secret"); got != want {
		t.Errorf("Path = %s, want %s", got, want)
	}
}

func TestTheZeroFSIsNotTheRealRoot(t *testing.T) {
	var none FS
	if _, err := none.Read("proc/self/stat"); !errors.Is(err, errNoRoot) {
		t.Errorf("Read: %v", err)
	}
	if none.Exists("proc") {
		t.Error("Exists(proc)")
	}
}

// The kernel sets some files on a work queue: they show what was written a moment later.
func TestWhatIsShownLateIsNotRefused(t *testing.T) {
	tree := fake(t, map[string]string{"f": "1"})
	shown := make(chan error)
	go func() {
		time.Sleep(5 * time.Millisecond)
		shown <- tree.Write(Write{File: "f", Value: "2"})
	}()
	require.NoError(t, tree.readBack(Write{File: "f", Value: "2"}, "1", time.Minute))
	require.NoError(t, <-shown)

	var refused *Refused
	require.ErrorAs(t, tree.readBack(Write{File: "f", Value: "3"}, "2", time.Millisecond), &refused, "not for ever")
	require.ErrorAs(t, tree.readBack(Write{File: "f", Value: "3"}, "1", time.Minute), &refused, "it says something else by now")
}

func TestWriteReplacesTheWholeTextAndCreatesNothing(t *testing.T) {
	tree := fake(t, map[string]string{"f": "a longer text\n"})
	require.NoError(t, tree.Write(Write{File: "f", Value: "60"}))
	raw, err := os.ReadFile(tree.Path("f"))
	require.NoError(t, err)
	if string(raw) != "60" {
		t.Errorf("file holds %q", raw)
	}
	require.NoError(t, tree.Apply(Write{File: "f"}), "an empty value")
	_ = tree.Write(Write{File: "new", Value: "1"})
	if tree.Exists("new") {
		t.Error("Write made a file")
	}
}

// TestMain plays a writer that is killed, see below.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "be-writer" {
		for i := 0; ; i++ {
			if err := FS(os.Args[2]).Write(Write{File: "f", Value: []string{"10", "always"}[i%2]}); err != nil {
				panic(err)
			}
			if i == 1 {
				fmt.Println("writing")
			}
		}
	}
	os.Exit(m.Run())
}

func TestAWriterKilledAtAnyMomentLeavesOneOfItsValues(t *testing.T) {
	tree := fake(t, map[string]string{"f": "always"})
	for range 20 {
		writer := exec.Command("/proc/self/exe", "be-writer", string(tree))
		out, err := writer.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, writer.Start())
		_, err = out.Read(make([]byte, len("writing\n")))
		require.NoError(t, err)
		require.NoError(t, writer.Process.Kill())
		_ = writer.Wait()
		if text, err := tree.Read("f"); err != nil || text != "10" && text != "always" {
			t.Errorf("it reads %q, %v", text, err)
		}
	}
}

// The files of /sys claim a size of a page, which must not be filled up.
func TestRootWriteToSysIsTheBareValue(t *testing.T) {
	testenv.NeedsRoot(t)
	const name = "sys/kernel/mm/transparent_hugepage/enabled"
	before, err := FS("/").Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("this kernel has no transparent huge pages")
	}
	require.NoError(t, err)
	fd, err := open("/"+name, syscall.O_WRONLY)
	require.NoError(t, err)
	defer syscall.Close(fd)
	if n, err := excess(fd, 5); n != 0 || err != nil {
		t.Errorf("it would be filled up by %d bytes, %v", n, err)
	}
	// Its own value: nothing changes.
	if err := FS("/").Apply(Write{File: name, Value: Selected(before), Same: Selector}); err != nil {
		t.Error(err)
	}
}

func TestApplyReadsBackByTheWritesOwnSame(t *testing.T) {
	tree := fake(t, map[string]string{"f": "60\n"})
	if err := tree.Apply(Write{File: "f", Value: "0x10", Same: Number}); err != nil {
		t.Error(err)
	}
	// /dev/null takes every value and keeps none, as some kernel files do.
	err := FS("/").Apply(Write{File: "dev/null", Value: "7"})
	var refused *Refused
	require.ErrorAs(t, err, &refused)
	if *refused != (Refused{File: "dev/null", Want: "7", Got: ""}) {
		t.Errorf("%+v", *refused)
	}
	if want := `write dev/null: wrote "7", reads back ""`; err.Error() != want {
		t.Errorf("%s\nwant %s", err, want)
	}
}

func TestAFullDeviceIsAnError(t *testing.T) {
	if err := FS("/").Write(Write{File: "dev/full", Value: "7"}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v, want no space left on device", err)
	}
}

func TestWritableTellsWhyNot(t *testing.T) {
	tree := fake(t, map[string]string{"rw": "1", "ro": "1"})
	require.NoError(t, os.Chmod(tree.Path("ro"), 0o444))
	if err := tree.Writable("rw"); err != nil {
		t.Error(err)
	}
	if os.Geteuid() == 0 {
		t.Skip("root may write a read-only file: the other half needs a plain user")
	}
	if err := tree.Writable("ro"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("ro: %v", err)
	}
}

func TestGlobGivesNamesBelowTheRoot(t *testing.T) {
	tree := fake(t, map[string]string{"sys/cpu1/gov": "", "sys/cpu0/gov": "", "sys/other": ""})
	got, err := tree.Glob("sys/cpu*/gov")
	require.NoError(t, err)
	if want := []string{"sys/cpu0/gov", "sys/cpu1/gov"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := tree.Glob("sys/["); !errors.Is(err, filepath.ErrBadPattern) {
		t.Errorf("bad pattern: %v", err)
	}
}

func BenchmarkApply(b *testing.B) {
	root := b.TempDir()
	require.NoError(b, os.WriteFile(filepath.Join(root, "f"), []byte("60"), 0o644))
	for b.Loop() {
		if err := FS(root).Apply(Write{File: "f", Value: "10", Same: Number}); err != nil {
			b.Fatal(err)
		}
	}
}
