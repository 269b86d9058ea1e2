package driver

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"runtime/trace"
)

// record writes what -cpuprofile and -trace ask for, over the window alone, or for as
// long as a role serves. Both
// cost the window time: they are for looking at a workload, not for timing it.
// stop ends both and must be called.
func record(profile, execution string) (stop func() error, err error) {
	var stops []func() error
	stop = func() error {
		var errs []error
		for _, each := range stops {
			errs = append(errs, each())
		}
		stops = nil
		return errors.Join(errs...)
	}
	begin := func(path string, start func(*os.File) error, end func()) error {
		if path == "" {
			return nil
		}
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := start(f); err != nil {
			return errors.Join(err, f.Close())
		}
		stops = append(stops, func() error { end(); return f.Close() })
		return nil
	}
	err = begin(profile, func(f *os.File) error { return pprof.StartCPUProfile(f) }, pprof.StopCPUProfile)
	if err == nil {
		err = begin(execution, func(f *os.File) error { return trace.Start(f) }, trace.Stop)
	}
	if err != nil {
		return nil, fmt.Errorf("record the window: %w", errors.Join(err, stop()))
	}
	return stop, nil
}
