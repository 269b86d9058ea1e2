package vm

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/vm/link"
)

// scripted is a guest that is played by act, with a process that sleeps as its
// QEMU.
func scripted(t *testing.T, act func(there *link.Link)) *Guest {
	t.Helper()
	here, there := net.Pipe()
	g := &Guest{control: here, link: link.New(here), console: &tail{}}
	g.qemu = exec.Command("sleep", "1000")
	require.NoError(t, g.start())
	go func() {
		act(link.New(there))
		there.Close()
	}()
	t.Cleanup(g.Cut)
	return g
}

func say(t *testing.T, l *link.Link, h link.Header, body string) {
	h.Size = int64(len(body))
	if err := l.Send(h, strings.NewReader(body)); err != nil {
		t.Error(err)
	}
}

func TestOutputIsSortedAndStatusTold(t *testing.T) {
	g := scripted(t, func(there *link.Link) {
		h, _, _ := there.Next()
		if h.Kind != link.Run || h.Dir != "/" || strings.Join(h.Args, " ") != "/bin/a b" {
			t.Errorf("asked for %+v", h)
		}
		say(t, there, link.Header{Kind: link.Stdout}, "one")
		say(t, there, link.Header{Kind: link.Stderr}, "two")
		say(t, there, link.Header{Kind: link.Stdout}, "three")
		say(t, there, link.Header{Kind: link.Done, Status: -9}, "")
	})
	var out, errs bytes.Buffer
	status, err := g.Run(t.Context(), Command{Args: []string{"/bin/a", "b"}, Stdout: &out, Stderr: &errs})
	require.NoError(t, err)
	require.Equal(t, -9, status)
	require.Equal(t, "onethree", out.String())
	require.Equal(t, "two", errs.String())
}

func TestFetchKeepsBelowWhereItWrites(t *testing.T) {
	g := scripted(t, func(there *link.Link) {
		there.Next()
		say(t, there, link.Header{Kind: link.File, Path: "good", Mode: 0o644}, "yes")
		say(t, there, link.Header{Kind: link.File, Path: "../../evil", Mode: 0o644}, "no")
		say(t, there, link.Header{Kind: link.Done}, "")
		there.Next() // the line is still in step
		say(t, there, link.Header{Kind: link.Done, Error: "no such file"}, "")
	})
	dir := filepath.Join(t.TempDir(), "deep", "er")
	require.ErrorContains(t, g.Fetch(t.Context(), "/x", dir), `the guest sent "../../evil"`)
	text, err := os.ReadFile(filepath.Join(dir, "good"))
	require.NoError(t, err)
	require.Equal(t, "yes", string(text))
	require.NoFileExists(t, filepath.Join(dir, "../../evil"))
	require.EqualError(t, g.Fetch(t.Context(), "/y", dir), "vm: fetch /y: no such file")
}

func TestAGuestThatIsGoneSaysSoFromThenOn(t *testing.T) {
	g := scripted(t, func(there *link.Link) {
		_, body, _ := there.Next()
		io.Copy(io.Discard, body)
	})
	g.console.Write([]byte("Kernel panic"))
	err := g.Put(t.Context(), File{Path: "/x", Body: []byte("abc")})
	require.ErrorContains(t, err, "the guest is gone")
	require.ErrorContains(t, err, "Kernel panic")
	_, err = g.Run(t.Context(), Command{Args: []string{"/bin/true"}})
	require.ErrorContains(t, err, "the guest is gone")
}

func TestARequestThatIsGivenUpCutsTheGuestOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	g := scripted(t, func(there *link.Link) {
		there.Next()
		cancel()
		there.Next() // until the line is cut
	})
	_, err := g.Run(ctx, Command{Args: []string{"/bin/sleep"}})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, g.Wait(t.Context()))
}
