package knob

import (
	"errors"
	"fmt"
)

// An Unsupported is a definite no, with the reason in a user's words. It wraps
// errors.ErrUnsupported.
type Unsupported struct {
	Why  string
	Root bool // root could do it
}

func (u *Unsupported) Error() string { return u.Why }
func (u *Unsupported) Unwrap() error { return errors.ErrUnsupported }

// needsRoot is a no for this user alone.
func needsRoot(what string) error {
	return &Unsupported{Why: what + " needs root: run with sudo, or drop the level", Root: true}
}

func unsupported(format string, args ...any) error {
	return &Unsupported{Why: fmt.Sprintf(format, args...)}
}
