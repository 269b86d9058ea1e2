package results

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/build"
)

// WriteFile writes a derived or a fixed file of the folder, whole or not at all.
func WriteFile(dir, name string, text []byte) error {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	return write(path, text)
}

// WriteJSON writes a value as indented JSON.
func WriteJSON(dir, name string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Errorf("results: encode %s: %w", name, err)
	}
	return WriteFile(dir, name, append(b, '\n'))
}

// ReadJSON reads a file of the folder.
func ReadJSON(dir, name string, v any) error {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("results: %s: %w", filepath.Join(dir, name), err)
	}
	return nil
}

// Seal writes MANIFEST.sha256 over every other file of the folder, in the
// format of sha256sum.
func Seal(dir string) error {
	names, err := files(dir)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, name := range names {
		sum, err := build.Sum(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("results: %w", err)
		}
		fmt.Fprintf(&b, "%s  %s\n", sum, name)
	}
	return write(filepath.Join(dir, ManifestFile), []byte(b.String()))
}

// Changed lists what was measured, or fixed before, and is not as it was sealed.
// What is derived from that may be made anew at any time. A folder that was never
// sealed has nothing to be held against.
func Changed(dir string) ([]string, error) {
	if _, err := os.Stat(filepath.Join(dir, ManifestFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	diffs, err := Verify(dir)
	return slices.DeleteFunc(diffs, func(line string) bool {
		name, how, _ := strings.Cut(line, ": ")
		return derived(name) || how == unlisted
	}), err
}

// derived says whether a file follows from the others.
func derived(name string) bool {
	folder, _, _ := strings.Cut(name, "/")
	return folder == TablesDir || folder == PlotsDir || name == VerdictsFile || strings.HasPrefix(name, "report.")
}

// unlisted is what Verify says of a file that came after the seal.
const unlisted = "not in the manifest"

// unseal takes the seal off a folder that is to be gone on with. One that is not as
// it was sealed is refused: what would be added to it is not known.
func unseal(dir string) error {
	changed, err := Changed(dir)
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		return fmt.Errorf("results: %s is not as it was sealed: %s", dir, strings.Join(changed, ", "))
	}
	if err := os.Remove(filepath.Join(dir, ManifestFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("results: %w", err)
	}
	return nil
}

// Verify holds a folder against its manifest and returns what differs:
// "samples.txt: changed", "plots/x.svg: missing", "notes.txt: not in the manifest".
func Verify(dir string) ([]string, error) {
	manifest, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if err != nil {
		return nil, fmt.Errorf("results: %w (a run seals its folder when it ends; assay report seals it anew)", err)
	}
	want := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(manifest))
	for n := 1; lines.Scan(); n++ {
		s, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok || len(s) != hex.EncodedLen(sha256.Size) || !filepath.IsLocal(name) {
			return nil, fmt.Errorf("results: %s:%d: not a line of sha256sum", filepath.Join(dir, ManifestFile), n)
		}
		want[name] = s
	}
	have, err := files(dir)
	if err != nil {
		return nil, err
	}
	return differ(dir, want, have)
}

func differ(dir string, want map[string]string, have []string) ([]string, error) {
	var diffs []string
	for _, name := range have {
		expected, listed := want[name]
		if !listed {
			diffs = append(diffs, name+": "+unlisted)
			continue
		}
		got, err := build.Sum(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("results: %w", err)
		}
		if got != expected {
			diffs = append(diffs, name+": changed")
		}
	}
	for name := range want {
		if !slices.Contains(have, name) {
			diffs = append(diffs, name+": missing")
		}
	}
	slices.Sort(diffs)
	return diffs, nil
}

// files lists the folder's regular files but the manifest, sorted.
func files(dir string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == ManifestFile {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	slices.Sort(names)
	return names, nil
}
