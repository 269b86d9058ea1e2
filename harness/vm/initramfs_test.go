package vm

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// unpack reads an archive back, as the kernel does (init/initramfs.c).
func unpack(t *testing.T, archive []byte) map[string]entry {
	t.Helper()
	found := map[string]entry{}
	for at := 0; ; {
		require.LessOrEqual(t, at+headerSize, len(archive), "the archive has no end")
		require.Equal(t, magic, string(archive[at:at+len(magic)]), "at byte %d", at)
		var n [13]int
		for i := range n {
			_, err := fmt.Sscanf(string(archive[at+6+8*i:at+14+8*i]), "%08X", &n[i])
			require.NoError(t, err)
		}
		mode, size, name := n[1], n[6], n[11]
		require.Zero(t, archive[at+headerSize+name-1], "a name ends in a zero byte")
		e := entry{name: string(archive[at+headerSize : at+headerSize+name-1]), mode: uint32(mode), major: uint32(n[9]), minor: uint32(n[10])}
		at += headerSize + name
		at += (4 - at%4) % 4
		e.body = archive[at : at+size]
		at += size
		at += (4 - at%4) % 4
		if e.name == trailer {
			require.Equal(t, len(archive), at)
			return found
		}
		require.NotContains(t, found, e.name)
		found[e.name] = e
	}
}

func TestArchiveReadsBack(t *testing.T) {
	source := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(source, []byte("#!"), 0o755))
	write := func() []byte {
		a := newInitramfs()
		require.NoError(t, a.Add(File{Path: "/init", Source: source}))
		require.NoError(t, a.Add(File{Path: "/etc/deep/er/file", Body: []byte("12345")}))
		require.NoError(t, a.Add(File{Path: "/etc/deep/secret", Mode: 0o600}))
		require.NoError(t, a.Link("/bin/sh", "/bin/busybox"))
		require.NoError(t, a.Folder("/etc/deep"))
		require.NoError(t, a.Folder("/empty"))
		var b bytes.Buffer
		n, err := a.WriteTo(&b)
		require.NoError(t, err)
		require.EqualValues(t, b.Len(), n)
		return b.Bytes()
	}
	found := unpack(t, write())
	check := func(name string, mode uint32, body string) {
		t.Helper()
		if e, ok := found[name]; !ok || e.mode != mode || string(e.body) != body {
			t.Errorf("%s is %o with %q (there: %v), want %o with %q", name, e.mode, e.body, ok, mode, body)
		}
		delete(found, name)
	}
	if console := found["dev/console"]; console.major != 5 || console.minor != 1 {
		t.Errorf("the console is device %d:%d, want 5:1", console.major, console.minor)
	}
	check("dev", 0o040755, "")
	check("dev/console", 0o020600, "")
	check("init", 0o100755, "#!")
	check("etc", 0o040755, "")
	check("etc/deep", 0o040755, "")
	check("etc/deep/er", 0o040755, "")
	check("etc/deep/er/file", 0o100644, "12345")
	check("etc/deep/secret", 0o100600, "")
	check("bin", 0o040755, "")
	check("bin/sh", 0o120777, "/bin/busybox")
	check("empty", 0o040755, "")
	require.Empty(t, found)
	require.Equal(t, write(), write(), "the same files give the same bytes")
}

func TestArchiveRefusesWhatWouldBeLost(t *testing.T) {
	refuses := func(want string, f File) {
		t.Helper()
		a := newInitramfs()
		require.NoError(t, a.Add(File{Path: "/there"}))
		require.ErrorContains(t, a.Add(f), want)
	}
	refuses("two files for /there", File{Path: "/there"})
	refuses("not the full path", File{Path: "relative"})
	refuses("not the full path", File{Path: "/up/../there"})
	refuses("not the full path", File{Path: "/"})
	refuses("no such file", File{Path: "/x", Source: "/no/such/file"})
}
