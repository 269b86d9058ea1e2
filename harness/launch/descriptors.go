package launch

import (
	"errors"
	"math"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeOnExec marks every descriptor of this process from 3 upwards. Those
// that Go opened are marked already; one that a shell or a job system handed
// to the harness may not be.
func closeOnExec() error {
	err := unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		return closeEachOnExec() // before Linux 5.11
	}
	return err
}

func closeEachOnExec() error {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, entry := range open {
		fd, err := strconv.Atoi(entry.Name())
		if err == nil && fd > 2 {
			unix.CloseOnExec(fd) // fails for the descriptor of the listing itself, closed by now
		}
	}
	return nil
}
