package knob

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "mthp.*",
	Doc:   "transparent huge pages of one size, such as mthp.64kB (Linux 6.8 and later)",
	Scope: Machine,
	Allow: "never, madvise, always, inherit",
	Try:   "mthp.64kB=always",
	Note:  "inherit follows thp; thp has no say over a size that says anything else",
	Since: "Linux 6.8",
	Refuses: []Refusal{
		{Cell: "mthp.16kB=always", Why: "not of 16kB"},
		{Cell: "mthp.64=always", Why: "no size of pages"},
	},
	Parse: func(key, text string) (string, error) {
		if !mthpSize.MatchString(member(key)) {
			return "", fmt.Errorf("%q is no size of pages: write mthp.64kB", member(key))
		}
		return oneOf("never", "madvise", "always", "inherit")(key, text)
	},
	Effects: mthpEffects,
	Read: func(key string, e Evidence) (string, bool) {
		return selected(mthpFile(member(key)))(key, e)
	},
	Host: func(key string) []string { return []string{mthpFile(member(key))} },
})

var mthpSize = regexp.MustCompile(`^[1-9][0-9]*kB$`)

func mthpFile(size string) string { return thpFolder + "hugepages-" + size + "/enabled" }

func mthpEffects(key, level string, h host.Host) (Effects, error) {
	file := mthpFile(member(key))
	if h.FS.Exists(file) {
		e, err := selector(h.FS, file, level)
		e.Observe = []string{thpEnabled}
		return e, err
	}
	there, err := h.FS.Glob(mthpFile("*"))
	if err != nil {
		return Effects{}, err
	}
	if len(there) == 0 {
		return Effects{}, unsupported("this kernel has no huge pages by size (they came with Linux 6.8)")
	}
	for i, f := range there {
		there[i] = strings.TrimSuffix(strings.TrimPrefix(f, thpFolder+"hugepages-"), "/enabled")
	}
	return Effects{}, unsupported("this machine has huge pages of %s, not of %s", strings.Join(there, ", "), member(key))
}
