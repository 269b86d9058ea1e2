package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// version is that of the file's lines. A line of another version is refused,
// not skipped: it may stand for a change that has to be undone.
const version = 1

// An op is what a line does to the list of open entries.
type op string

const (
	opNote    op = "note"    // opens Entry
	opForeign op = "foreign" // sets Foreign of entry ID to Text
	opKnown   op = "known"   // adds Texts to Ours of entry ID, which is Moved no longer
	opDone    op = "done"    // closes entries IDs
)

// A record is one line of the file.
type record struct {
	V     int      `json:"v"`
	Op    op       `json:"op"`
	Entry *Entry   `json:"entry,omitempty"`
	ID    int      `json:"id,omitempty"`
	Text  *string  `json:"text,omitempty"`
	Texts []string `json:"texts,omitempty"`
	IDs   []int    `json:"ids,omitempty"`
}

func (r record) line() ([]byte, error) {
	r.V = version
	text, err := json.Marshal(r)
	return append(text, '\n'), err
}

func (r record) check() error {
	switch r.Op {
	case opNote:
		if r.Entry == nil {
			return errors.New("a note without an entry")
		}
		return r.Entry.check()
	case opForeign:
		if r.Text == nil || !utf8.ValidString(*r.Text) {
			return errors.New("a foreign value without its text")
		}
		return nil
	case opKnown:
		if slices.ContainsFunc(r.Texts, func(s string) bool { return !utf8.ValidString(s) }) {
			return errors.New("not UTF-8, so it can't be kept as text")
		}
		return nil
	case opDone:
		return nil
	}
	return fmt.Errorf("unknown operation %q", r.Op)
}

// parseLine reads one line, without its newline. It accepts exactly what this
// version writes.
func parseLine(line []byte) (record, error) {
	var head struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return record{}, fmt.Errorf("not a journal line: %w", err)
	}
	if head.V != version {
		return record{}, fmt.Errorf("written in version %d, this assay knows version %d", head.V, version)
	}
	var r record
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return record{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return record{}, errors.New("more than one value in the line")
	}
	return r, r.check()
}

// A content is what the lines of a file come to.
type content struct {
	live  map[int]Entry
	next  int   // id
	size  int64 // of the complete lines
	lines int
}

// parse plays the lines through. What follows the last newline is an append that
// was cut short: it was never acted on, since Note had not returned.
func parse(text []byte) (content, error) {
	c := content{live: map[int]Entry{}, next: 1}
	for {
		line, rest, complete := bytes.Cut(text[c.size:], []byte("\n"))
		if !complete {
			return c, nil
		}
		c.lines++
		r, err := parseLine(line)
		if err == nil {
			err = c.apply(r)
		}
		if err != nil {
			return c, fmt.Errorf("line %d: %w", c.lines, err)
		}
		c.size = int64(len(text) - len(rest))
	}
}

func (c *content) apply(r record) error {
	switch r.Op {
	case opNote:
		if r.Entry.ID < c.next {
			return fmt.Errorf("entry %d after entry %d", r.Entry.ID, c.next-1)
		}
		c.live[r.Entry.ID], c.next = *r.Entry, r.Entry.ID+1
	case opForeign:
		e, open := c.live[r.ID]
		if !open {
			return fmt.Errorf("a foreign value for entry %d, which is not open", r.ID)
		}
		e.Foreign = r.Text
		c.live[r.ID] = e
	case opKnown:
		e, open := c.live[r.ID]
		if !open {
			return fmt.Errorf("texts for entry %d, which is not open", r.ID)
		}
		c.live[r.ID] = e.known(r.Texts)
	case opDone:
		for _, id := range r.IDs {
			if _, open := c.live[id]; !open {
				return fmt.Errorf("entry %d is closed, which is not open", id)
			}
			delete(c.live, id)
		}
	}
	return nil
}
