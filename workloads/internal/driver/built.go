package driver

import (
	"runtime/debug"
	"strings"
)

// detectors are flags of go build that have a program watch itself: its times and its
// memory are then theirs too.
var detectors = []string{"-race", "-msan", "-asan"}

// builtWith is a configuration line for each detector that a program was built with,
// "race: true", so that its results are not taken for those of another. benchstat has
// them in a table of their own.
func builtWith(settings []debug.BuildSetting) string {
	lines := ""
	for _, flag := range detectors {
		for _, s := range settings {
			if s.Key == flag && s.Value == "true" {
				lines += strings.TrimPrefix(flag, "-") + ": true\n"
			}
		}
	}
	return lines
}

// ownSettings are those that this program was built with.
func ownSettings() []debug.BuildSetting {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	return info.Settings
}
