package host

import (
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sysfs"
)

// linux32 is PER_LINUX32 of personality(2).
const linux32 = 8

// arm32 lists what 32-bit ARM programs find of this machine's processor ("vfp",
// "vfpv3"), the names of AT_HWCAP; nil where they can't run. Of a fake tree and on
// other architectures it is nil.
//
// The kernel tells it to a thread that plays such a program: to become one is
// refused where the CPU has no AArch32 (arch/arm64/kernel/sys.c), and proc/cpuinfo is
// that of one then (c_show in arch/arm64/kernel/cpuinfo.c).
func arm32(root sysfs.FS) []string {
	if !own(root) || runtime.GOARCH != "arm64" {
		return nil
	}
	runtime.LockOSThread()
	before, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, linux32, 0, 0)
	if errno != 0 {
		runtime.UnlockOSThread()
		return nil
	}
	text, _ := os.ReadFile("/proc/cpuinfo")
	if _, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, before, 0, 0); errno == 0 {
		runtime.UnlockOSThread() // else this thread is left to this goroutine alone
	}
	return strings.Fields(parseCPUInfo(string(text)).first("Features"))
}
