package link

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Port is a virtio serial port of a guest, opened there so that reading it
// blocks.
//
// The kernel says end of file as long as it does not know that the other end is
// open, which it learns a moment after the port is there. Only after a first
// byte does that mean that the other end is gone.
type Port struct {
	*os.File
	heard bool
}

// portWithin is how long a port may take to be found by its driver.
const portWithin = 20 * time.Second

// OpenPort opens the port of a name, in the guest: [Control], [Channel]. It waits
// for one that is not there yet: nobody would tell of it.
func OpenPort(name string) (*Port, error) {
	for deadline := time.Now().Add(portWithin); ; time.Sleep(5 * time.Millisecond) {
		if path, ok := device(name); ok {
			fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", path, err)
			}
			return &Port{File: os.NewFile(uintptr(fd), path)}, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("no port %s has appeared within %v (is this a guest?)", name, portWithin)
		}
	}
}

// device is the device file of a port.
func device(name string) (path string, ok bool) {
	files, _ := filepath.Glob("/sys/class/virtio-ports/*/name")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || strings.TrimSpace(string(text)) != name {
			continue
		}
		path = "/dev/" + filepath.Base(filepath.Dir(file))
		_, err = os.Stat(path)
		return path, err == nil
	}
	return "", false
}

// Read waits for the other end.
func (p *Port) Read(b []byte) (int, error) {
	for {
		n, err := p.File.Read(b)
		p.heard = p.heard || n > 0
		if p.heard || !errors.Is(err, io.EOF) {
			return n, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
