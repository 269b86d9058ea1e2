package driver

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/assaylab/assay/workloads/wire"
	"github.com/stretchr/testify/require"
)

func TestAFailureIsOfTheFirstKindThatFits(t *testing.T) {
	kinds := FailureKinds{
		{Unit: "end-errors", Doc: "ends", Is: Wraps(io.EOF, io.ErrUnexpectedEOF)},
		{Unit: "wrong-errors", Doc: "wrong", Is: func(err error) bool { return errors.As(err, new(WrongAnswer)) }},
		{Unit: "other-errors", Doc: "others"},
	}
	f := NewFailures(kinds)
	f.Add(fmt.Errorf("read: %w", io.ErrUnexpectedEOF), 1)
	f.Add(errors.Join(WrongAnswer("5"), io.EOF), 2)
	f.Add(errors.New("another"), 4)
	require.Equal(t, map[string]int64{"end-errors": 3, "other-errors": 4}, f.ByUnit())

	r := &Result{declared: kinds.Metrics(), Ops: 13}
	f.Report(r)
	require.NoError(t, r.err)
	require.Equal(t, map[string]float64{"end-errors": 3, "wrong-errors": 0, "other-errors": 4, wire.UnitErrorShare: 0.35}, r.values)
	f.Reset()
	require.Empty(t, f.ByUnit())
}
