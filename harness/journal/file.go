package journal

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/assaylab/assay/harness/sysfs"
)

// file decides about a write or a group by what the target says now.
//
// The order of the cases matters where one of our levels is also the original:
// with someone's value on record the text is our doing, without it all is well.
func (r restorer) file(e Entry, line Line) Line {
	line.Original = e.Same.Value(e.Before)
	text, err := r.tree.Read(e.Target)
	if errors.Is(err, fs.ErrNotExist) {
		line.Outcome = Vanished
		return line
	}
	if err != nil {
		return line.failed(err)
	}
	line.Found = e.Same.Value(text)
	same := e.Same.Equal(text, e.Before)
	switch {
	case r.opt.Force && !same:
		return r.putBack(e, line)
	case !r.opt.Force && e.Foreign != nil && e.wrote(text):
		return r.putForeign(e, line)
	case same:
		return r.settle(e, line)
	case e.wrote(text):
		return r.putBack(e, line)
	}
	return r.leave(line, line.Found)
}

// settle is for a target that says its original. That is all of a write; of a
// group it may be an undo that was cut short, or someone's hand on another file.
func (r restorer) settle(e Entry, line Line) Line {
	unlike, err := r.unlike(e)
	if err != nil {
		return line.failed(err)
	}
	for _, member := range unlike {
		if !e.wrote(member.Got) && !r.opt.Force {
			return r.leave(line, fmt.Sprintf("%s in %s", member.Got, member.File))
		}
	}
	if len(unlike) > 0 {
		return r.putBack(e, line)
	}
	line.Outcome = Original
	if text, ok := r.before[e.Target]; ok && !e.Same.Equal(text, e.Before) { // by the undo of a group that it is of
		line.Outcome, line.Found = Restored, e.Same.Value(text)
	}
	return line
}

func (r restorer) leave(line Line, text string) Line {
	line.Outcome, line.Left = ForeignLeft, text
	if r.opt.Keep {
		line.Outcome = Accepted
	}
	return line
}

// putForeign undoes what we wrote over someone's value: theirs stands at the end.
func (r restorer) putForeign(e Entry, line Line) Line {
	if err := r.tree.Apply(e.put(*e.Foreign)); err != nil {
		return line.failed(fmt.Errorf("put back %q, which is not ours: %w", *e.Foreign, err))
	}
	return r.leave(line, e.Same.Value(*e.Foreign))
}

// putBack writes the original and reads it back.
func (r restorer) putBack(e Entry, line Line) Line {
	if e.Kind == KindGroup {
		return r.putGroup(e, line)
	}
	if err := r.tree.Apply(e.original()); err != nil {
		return line.failed(err)
	}
	line.Outcome = Restored
	return line
}

// putGroup goes through the whole list, whatever a step says, and judges by what
// the files read in the end: a step may change what an earlier one wrote.
func (r restorer) putGroup(e Entry, line Line) Line {
	line.Outcome = Restored
	var failed []error
	for _, w := range e.Undo {
		err := r.tree.Write(w)
		if errors.Is(err, fs.ErrNotExist) {
			line.Outcome = Vanished
		} else if err != nil {
			failed = append(failed, err)
		}
	}
	unlike, err := r.unlike(e)
	if err != nil {
		return line.failed(errors.Join(append(failed, err)...))
	}
	for _, member := range unlike {
		failed = append(failed, member)
	}
	if len(unlike) > 0 {
		return line.failed(errors.Join(failed...))
	}
	return line
}

// unlike lists the files of a group, and the target itself, that don't read as
// they did. Those that are no longer there count as put back.
func (r restorer) unlike(e Entry) ([]*sysfs.Refused, error) {
	last := map[string]sysfs.Write{e.Target: e.original()}
	order := []string{e.Target}
	for _, w := range e.Undo {
		if _, seen := last[w.File]; !seen {
			order = append(order, w.File)
		}
		if w.File != e.Target {
			last[w.File] = w
		}
	}
	var unlike []*sysfs.Refused
	for _, file := range order {
		want := last[file]
		text, err := r.tree.Read(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case !want.Same.Equal(text, want.Value):
			unlike = append(unlike, &sysfs.Refused{File: file, Want: want.Value, Got: text})
		}
	}
	return unlike, nil
}
