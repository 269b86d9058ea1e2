package driver

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/assaylab/assay/workloads/wire"
)

// ensureGODEBUG makes settings hold from the very start of the process, which
// is the only time the runtime reads most of them. Where one is missing the
// program executes itself again: same process, same descriptors, about a
// millisecond, before anything is set up. Where all are there it returns.
func ensureGODEBUG(settings []string, control *wire.Conn) error {
	merged, changed := mergeGODEBUG(os.Getenv("GODEBUG"), settings)
	if !changed {
		return nil
	}
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "GODEBUG=") })
	env = append(env, "GODEBUG="+merged)
	if control != nil {
		if err := keepOpen(wire.ControlFD); err != nil {
			return fmt.Errorf("keep the control channel over exec: %w", err)
		}
	}
	err := syscall.Exec(Itself, os.Args, env)
	return fmt.Errorf("execute itself with GODEBUG=%s: %w", merged, NotAgain(err, "set GODEBUG="+merged+" in its environment yourself"))
}

// mergeGODEBUG adds the settings whose key have does not hold. A key that it
// holds stays as it is, whatever its value: whoever set it meant it.
func mergeGODEBUG(have string, settings []string) (merged string, changed bool) {
	held := map[string]bool{}
	for _, s := range strings.Split(have, ",") {
		key, _, _ := strings.Cut(s, "=")
		held[strings.TrimSpace(key)] = true
	}
	merged = have
	for _, s := range settings {
		key, _, _ := strings.Cut(s, "=")
		if held[key] {
			continue
		}
		if merged != "" {
			merged += ","
		}
		merged += s
		changed = true
	}
	return merged, changed
}

// keepOpen clears close-on-exec.
func keepOpen(fd int) error {
	_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_SETFD, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
