package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/vm/link"
)

// A harness is the other end of the line.
type harness struct {
	*testing.T
	line   *link.Link
	hangUp func() error
	end    chan error
}

func newHarness(t *testing.T) *harness {
	here, there := net.Pipe()
	h := &harness{T: t, line: link.New(here), hangUp: here.Close, end: make(chan error, 1)}
	go func() { h.end <- attend(link.New(there)) }()
	t.Cleanup(func() { here.Close() })
	first, _, err := h.line.Next()
	require.NoError(t, err)
	require.Equal(t, link.Ready, first.Kind)
	return h
}

// ask gives what came before the last message, "KIND PATH: body", and that.
func (h *harness) ask(request link.Header, body string) (said []string, done link.Header) {
	h.Helper()
	request.Size = int64(len(body))
	require.NoError(h, h.line.Send(request, strings.NewReader(body)))
	for {
		answer, body, err := h.line.Next()
		require.NoError(h, err)
		if answer.Kind == link.Done {
			return said, answer
		}
		text, err := io.ReadAll(body)
		require.NoError(h, err)
		said = append(said, string(answer.Kind)+" "+answer.Path+": "+string(text))
	}
}

func TestProgramsAreRunAndTheirEndTold(t *testing.T) {
	h := newHarness(t)
	check := func(line string, want link.Header, output ...string) {
		t.Helper()
		said, done := h.ask(link.Header{Kind: link.Run, Args: []string{"/bin/sh", "-c", line}, Env: []string{"WORD=hello"}, Dir: "/"}, "")
		require.Equal(t, want.Status, done.Status)
		require.Equal(t, output, said)
	}
	check("echo $WORD in $(pwd)", link.Header{}, "stdout : hello in /\n")
	check("echo no >&2; exit 7", link.Header{Status: 7}, "stderr : no\n")
	check("kill -TERM $$", link.Header{Status: -15})
	_, done := h.ask(link.Header{Kind: link.Run, Args: []string{"/no/such/program"}}, "")
	require.Contains(t, done.Error, "no such file")
	_, done = h.ask(link.Header{Kind: link.Run}, "")
	require.Equal(t, "run: no program", done.Error)
	_, done = h.ask(link.Header{Kind: "dance"}, "")
	require.Equal(t, `unknown request "dance"`, done.Error)
}

func TestFilesGoBothWays(t *testing.T) {
	h, dir := newHarness(t), t.TempDir()
	_, done := h.ask(link.Header{Kind: link.Put, Path: filepath.Join(dir, "a", "b"), Mode: 0o755}, "content")
	require.Empty(t, done.Error)
	info, err := os.Stat(filepath.Join(dir, "a", "b"))
	require.NoError(t, err)
	require.EqualValues(t, 0o755, info.Mode().Perm())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "link")))
	said, done := h.ask(link.Header{Kind: link.Fetch, Path: dir}, "")
	require.Empty(t, done.Error)
	require.Equal(t, []string{"file a/b: content", "file empty: "}, said)
	said, _ = h.ask(link.Header{Kind: link.Fetch, Path: filepath.Join(dir, "a", "b")}, "")
	require.Equal(t, []string{"file .: content"}, said)
	_, done = h.ask(link.Header{Kind: link.Fetch, Path: filepath.Join(dir, "nothing")}, "")
	require.Contains(t, done.Error, "no such file")
	said, _ = h.ask(link.Header{Kind: link.Fetch, Path: "/proc/self/comm"}, "")
	require.Len(t, said, 1)
	require.Regexp(t, "^file .: .+", said[0], "files of /proc say that they are empty")
}

func TestServingEndsWithTheHarness(t *testing.T) {
	h := newHarness(t)
	_, done := h.ask(link.Header{Kind: link.Off}, "")
	require.Empty(t, done.Error)
	require.NoError(t, <-h.end)

	h = newHarness(t)
	h.hangUp()
	require.NoError(t, <-h.end)
}

// A program that runs is no reason to stay, and neither is a file that never comes.
func TestServingEndsWithTheHarnessInMidRequest(t *testing.T) {
	h := newHarness(t)
	require.NoError(t, h.line.Send(link.Header{Kind: link.Run, Args: []string{"/bin/sh", "-c", "echo $$; exec sleep 1000"}, Env: []string{"PATH=/bin:/usr/bin"}}, nil))
	_, body, err := h.line.Next()
	require.NoError(t, err)
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	shell, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	h.hangUp()
	require.NoError(t, <-h.end)
	require.Eventually(t, func() bool { return syscall.Kill(-shell, 0) == syscall.ESRCH }, 10*time.Second, time.Millisecond)

	h = newHarness(t)
	go h.line.Send(link.Header{Kind: link.Put, Path: filepath.Join(t.TempDir(), "x"), Size: 9}, cutShort{h})
	require.Error(t, <-h.end)
}

// A cutShort is a body whose sender hangs up within it.
type cutShort struct{ h *harness }

func (c cutShort) Read(b []byte) (int, error) {
	c.h.hangUp()
	return 0, io.EOF
}

func TestAHarnessThatNobodyHearsIsNotWaitedForLong(t *testing.T) {
	require.ErrorContains(t, within(time.Millisecond, func() error { select {} }), "nobody listens")
}
