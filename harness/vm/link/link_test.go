package link

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMessagesArriveAsTheyWereSent(t *testing.T) {
	var wire bytes.Buffer
	l := New(&wire)
	sent := []Header{
		{Kind: Run, Args: []string{"/bin/echo", "two words\n"}, Env: []string{"A=b"}, Dir: "/"},
		{Kind: Stdout, Size: 5},
		{Kind: File, Path: "a/b", Mode: 0o755, Size: 3},
		{Kind: Done, Status: -9},
	}
	bodies := []string{"", "hello", "abc", ""}
	for i, h := range sent {
		require.NoError(t, l.Send(h, strings.NewReader(bodies[i])))
	}
	for i, want := range sent {
		h, body, err := l.Next()
		require.NoError(t, err)
		require.Equal(t, want, h)
		if i == 1 {
			continue // what is not read is dropped
		}
		text, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Equal(t, bodies[i], string(text))
	}
	_, _, err := l.Next()
	require.ErrorIs(t, err, io.EOF)
}

func TestAShortBodyIsAnError(t *testing.T) {
	var wire bytes.Buffer
	l := New(&wire)
	require.ErrorContains(t, l.Send(Header{Kind: Put, Size: 9}, strings.NewReader("four")), "sent 4 of 9 bytes")
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	refuses := func(text, want string) {
		t.Helper()
		_, _, err := New(bytes.NewBufferString(text)).Next()
		require.ErrorContains(t, err, want)
	}
	refuses("Linux version 6.1", "not a message") // a console
	refuses("\x00\x00\x00\x02no", "a header that is none")
	refuses("\x00\x00\x00\x0b{\"size\":-1}", "a body of -1 bytes")
	refuses("\x00\x00\x00\x0b{\"si", io.ErrUnexpectedEOF.Error())
	refuses("\x00\x00", io.ErrUnexpectedEOF.Error())
}

func FuzzNext(f *testing.F) {
	var wire bytes.Buffer
	require.NoError(f, New(&wire).Send(Header{Kind: Stdout, Size: 2}, strings.NewReader("hi")))
	f.Add(wire.Bytes())
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		l := New(bytes.NewBuffer(stream))
		for left := len(stream) + 1; ; {
			_, body, err := l.Next()
			if err != nil {
				return
			}
			n, _ := io.Copy(io.Discard, body)
			left -= 4 + int(n)
			if left < 0 {
				t.Fatal("more was read than there was")
			}
		}
	})
}
