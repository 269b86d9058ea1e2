// Package link is what the harness and the first process of a guest say to each
// other over a virtio serial port.
//
// A message is a [Header] as JSON, its length before it in four bytes with the
// highest first, and then as many bytes of body as it says. The guest begins
// with Ready. After that the harness asks, one request at a time:
//
//	Run     -> any number of Stdout and Stderr, then Done with the status
//	Put     (a file in its body) -> Done
//	Fetch   -> a File for each file, or below a folder, then Done
//	Off     -> Done, and the guest powers off
//
// A Done with an Error is a request that could not be done.
package link

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// Ports are the names of the guest's virtio serial ports: the one of this
// package, and one of plain bytes that is the caller's.
const (
	Control = "assay.control"
	Channel = "assay.channel"
)

// A Kind is what a message is.
type Kind string

const (
	Ready  Kind = "ready"
	Run    Kind = "run"
	Put    Kind = "put"
	Fetch  Kind = "fetch"
	Off    Kind = "off"
	Stdout Kind = "stdout"
	Stderr Kind = "stderr"
	File   Kind = "file"
	Done   Kind = "done"
)

// A Header is a message without its body.
type Header struct {
	Kind   Kind     `json:"kind"`
	Args   []string `json:"args,omitempty"` // run: the program and its arguments
	Env    []string `json:"env,omitempty"`  // run: complete
	Dir    string   `json:"dir,omitempty"`  // run: working folder
	Path   string   `json:"path,omitempty"` // put, fetch; of a file: relative to what was fetched, "." for that itself
	Mode   uint32   `json:"mode,omitempty"` // of a file: permission bits
	Status int      `json:"status"`         // done: exit status, or minus the signal
	Error  string   `json:"error,omitempty"`
	Size   int64    `json:"size"` // of the body, bytes
}

// most a header may have: a line of arguments is shorter.
const most = 1 << 20

// A Link is one end. Send may be called from several goroutines, Next from one.
type Link struct {
	from io.Reader
	body io.LimitedReader // what is left of the last message's

	mu sync.Mutex
	to io.Writer
}

// New makes an end of a two-way stream.
func New(stream io.ReadWriter) *Link {
	return &Link{from: stream, to: stream}
}

// Send writes a message; of body as many bytes as h.Size says.
func (l *Link) Send(h Header, body io.Reader) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.to.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)); err != nil {
		return err
	}
	if h.Size == 0 {
		return nil
	}
	if n, err := io.CopyN(l.to, body, h.Size); err != nil {
		return fmt.Errorf("link: sent %d of %d bytes: %w", n, h.Size, err)
	}
	return nil
}

// Next reads the next message. Its body is to be read before Next is called
// again; what is left of it then is dropped. At the end of the stream the error
// is io.EOF, within a message io.ErrUnexpectedEOF.
func (l *Link) Next() (Header, io.Reader, error) {
	var h Header
	if l.body.N > 0 {
		if _, err := io.Copy(io.Discard, &l.body); err != nil {
			return h, nil, err
		}
		if l.body.N > 0 {
			return h, nil, io.ErrUnexpectedEOF
		}
	}
	var size [4]byte
	if _, err := io.ReadFull(l.from, size[:]); err != nil {
		return h, nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > most {
		return h, nil, fmt.Errorf("link: a header of %d bytes, more than %d: not a message", n, most)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(l.from, text); err != nil {
		return h, nil, cut(err)
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, nil, fmt.Errorf("link: a header that is none: %w", err)
	}
	if h.Size < 0 {
		return h, nil, fmt.Errorf("link: a body of %d bytes", h.Size)
	}
	l.body = io.LimitedReader{R: l.from, N: h.Size}
	return h, &l.body, nil
}

// cut: the stream ended within a message.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
