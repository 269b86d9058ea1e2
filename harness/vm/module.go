package vm

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// modules knows the modules of a kernel by name. A package of Debian's holds no
// modules.dep: depmod makes that where a package is installed. What a module
// needs stands in the module itself.
type modules struct {
	files   map[string]string // name -> path
	builtin map[string]bool
	read    func(path string) (modinfo, error)
}

// modinfo is what a module says of itself in its section .modinfo.
type modinfo struct {
	depends []string // modules whose symbols it uses
	pre     []string // names that are to be loaded before it if there are any (softdep=pre:), not always names of modules
	aliases []string
}

// needs are what a module asks for by name at run time and says nowhere: zram
// makes its device with the compressor lzo-rle, and without that no disksize is
// taken (EINVAL).
var needs = map[string][]string{"zram": {"lzo_rle"}}

func (k Kernel) modules() (modules, error) {
	m := modules{files: map[string]string{}, builtin: map[string]bool{}, read: readModinfo}
	err := filepath.WalkDir(filepath.Join(k.Modules, "kernel"), func(path string, _ fs.DirEntry, err error) error {
		if name, ok := moduleName(path); ok {
			m.files[name] = path
		}
		return err
	})
	if err != nil {
		return m, fmt.Errorf("vm: list modules: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(k.Modules, "modules.builtin"))
	if err != nil {
		return m, fmt.Errorf("vm: list modules: %w", err)
	}
	for _, path := range strings.Fields(string(text)) {
		if name, ok := moduleName(path); ok {
			m.builtin[name] = true
		}
	}
	return m, nil
}

// moduleName is how the kernel calls the module of a file, "lzo_rle" for
// lzo-rle.ko.xz. The kernel unpacks what is packed.
func moduleName(path string) (string, bool) {
	name, packing, ok := strings.Cut(filepath.Base(path), ".ko")
	return strings.ReplaceAll(name, "-", "_"), ok && (packing == "" || strings.HasPrefix(packing, "."))
}

// Order lists the files of modules in an order in which they load, each after
// what it depends on. Of the names asked for, those that are built in or that
// this kernel does not have at all are left out: what needs one says so when it
// is used.
func (k Kernel) Order(names ...string) ([]string, error) {
	m, err := k.modules()
	if err != nil {
		return nil, err
	}
	return m.order(names)
}

func (m modules) order(names []string) ([]string, error) {
	o := ordering{modules: m, seen: map[string]bool{}}
	for _, name := range names {
		if err := o.visit(strings.ReplaceAll(name, "-", "_")); err != nil {
			return nil, err
		}
	}
	return o.files, nil
}

// An ordering is a walk through what modules need, depth first.
type ordering struct {
	modules
	seen  map[string]bool
	files []string
}

func (o *ordering) visit(name string) error {
	path, ok := o.loadable(name)
	if !ok || o.seen[name] {
		return nil
	}
	o.seen[name] = true
	info, err := o.read(path)
	if err != nil {
		return fmt.Errorf("vm: module %s: %w", path, err)
	}
	for _, soft := range info.pre {
		if err := o.soft(soft); err != nil {
			return err
		}
	}
	for _, each := range slices.Concat(needs[name], info.depends) {
		if err := o.visit(each); err != nil {
			return err
		}
	}
	o.files = append(o.files, path)
	return nil
}

func (o *ordering) loadable(name string) (string, bool) {
	path, ok := o.modules.files[name]
	return path, ok && !o.builtin[name]
}

// soft finds a name that may be a module, or what modules of kernel/crypto say
// that they are too: ext4 asks for "crc32c", which is crc32c_generic. One that
// fits is enough.
func (o *ordering) soft(name string) error {
	name = strings.ReplaceAll(name, "-", "_")
	if _, ok := o.modules.files[name]; ok {
		return o.visit(name)
	}
	for _, candidate := range o.crypto() {
		info, err := o.read(o.modules.files[candidate])
		if err != nil {
			return fmt.Errorf("vm: module %s: %w", candidate, err)
		}
		if slices.Contains(info.aliases, name) {
			return o.visit(candidate)
		}
	}
	return nil
}

// crypto lists the modules below kernel/crypto, generic ones first: those run
// on every processor.
func (o *ordering) crypto() []string {
	var names []string
	for name, path := range o.modules.files {
		if strings.Contains(path, "/kernel/crypto/") {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if ga, gb := strings.HasSuffix(a, "_generic"), strings.HasSuffix(b, "_generic"); ga != gb {
			if ga {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}

// readModinfo reads a module that is not packed. Those that are (.ko.xz, from
// Debian 13 on) need their packer's program.
func readModinfo(path string) (modinfo, error) {
	image, err := unpacked(path)
	if err != nil {
		return modinfo{}, err
	}
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return modinfo{}, err
	}
	section := f.Section(".modinfo")
	if section == nil {
		return modinfo{}, errors.New("no section .modinfo: not a kernel module")
	}
	text, err := section.Data()
	return parseModinfo(text), err
}

// parseModinfo reads "key=value" strings that end in zero bytes.
func parseModinfo(section []byte) modinfo {
	var info modinfo
	for _, entry := range strings.Split(string(section), "\x00") {
		key, value, _ := strings.Cut(entry, "=")
		switch key {
		case "depends":
			info.depends = append(info.depends, names(value, ",")...)
		case "alias":
			info.aliases = append(info.aliases, strings.ReplaceAll(value, "-", "_"))
		case "softdep":
			if rest, ok := strings.CutPrefix(value, "pre:"); ok {
				before, _, _ := strings.Cut(rest, "post:")
				info.pre = append(info.pre, names(before, " ")...)
			}
		}
	}
	return info
}

func names(list, separator string) []string {
	var all []string
	for _, name := range strings.Split(list, separator) {
		if name = strings.TrimSpace(name); name != "" {
			all = append(all, strings.ReplaceAll(name, "-", "_"))
		}
	}
	return all
}
