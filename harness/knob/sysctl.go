package knob

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "sysctl.*",
	Doc:   "any other setting below /proc/sys, such as sysctl.vm.vfs_cache_pressure",
	Scope: Machine,
	Allow: "what the kernel takes there: words or whole numbers on one line",
	Try:   "sysctl.vm.vfs_cache_pressure=200",
	Note:  "whether a level is one that the kernel takes shows only when it is written",
	Parse: parseSysctl,
	Effects: func(key, level string, h host.Host) (Effects, error) {
		return one(h, sysctlFile(member(key)), level, sysfs.Number)
	},
	Read: func(key string, e Evidence) (string, bool) {
		text, ok := e.Host[sysctlFile(member(key))]
		return strings.Join(strings.Fields(text), " "), ok
	},
	Host: func(key string) []string { return []string{sysctlFile(member(key))} },
})

// sysctlFile is the file of a name with dots, as sysctl(8) has it.
func sysctlFile(name string) string { return "proc/sys/" + strings.ReplaceAll(name, ".", "/") }

// sysctlName has at least two parts and nothing that could lead elsewhere.
var sysctlName = regexp.MustCompile(`^[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)+$`)

func parseSysctl(key, text string) (string, error) {
	name := member(key)
	switch {
	case strings.Contains(name, "/"):
		return "", fmt.Errorf("%q has a slash: write dots, as in sysctl.vm.vfs_cache_pressure", name)
	case !sysctlName.MatchString(name):
		return "", fmt.Errorf("%q is no name of a setting: letters, digits, _ and -, with dots between", name)
	}
	if own, ok := holder(sysctlFile(name)); ok {
		return "", fmt.Errorf("%s has a knob: use %s", name, own.Name)
	}
	if twin := twinOf(sysctlFile(name)); twin != "" {
		return "", fmt.Errorf("%s is another unit of %s: use that", name, twin)
	}
	if why := forbidden(name); why != "" {
		return "", fmt.Errorf("%s is refused: %s", name, why)
	}
	if err := plain(text); err != nil {
		return "", err
	}
	words := strings.Fields(text)
	for _, w := range words {
		if octal.MatchString(w) {
			return "", fmt.Errorf("%q would be read as octal by some files and not by others: leave out the zeros", w)
		}
	}
	return strings.Join(words, " "), nil
}

var octal = regexp.MustCompile(`^-?0[0-9]+$`)

// twinOf is the knob whose other unit a file is; empty for none.
func twinOf(file string) string {
	for _, k := range All() {
		if k.Twin == file {
			return k.Name
		}
	}
	return ""
}
