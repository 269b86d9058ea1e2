package resource

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/workloads/wire"
)

// A Net is a level of netem: what befalls each packet on the loopback of the
// workload's own network namespace.
type Net struct {
	Delay  time.Duration // one way
	Jitter time.Duration // on either side of Delay
	Loss   float64       // share
}

// Shared is what a process sees that has no namespace of its own.
const Shared = "host"

// ParseNetwork takes "none" and "delay=10ms,jitter=1ms,loss=0.1%".
func ParseNetwork(text string) (n Net, err error) {
	if text == None {
		return n, nil
	}
	given := map[string]bool{}
	for word := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(word, "=")
		if given[key] {
			return n, fmt.Errorf("%s is given twice", key)
		}
		given[key] = true
		switch key {
		case "delay":
			n.Delay, err = span(value)
		case "jitter":
			n.Jitter, err = span(value)
		case "loss":
			n.Loss, err = share(value)
		default:
			err = fmt.Errorf("%q is not delay=TIME, jitter=TIME or loss=SHARE", word)
		}
		if err != nil {
			return n, err
		}
	}
	if n.Jitter > n.Delay {
		return n, fmt.Errorf("a jitter of %v about a delay of %v would deliver before it was sent", n.Jitter, n.Delay)
	}
	return n, nil
}

func span(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > time.Minute || d%time.Microsecond != 0 {
		return 0, fmt.Errorf("%q is not a time in whole microseconds, up to 1m (10ms)", text)
	}
	return d, nil
}

// share is a percentage with up to three decimals: the kernel has 32 bits for it.
func share(text string) (float64, error) {
	p, err := wire.ParsePercent(text)
	if err != nil {
		return 0, err
	}
	if p <= 0 || p > 1 || wire.FormatPercent(rounded(p)) != wire.FormatPercent(p) {
		return 0, fmt.Errorf("%q is not a share above 0%% and up to 100%%, with at most 3 decimals", text)
	}
	return p, nil
}

func rounded(share float64) float64 {
	p, err := strconv.ParseFloat(strconv.FormatFloat(share, 'f', 5, 64), 64)
	if err != nil {
		return share
	}
	return p
}

func (n Net) String() string {
	var words []string
	if n.Delay > 0 {
		words = append(words, "delay="+n.Delay.String())
	}
	if n.Jitter > 0 {
		words = append(words, "jitter="+n.Jitter.String())
	}
	if n.Loss > 0 {
		words = append(words, "loss="+wire.FormatPercent(n.Loss))
	}
	if words == nil {
		return None
	}
	return strings.Join(words, ",")
}

// make makes a namespace that this process alone holds, by a descriptor.
//
// Note: nothing of it is in the journal. The kernel takes it down with the last
// process in it and the last descriptor, so that nothing is left to undo
// whatever happens here; a name for it, by a bind mount as ip-netns(8) makes one,
// would only have to be taken away again.
func (n Net) make(m *making) (err error) {
	return elsewhere(func() error { return unix.Unshare(unix.CLONE_NEWNET) }, func() error {
		if m.made.network, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		if err := loopbackUp(); err != nil {
			return err
		}
		if n == (Net{}) {
			return nil
		}
		return n.emulate()
	})
}

// networkSeen looks into the namespace of a process.
func networkSeen(pid int) (seen string, err error) {
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return "", err
	}
	path := "/proc/" + strconv.Itoa(pid) + "/ns/net"
	theirs, err := os.Readlink(path)
	if err != nil {
		return "", err
	}
	if own == theirs {
		return Shared, nil
	}
	ns, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer ns.Close()
	err = elsewhere(func() error { return unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET) }, func() error {
		n, err := emulated()
		seen = n.String()
		return err
	})
	return seen, err
}

// lookNetwork is what befalls packets in a namespace that this process holds, for
// as long as nobody exchanges it: a queueing discipline put in the place of
// another has a handle of its own, though its options be the same.
func lookNetwork(ns *os.File) (shown string, err error) {
	err = elsewhere(func() error { return unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET) }, func() error {
		all, err := disciplines()
		shown = all.String()
		return err
	})
	return shown, err
}

// elsewhere has this thread enter another network namespace, act there, and come
// back. A thread that can't come back dies with its goroutine.
func elsewhere(enter, act func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		home, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			done <- err
			return
		}
		defer home.Close()
		if err := enter(); err != nil {
			runtime.UnlockOSThread()
			done <- fmt.Errorf("network namespace: %w", err)
			return
		}
		err = act()
		back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET)
		if back == nil {
			runtime.UnlockOSThread()
		}
		done <- errors.Join(err, back)
	}()
	return <-done
}

// loopbackUp is "ip link set lo up".
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("set lo up: %w", err)
	}
	return nil
}
