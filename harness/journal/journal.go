// Package journal makes changes to a machine survivable: what was there is on
// disk before it is touched, and is put back whatever happens to the harness.
//
// The order in a run:
//
//  1. [Acquire] the one host lock. Two harnesses would each take the other's
//     levels for originals.
//  2. [Guard] starts the guardian, which shares the lock and puts everything back
//     should the harness die. It has said that it is ready when Guard returns.
//  3. [Open] the journal. What an earlier run left in it is restored first.
//  4. [Journal.Note] what is about to be touched; then, and only then, touch it.
//  5. [Journal.Restore], then [Guardian.Done], then [Lock.Release].
//
// The lock is what makes any entry that Restore finds an orphan: its caller holds
// the lock, so nobody else's run is under way.
package journal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// A Journal is the list of what has been touched and not yet put back. It is
// safe for use by several goroutines, and has one process at a time: the one that
// holds the host lock.
type Journal struct {
	mu    sync.Mutex
	path  string
	file  store
	size  int64 // of the file, up to the end of the last complete line
	lines int   // in the file
	torn  bool  // there is more in the file, an append that was cut short
	next  int   // id of the next entry
	live  map[int]Entry
	boot  string
	self  Owner

	// broken is set when the file may not hold what we think that it holds. It
	// ends all noting: a change that can't be noted must not be made.
	broken error

	// readOnly is why the file could be opened for reading only, see [Restore].
	readOnly error
}

// store is the part of an *os.File that a journal uses.
type store interface {
	Write([]byte) (int, error)
	Sync() error
	Truncate(int64) error
	Close() error
}

// Note writes the entries to disk, by one fsync for all of them, and returns
// their ids. Nothing that an entry is about may be touched before Note returns,
// and nothing at all if it fails. It fills in ID, Boot, Owner and Time.
func (j *Journal) Note(entries ...Entry) ([]int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now().UTC()
	ids := make([]int, len(entries))
	records := make([]record, len(entries))
	for i := range entries {
		e := entries[i]
		e.ID, e.Boot, e.Owner, e.Time = j.next+i, j.boot, j.self, now
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("journal: entry for %q: %w", e.Target, err)
		}
		ids[i], records[i] = e.ID, record{Op: opNote, Entry: &e}
	}
	if err := j.append(records, synced); err != nil {
		return nil, fmt.Errorf("%w (nothing was touched; free some space, or give another folder by --state)", err)
	}
	for _, r := range records {
		j.live[r.Entry.ID] = *r.Entry
	}
	j.next += len(entries)
	return ids, nil
}

// Foreign records that someone wrote text to the target of entry id while a run
// had it. It comes before the run writes its own level again. Restore will
// put this text back rather than the original, say so, and keep the entry.
func (j *Journal) Foreign(id int, text string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, err := j.written(id)
	if err != nil {
		return err
	}
	r := record{Op: opForeign, ID: id, Text: &text}
	if err := r.check(); err != nil {
		return fmt.Errorf("journal: foreign text for %q: %w", e.Target, err)
	}
	if err := j.append([]record{r}, synced); err != nil {
		return err
	}
	e.Foreign = &text
	j.live[id] = e
	return nil
}

// Known records what else the target of entry id says by the run's own doing: a
// level as the kernel rounded it, or what a write to another file made of it. An
// entry that was [Entry.Moved] is so no longer. The entry keeps its place in the
// order of undoing.
func (j *Journal) Known(id int, texts ...string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, err := j.written(id)
	if err != nil {
		return err
	}
	r := record{Op: opKnown, ID: id, Texts: texts}
	if err := r.check(); err != nil {
		return fmt.Errorf("journal: texts of %q: %w", e.Target, err)
	}
	if err := j.append([]record{r}, synced); err != nil {
		return err
	}
	j.live[id] = e.known(texts)
	return nil
}

// written is the open entry id, of a kind that holds text.
func (j *Journal) written(id int) (Entry, error) {
	e, known := j.live[id]
	switch {
	case !known:
		return e, fmt.Errorf("journal %s: no entry %d is open", j.path, id)
	case e.Kind != KindWrite && e.Kind != KindGroup:
		return e, fmt.Errorf("journal %s: entry %d is of kind %s, which holds no text", j.path, id, e.Kind)
	}
	return e, nil
}

// Done closes entries whose undo has been read back. Ids that are closed already
// are passed over. The file is emptied when nothing is left open.
//
// Note: this needs no fsync. Should a power failure lose it, the entry is one of
// another boot; on this boot the page cache outlives any process.
func (j *Journal) Done(ids ...int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	ids = slices.DeleteFunc(ids, func(id int) bool { _, open := j.live[id]; return !open })
	if len(ids) == 0 {
		return nil
	}
	if len(ids) == len(j.live) {
		return j.empty()
	}
	if err := j.append([]record{{Op: opDone, IDs: ids}}, unsynced); err != nil {
		return err
	}
	for _, id := range ids {
		delete(j.live, id)
	}
	if j.lines > 1024 && j.lines > 16*len(j.live) {
		return j.compact()
	}
	return nil
}

// Pending is what is still to be undone, oldest first.
func (j *Journal) Pending() ([]Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.pending(), nil
}

func (j *Journal) pending() []Entry {
	entries := make([]Entry, 0, len(j.live))
	for _, e := range j.live {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return a.ID - b.ID })
	return entries
}

// Close closes the file; open entries stay in it.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken == nil {
		j.broken = os.ErrClosed
	}
	return j.file.Close()
}

const (
	synced   = true
	unsynced = false
)

// append adds whole lines or none. If it can't tell which, the journal is broken.
func (j *Journal) append(records []record, sync bool) error {
	if err := cmp.Or(j.readOnly, j.broken); err != nil {
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	var text []byte
	for _, r := range records {
		line, err := r.line()
		if err != nil {
			return fmt.Errorf("journal %s: %w", j.path, err)
		}
		text = append(text, line...)
	}
	_, err := j.file.Write(text)
	if err == nil && sync {
		// After a failed fsync the kernel may have dropped the pages: what is on
		// disk is unknown from here on.
		if err = j.file.Sync(); err != nil {
			j.broken = fmt.Errorf("an earlier fsync failed: %w", err)
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("journal %s: %w", j.path, err), j.cut())
	}
	j.size += int64(len(text))
	j.lines += len(records)
	return nil
}

// cut takes off what a failed append may have left behind.
func (j *Journal) cut() error {
	err := j.file.Truncate(j.size)
	if err != nil && j.broken == nil {
		j.broken = fmt.Errorf("an earlier append failed and could not be taken back: %w", err)
	}
	return err
}

// empty is tried on a broken journal too: no lines, no doubt about them.
func (j *Journal) empty() error {
	if j.readOnly != nil {
		return fmt.Errorf("journal %s: %w", j.path, j.readOnly)
	}
	if err := j.file.Truncate(0); err != nil {
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	j.size, j.lines = 0, 0
	clear(j.live)
	return nil
}
