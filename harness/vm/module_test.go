package vm

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kernelOf is a kernel's modules by what they say, for walks without files.
func kernelOf(said map[string]string) modules {
	m := modules{files: map[string]string{}, builtin: map[string]bool{"nvme": true}}
	for name := range said {
		m.files[name] = "/kernel/drivers/" + name + ".ko"
	}
	for _, name := range []string{"crc32c_generic", "crc32c_fast"} {
		if _, ok := m.files[name]; ok {
			m.files[name] = "/kernel/crypto/" + name + ".ko"
		}
	}
	m.read = func(path string) (modinfo, error) {
		name, _ := moduleName(path)
		if said[name] == "broken" {
			return modinfo{}, errors.New("not an object")
		}
		return parseModinfo([]byte(said[name])), nil
	}
	return m
}

func TestModulesLoadAfterWhatTheyNeed(t *testing.T) {
	m := kernelOf(map[string]string{
		"virtio_console": "license=GPL\x00depends=virtio,virtio_ring\x00",
		"virtio":         "depends=",
		"virtio_ring":    "depends=virtio",
		"ext4":           "softdep=pre: crc32c\x00depends=jbd2,mbcache",
		"jbd2":           "", "mbcache": "",
		"crc32c_fast":    "alias=crc32c",
		"crc32c_generic": "alias=crypto-crc32c\x00alias=crc32c",
		"zram":           "depends=zsmalloc",
		"zsmalloc":       "", "lzo_rle": "",
		"nvme": "depends=nvme_core", "nvme_core": "",
		"round_a": "depends=round_b", "round_b": "depends=round_a",
	})
	check := func(want []string, asked ...string) {
		t.Helper()
		got, err := m.order(asked)
		require.NoError(t, err)
		for i, path := range got {
			got[i], _ = moduleName(path)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v load as %v, want %v", asked, got, want)
		}
	}
	check([]string{"virtio", "virtio_ring", "virtio_console"}, "virtio-console", "virtio")
	// Not in depends=: without it mounting ext4 fails with ENOENT.
	check([]string{"crc32c_generic", "jbd2", "mbcache", "ext4"}, "ext4")
	check([]string{"lzo_rle", "zsmalloc", "zram"}, "zram")
	check(nil, "nvme")       // built in
	check(nil, "unheard_of") // of another kernel
	check([]string{"round_b", "round_a"}, "round_a")
}

func TestAModuleThatCannotBeReadIsNamed(t *testing.T) {
	_, err := kernelOf(map[string]string{"a": "depends=b", "b": "broken"}).order([]string{"a"})
	require.ErrorContains(t, err, "vm: module /kernel/drivers/b.ko: not an object")
}

func TestModuleNamesAreTheKernels(t *testing.T) {
	check := func(path, want string, ok bool) {
		t.Helper()
		if got, is := moduleName(path); is != ok || is && got != want {
			t.Errorf("%s is %q, %v, want %q, %v", path, got, is, want, ok)
		}
	}
	check("kernel/crypto/lzo-rle.ko", "lzo_rle", true)
	check("kernel/crypto/lzo-rle.ko.xz", "lzo_rle", true)
	check("kernel/crypto", "", false)
	check("modules.kopie", "", false)
}

func TestAKernelIsFoundBySeriesAndArchitecture(t *testing.T) {
	cache := t.TempDir()
	write := func(name string) {
		t.Helper()
		require.NoError(t, place(filepath.Join(cache, name), 0o644, strings.NewReader("")))
	}
	for _, flavour := range []string{"cloud-amd64", "arm64"} {
		release := "6.1.0-9-" + flavour
		write("6.1/" + flavour + "/boot/vmlinuz-" + release)
		write("6.1/" + flavour + "/boot/config-" + release)
		write("6.1/" + flavour + "/lib/modules/" + release + "/modules.builtin")
	}
	write("busybox/amd64/bin/busybox")
	k, err := Find(cache, "6.1", "amd64", false)
	require.NoError(t, err)
	require.Equal(t, "6.1.0-9-cloud-amd64", k.Release)
	require.Equal(t, "amd64", k.Arch)
	require.Equal(t, filepath.Join(cache, "6.1/cloud-amd64/boot/vmlinuz-6.1.0-9-cloud-amd64"), k.Image)

	_, err = Find(cache, "6.1", "arm64", false)
	require.ErrorContains(t, err, "kernel 6.1/arm64 is not whole")
	require.ErrorContains(t, err, "run scripts/fetch-kernels 6.1/arm64")
	write("6.1/cloud-arm64/boot/vmlinuz-6.1.0-9-cloud-arm64")
	_, err = Find(cache, "6.1", "arm64", false)
	require.ErrorContains(t, err, "kernel 6.1/cloud-arm64")
	_, err = Find(cache, "6.1", "arm64", true)
	require.ErrorContains(t, err, "kernel 6.1/arm64", "clouds set no frequencies")
	require.NoError(t, os.RemoveAll(filepath.Join(cache, "6.1/cloud-arm64")))
	_, err = Find(cache, "6.12", "amd64", false)
	require.ErrorContains(t, err, "no kernel 6.12 for amd64")
	require.ErrorContains(t, err, "which has 6.1/arm64, 6.1/cloud-amd64 (fetch it: scripts/fetch-kernels 6.12/amd64)")
	write("6.1/cloud-amd64/boot/vmlinuz-6.1.0-10-cloud-amd64")
	_, err = Find(cache, "6.1", "amd64", false)
	require.ErrorContains(t, err, "2 files match")
}

func FuzzModinfo(f *testing.F) {
	f.Add([]byte("depends=a,b\x00softdep=pre: c d post: e\x00alias=x-y"))
	f.Fuzz(func(t *testing.T, section []byte) {
		info := parseModinfo(section)
		for _, name := range slices.Concat(info.depends, info.pre) {
			if name == "" || slices.Contains([]byte(name), 0) {
				t.Errorf("a module named %q", name)
			}
		}
	})
}
