package knob

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "godebug.*",
	Doc:   "one setting of GODEBUG, such as godebug.gctrace; merged by key, never replacing the rest",
	Scope: Process,
	Allow: "any text without comma or white space",
	Try:   "godebug.gctrace=1",
	Parse: func(key, text string) (string, error) {
		if !godebugKey.MatchString(member(key)) {
			return "", fmt.Errorf("%q is no key of GODEBUG: lower-case letters and digits", member(key))
		}
		if strings.ContainsAny(text, ", \t") {
			return "", fmt.Errorf("%q has a comma or white space, which ends a setting of GODEBUG", text)
		}
		return text, plain(text)
	},
	Effects: func(key, level string, _ host.Host) (Effects, error) {
		return variable("GODEBUG", member(key)+"="+level), nil
	},
	Read: func(key string, e Evidence) (string, bool) {
		if e.Env == nil {
			return "", false
		}
		if v, ok := debugSetting(e.Env["GODEBUG"], member(key)); ok {
			return v, true
		}
		return unset, true
	},
})

var godebugKey = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// debugSetting finds a key in GODEBUG's text. The last of several wins, as in the runtime.
func debugSetting(text, key string) (value string, found bool) {
	for s := range strings.SplitSeq(text, ",") {
		if k, v, ok := strings.Cut(s, "="); ok && k == key {
			value, found = v, true
		}
	}
	return value, found
}
