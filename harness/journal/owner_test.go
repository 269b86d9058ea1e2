package journal

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAProcessIsToldByItsStart(t *testing.T) {
	self, err := Self()
	require.NoError(t, err)
	if !self.Alive() || self.PID != os.Getpid() {
		t.Errorf("we are %+v", self)
	}
	if (Owner{PID: self.PID, Start: self.Start + 1}).Alive() {
		t.Error("a process of our number that started later is alive")
	}
	if _, err := Process(1 << 30); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no process: %v", err)
	}
}

func TestAProcessThatWaitsToBeReapedIsNotAlive(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	require.NoError(t, cmd.Start())
	o, err := Process(cmd.Process.Pid)
	require.NoError(t, err)
	if !o.Alive() {
		t.Error("a sleeping process is not alive")
	}
	require.NoError(t, cmd.Process.Kill())
	for o.Alive() { // until it is a zombie: we have not waited for it
	}
	if again, err := Process(o.PID); err != nil || again != o {
		t.Errorf("the zombie is %+v, %v", again, err)
	}
	_ = cmd.Wait()
}

func TestParseStatIsNotFooledByNames(t *testing.T) {
	text := "77 (a) Z 1 (b) S 1 70 71 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 9 10"
	s, err := parseStat(text)
	want := stat{state: 'S', group: 70, session: 71, start: 4242}
	if err != nil || s != want {
		t.Errorf("%+v, %v; want %+v", s, err, want)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add("77 (a) Z 1 (b) S 1 70 71 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 9 10")
	f.Add("")
	f.Add(")")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseStat(text); err == nil && s.state == 0 {
			t.Errorf("%q has no state", text)
		}
	})
}
