package knob

import (
	"errors"
	"regexp"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "goarm",
	Doc:   "instruction set of 32-bit ARM that the workload is compiled for (GOARM, with GOARCH=arm)",
	Scope: Build,
	Arch:  "arm",
	Allow: "5, 6, 7, each also with ,softfloat or ,hardfloat (5 has softfloat by itself, 6 and 7 hardfloat)",
	Try:   "goarm=7",
	Note:  "on arm64 too the workload is a 32-bit program then, where the CPU runs such (AArch32)",
	Not:   []string{"goarm64"},
	Parse: func(_, text string) (string, error) {
		if !armLevel.MatchString(text) {
			return "", errors.New(text + " is none of its levels")
		}
		version, float, _ := strings.Cut(text, ",")
		if (version == "5") == (float == "softfloat") {
			float = "" // what it has by itself
		}
		return strings.TrimSuffix(version+","+float, ","), nil
	},
	Effects: goarmEffects,
	Read:    func(_ string, e Evidence) (string, bool) { return fromBuild("GOARM", e) },
})

var armLevel = regexp.MustCompile(`^[567](,softfloat|,hardfloat)?$`)

// goarmEffects asks for the floating point that the level needs: a program that
// finds none ends at its start (runtime/os_linux_arm.go: checkgoarm).
func goarmEffects(_, level string, h host.Host) (Effects, error) {
	has, err := arm32Features(h)
	if err != nil {
		return Effects{}, err
	}
	version, float, _ := strings.Cut(level, ",")
	hard := float == "hardfloat" || float == "" && version != "5"
	switch {
	case hard && !has["vfp"]:
		return Effects{}, unsupported("this CPU has no floating point (VFP): softfloat is all that it runs")
	case hard && version == "7" && !has["vfpv3"]:
		return Effects{}, unsupported("this CPU has no VFPv3, which a level of 7 needs")
	}
	return Effects{Build: map[string]string{"GOARCH": "arm", "GOARM": level}}, nil
}

// arm32Features are those that a 32-bit program finds.
func arm32Features(h host.Host) (map[string]bool, error) {
	if h.Arch == "arm" {
		return armFeatures(h)
	}
	has := map[string]bool{}
	for _, word := range h.CPU.Arm32 {
		has[word] = true
	}
	return has, nil
}

// armFeatures are what the CPU says it has (Features of proc/cpuinfo, the names of
// AT_HWCAP).
func armFeatures(h host.Host) (map[string]bool, error) {
	info, err := h.FS.Read("proc/cpuinfo")
	_, features, found := strings.Cut(info, "Features")
	if err != nil || !found {
		return nil, errors.New("the CPU's features are not known (proc/cpuinfo has no Features)")
	}
	line, _, _ := strings.Cut(features, "\n")
	has := map[string]bool{}
	for _, word := range strings.Fields(line) {
		has[word] = true
	}
	return has, nil
}
