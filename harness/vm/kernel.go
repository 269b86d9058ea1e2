package vm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Kernel is one of the cache: an unpacked kernel package of Debian.
type Kernel struct {
	Series  string // "6.1"
	Flavour string // Debian's: "cloud-amd64", "arm64"
	Release string // as uname -r says: "6.1.0-56-cloud-amd64"
	Arch    string // the GOARCH: "amd64", "arm64"
	Image   string // path of the boot image
	Modules string // folder of the modules, with modules.builtin beside kernel/
	Busybox string // path of a static busybox of the architecture
}

// Cache is the folder that scripts/fetch-kernels fills: $ASSAY_KERNELS, else
// assay/kernels in the user's cache folder.
func Cache() (string, error) {
	if dir := os.Getenv("ASSAY_KERNELS"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("vm: find the kernels: %w (name their folder in ASSAY_KERNELS)", err)
	}
	return filepath.Join(dir, "assay", "kernels"), nil
}

// Find finds a kernel in a cache by a series ("6.1") and an architecture
// ("arm64"), the flavour for clouds first, unless the frequencies of its CPUs shall be
// set and that one can't. The error says what the cache has.
func Find(cache, series, arch string, frequencies bool) (Kernel, error) {
	flavours := []string{"cloud-" + arch, arch}
	if frequencies && arch == "arm64" {
		flavours = flavours[1:] // the other has no CONFIG_CPU_FREQ
	}
	for _, flavour := range flavours {
		k, err := Open(cache, series, flavour)
		if !errors.Is(err, fs.ErrNotExist) {
			return k, err
		}
	}
	has, _ := filepath.Glob(filepath.Join(cache, "[0-9]*", "*"))
	for i, dir := range has {
		has[i], _ = filepath.Rel(cache, dir)
	}
	if len(has) == 0 {
		has = []string{"nothing"}
	}
	return Kernel{}, fmt.Errorf("vm: no kernel %s for %s in %s, which has %s (fetch it: scripts/fetch-kernels %s/%s)",
		series, arch, cache, strings.Join(has, ", "), series, arch)
}

// Open finds the kernel of exactly one flavour of Debian's, such as "arm64": the
// flavours for clouds boot faster and lack drivers. The error wraps
// fs.ErrNotExist where the cache does not have it.
func Open(cache, series, flavour string) (Kernel, error) {
	dir := filepath.Join(cache, series, flavour)
	if _, err := os.Stat(dir); err != nil {
		return Kernel{}, err
	}
	image, err := only(dir, "boot/vmlinuz-*")
	if err != nil {
		return Kernel{}, err
	}
	k := Kernel{Series: series, Flavour: flavour, Image: image}
	k.Release = strings.TrimPrefix(filepath.Base(image), "vmlinuz-")
	k.Arch = flavour[strings.LastIndexByte(flavour, '-')+1:]
	k.Modules = filepath.Join(dir, "lib", "modules", k.Release)
	k.Busybox = filepath.Join(cache, "busybox", k.Arch, "bin", "busybox")
	if !slices.Contains([]string{"amd64", "arm64"}, k.Arch) {
		return k, fmt.Errorf("vm: kernel %s/%s: guests are amd64 or arm64", series, flavour)
	}
	for _, path := range []string{k.Modules, k.Busybox} {
		if _, err := os.Stat(path); err != nil {
			// Not as a missing kernel: another flavour would have the same lack.
			return k, fmt.Errorf("vm: kernel %s/%s is not whole: %v (remove %s, and run scripts/fetch-kernels %s/%s)", series, flavour, err, dir, series, flavour)
		}
	}
	return k, nil
}

// only finds the one file that a pattern matches.
func only(dir, pattern string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("vm: %d files match %s in %s, want one (remove the folder, and run scripts/fetch-kernels)", len(found), pattern, dir)
	}
	return found[0], nil
}
