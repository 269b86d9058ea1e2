package driver

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
)

// Itself is by what a process executes its own program again.
const Itself = "/proc/self/exe"

// NotAgain is the error of a program that could not execute itself, with what to do
// instead where it is of another architecture: whoever started it by an emulator
// learns that the kernel does not know of that.
func NotAgain(err error, instead string) error {
	if !errors.Is(err, syscall.ENOEXEC) {
		return err
	}
	return fmt.Errorf("%w (the kernel can't execute a program for %s: under an emulator, register that with binfmt_misc, or %s)", err, runtime.GOARCH, instead)
}
