package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
)

// A request is what a [Remote] asks for. Without a step it is the end.
type request struct {
	Step []Attempt `json:"step,omitempty"`
}

// A reply is what became of a step: samples, or why there can't be any more. The
// first one, before any step, has notes alone.
type reply struct {
	Notes   []string `json:"notes,omitempty"`
	Samples []told   `json:"samples,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// A told sample has its lines beside it, as the benchmark format has them.
type told struct {
	sample.Sample
	Text string `json:"lines"`
}

// A Remote is an executor at the other end of a stream of JSON values: what it is
// asked for is made by the executor that is served there by [Serve].
//
// An error of Try that is [Lost] says that nothing can be said of the step: the
// other end is gone or said nonsense.
type Remote struct {
	to   *json.Encoder
	from *json.Decoder
}

// Meet waits until an executor is served at the other end of a stream, and gives
// what it notes for the report. What is read is buffered: whoever reads the stream
// beside it misses bytes.
func Meet(stream io.ReadWriter) (r *Remote, notes []string, err error) {
	r = &Remote{json.NewEncoder(stream), json.NewDecoder(stream)}
	var first reply
	if err := r.from.Decode(&first); err != nil {
		return nil, nil, &Lost{err}
	}
	if _, err := first.take(0); err != nil {
		return nil, nil, err
	}
	return r, first.Notes, nil
}

// A Lost is an executor that does not answer any more.
type Lost struct{ Why error }

func (l *Lost) Error() string { return "the executor was lost: " + l.Why.Error() }
func (l *Lost) Unwrap() error { return l.Why }

// Try has the step made at the other end. It waits for the answer: whoever ends
// ctx closes the stream.
func (r *Remote) Try(_ context.Context, step []Attempt) ([]sample.Sample, error) {
	if err := r.to.Encode(request{step}); err != nil {
		return nil, &Lost{err}
	}
	var got reply
	if err := r.from.Decode(&got); err != nil {
		return nil, &Lost{err}
	}
	return got.take(len(step))
}

// take holds an answer against what was asked for.
func (r reply) take(n int) ([]sample.Sample, error) {
	if r.Error != "" {
		return nil, errors.New(r.Error)
	}
	if len(r.Samples) != n {
		return nil, &Lost{fmt.Errorf("%s for a step of %s", prose.Plural(len(r.Samples), "sample"), prose.Plural(n, "trial"))}
	}
	var all []sample.Sample
	for _, t := range r.Samples {
		lines, err := sample.Parse([]byte(t.Text))
		if err != nil {
			return nil, &Lost{err}
		}
		t.Lines = lines
		all = append(all, t.Sample)
	}
	return all, nil
}

// End tells the other end that no step follows.
func (r *Remote) End() error {
	if err := r.to.Encode(request{}); err != nil {
		return &Lost{err}
	}
	return nil
}

// Serve makes steps by an executor for a [Remote] at the other end of a stream,
// until that one ends it. Notes are for the report. An error of the executor is told
// and returned. Garbage of this process is collected between steps only.
func Serve(ctx context.Context, e Executor, notes []string, stream io.ReadWriter) error {
	to, from := json.NewEncoder(stream), json.NewDecoder(stream)
	if err := to.Encode(reply{Notes: notes}); err != nil {
		return fmt.Errorf("tell that the executor is ready: %w", err)
	}
	broom, back := takeOver()
	defer back()
	for {
		var asked request
		if err := from.Decode(&asked); err != nil {
			return fmt.Errorf("read what is to be tried: %w", err)
		}
		if len(asked.Step) == 0 {
			return nil
		}
		broom.sweep()
		samples, err := e.Try(ctx, asked.Step)
		if err := to.Encode(replied(samples, err)); err != nil {
			return fmt.Errorf("tell what was measured: %w", err)
		}
		if err != nil {
			return err
		}
	}
}

func replied(samples []sample.Sample, err error) reply {
	if err != nil {
		return reply{Error: err.Error()}
	}
	var r reply
	for _, s := range samples {
		r.Samples = append(r.Samples, told{s, sample.Text(nil, s.Lines)})
	}
	return r
}
