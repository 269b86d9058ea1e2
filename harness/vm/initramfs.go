package vm

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// An Initramfs is the first root file system of a guest: an archive in cpio's
// format "newc", which the kernel unpacks into memory
// (driver-api/early-userspace/buffer-format.rst). The same files give the same
// bytes: no times, no owners but root, inode numbers in order.
type Initramfs struct {
	entries []entry
	has     map[string]bool
}

// An entry is one inode of the archive.
type entry struct {
	name         string // no slash first
	mode         uint32 // type and permission bits of inode(7)
	major, minor uint32 // of a device
	body         []byte // of a file; the target of a link
}

// Types of inode(7).
const (
	typeFolder = 0o040000
	typeFile   = 0o100000
	typeLink   = 0o120000
	typeDevice = 0o020000 // of characters
)

// A File is one that a guest shall have: at Path there, with the content of
// Source here or else Body.
type File struct {
	Path   string      // absolute
	Source string      // a file of this machine; empty: Body
	Body   []byte      // the content
	Mode   fs.FileMode // permission bits; 0: those of Source, or 0644
}

// newInitramfs begins an archive with what the kernel needs before any file
// system is mounted: a console for the first process.
func newInitramfs() *Initramfs {
	a := &Initramfs{has: map[string]bool{}}
	a.folder("dev")
	a.add(entry{name: "dev/console", mode: typeDevice | 0o600, major: 5, minor: 1})
	return a
}

// Add adds a file, and the folders on its way.
func (a *Initramfs) Add(f File) error {
	body, mode := f.Body, f.Mode.Perm()
	if f.Source != "" {
		info, err := os.Stat(f.Source)
		if err == nil {
			body, err = os.ReadFile(f.Source)
		}
		if err != nil {
			return fmt.Errorf("vm: take along: %w", err)
		}
		if mode == 0 {
			mode = info.Mode().Perm()
		}
	}
	if mode == 0 {
		mode = 0o644
	}
	return a.place(f.Path, entry{mode: typeFile | uint32(mode), body: body})
}

// Link adds a symbolic link.
func (a *Initramfs) Link(at, target string) error {
	return a.place(at, entry{mode: typeLink | 0o777, body: []byte(target)})
}

// Folder adds an empty folder, and those on its way.
func (a *Initramfs) Folder(at string) error {
	name, err := inside(at)
	if err == nil {
		a.folder(name)
	}
	return err
}

func (a *Initramfs) place(at string, e entry) error {
	name, err := inside(at)
	if err != nil {
		return err
	}
	if a.has[name] {
		return fmt.Errorf("vm: two files for %s in the guest", at)
	}
	a.folder(path.Dir(name))
	e.name = name
	a.add(e)
	return nil
}

// inside is a path as the archive writes it.
func inside(at string) (string, error) {
	if !path.IsAbs(at) || path.Clean(at) != at || at == "/" || strings.ContainsRune(at, 0) {
		return "", fmt.Errorf("vm: %q is not the full path of a file of the guest", at)
	}
	return at[1:], nil
}

func (a *Initramfs) folder(name string) {
	if name == "." || a.has[name] {
		return
	}
	a.folder(path.Dir(name))
	a.add(entry{name: name, mode: typeFolder | 0o755})
}

func (a *Initramfs) add(e entry) {
	a.has[e.name] = true
	a.entries = append(a.entries, e)
}

// WriteTo writes the archive.
func (a *Initramfs) WriteTo(w io.Writer) (int64, error) {
	written := int64(0)
	for i, e := range append(slices.Clone(a.entries), entry{name: trailer}) {
		for _, part := range [][]byte{e.header(i + 1), e.body, padding(len(e.body))} {
			n, err := w.Write(part)
			written += int64(n)
			if err != nil {
				return written, fmt.Errorf("vm: write the initramfs: %w", err)
			}
		}
	}
	return written, nil
}

const (
	magic      = "070701"
	trailer    = "TRAILER!!!"
	headerSize = len(magic) + 13*8
)

// header is thirteen numbers of eight hexadecimal digits, then the name and a
// zero byte, filled up to a multiple of four bytes.
func (e entry) header(inode int) []byte {
	var b bytes.Buffer
	const uid, gid, links, mtime, devMajor, devMinor, sum = 0, 0, 1, 0, 0, 0, 0
	b.WriteString(magic)
	for _, n := range []uint32{
		uint32(inode), e.mode, uid, gid, links, mtime, uint32(len(e.body)),
		devMajor, devMinor, e.major, e.minor, uint32(len(e.name) + 1), sum,
	} {
		fmt.Fprintf(&b, "%08X", n)
	}
	b.WriteString(e.name)
	b.WriteByte(0)
	b.Write(padding(b.Len()))
	return b.Bytes()
}

// padding fills up to a multiple of four.
func padding(n int) []byte { return make([]byte, (4-n%4)%4) }
