package resource

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// image makes a file with all its blocks, so that a disk that is full shows now
// and not in the middle of a trial.
func image(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = unix.Fallocate(int(f.Fd()), 0, 0, size)
	for errors.Is(err, unix.EINTR) {
		err = unix.Fallocate(int(f.Fd()), 0, 0, size)
	}
	switch {
	case errors.Is(err, unix.ENOSPC):
		err = fmt.Errorf("%w (free some space, or set TMPDIR to a folder on a larger disk)", err)
	case errors.Is(err, unix.EOPNOTSUPP):
		err = fmt.Errorf("%w (the file system there can't give a file its blocks beforehand: set TMPDIR to a folder on ext4 or xfs)", err)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("make %s of %d bytes: %w", path, size, err)
	}
	return nil
}

// attach puts a loop device before a file. The device lets the file go by itself when
// nothing uses it any more, not even the file returned.
func attach(path string) (*os.File, error) {
	back, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer back.Close()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer control.Close()
	for {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, fmt.Errorf("find a free loop device: %w", err)
		}
		device, err := os.OpenFile(fmt.Sprintf("/dev/loop%d", number), os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		config := unix.LoopConfig{Fd: uint32(back.Fd())}
		// Without the host's page cache, or an fsync would mean two.
		config.Info.Flags = unix.LO_FLAGS_AUTOCLEAR | unix.LO_FLAGS_DIRECT_IO
		copy(config.Info.File_name[:63], path)
		if err = unix.IoctlLoopConfigure(int(device.Fd()), &config); err == nil {
			return device, nil
		}
		device.Close()
		if !errors.Is(err, unix.EBUSY) { // someone else was quicker
			return nil, fmt.Errorf("put %s before %s: %w", device.Name(), path, err)
		}
	}
}

// detach takes the loop devices from a file.
func detach(path string) error {
	if err := inRun(path); err != nil {
		return err
	}
	devices, err := behind(path)
	if err != nil {
		return err
	}
	for _, name := range devices {
		if err := clear(name); err != nil {
			return fmt.Errorf("take %s from %s: %w", name, path, err)
		}
	}
	if devices, err = behind(path); err != nil {
		return err
	}
	if len(devices) > 0 {
		return fmt.Errorf("%s is still in use: %w", strings.Join(devices, ", "), unix.EBUSY)
	}
	return nil
}

func clear(device string) error {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = unix.IoctlSetInt(int(f.Fd()), unix.LOOP_CLR_FD, 0)
	if errors.Is(err, unix.ENXIO) { // it let go meanwhile
		err = nil
	}
	return errors.Join(err, f.Close())
}

// behind lists the loop devices of a file.
func behind(path string) ([]string, error) {
	files, err := machine.Glob("sys/block/loop*/loop/backing_file")
	if err != nil {
		return nil, err
	}
	var devices []string
	for _, file := range files {
		text, err := machine.Read(file)
		if err == nil && strings.TrimSuffix(strings.TrimSpace(text), " (deleted)") == path {
			devices = append(devices, "/dev/"+strings.Split(file, "/")[2])
		}
	}
	return devices, nil
}
