package knob

import (
	"fmt"
	"strconv"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

var _ = register(Knob{
	Name:  "umask",
	Doc:   "permission bits that files made by the workload do not get",
	Scope: Process,
	Allow: "octal digits from 000 to 777",
	Try:   "umask=077",
	Parse: func(_, text string) (string, error) {
		mask, err := strconv.ParseUint(text, 8, 32)
		if err != nil || mask > 0o777 {
			return "", fmt.Errorf("%q is not a mask in octal", text)
		}
		return fmt.Sprintf("%03o", mask), nil
	},
	Effects: func(_, level string, _ host.Host) (Effects, error) {
		mask, err := strconv.ParseUint(level, 8, 32)
		bits := uint32(mask)
		return Effects{Process: launch.Settings{Umask: &bits}}, err
	},
	Read:  fromProcess(umaskOf),
	Shown: []string{procStatus},
})
