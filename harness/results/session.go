package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A Session is one harness process on one boot: a line of sessions.jsonl when
// it starts and another, with the rest filled, when it ends. A resumed run has several.
type Session struct {
	Session int       `json:"session"` // from 1
	Version string    `json:"assay"`   // of the harness
	BootID  string    `json:"boot-id"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
	Stopped string    `json:"stopped,omitempty"` // why: "60 of 60 blocks"; empty where it was killed
	Notes   []string  `json:"notes,omitempty"`   // "the harness shares CPU 0 with the workload"

	// Restored is what became of the machine's settings: "2 settings, all back to what
	// they were"; empty where none was to be changed, and where it was killed.
	Restored string `json:"restored,omitempty"`
}

// Log appends a session's line.
func (s Session) Log(dir string) error {
	line, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("results: encode session: %w", err)
	}
	t, err := openTail(filepath.Join(dir, SessionsFile))
	if err != nil {
		return err
	}
	if err := t.whole(); err != nil {
		return errors.Join(err, t.file.Close())
	}
	return errors.Join(t.append(append(line, '\n')), t.file.Close())
}

// readSessions keeps the last complete line of each session.
func readSessions(dir string) ([]Session, error) {
	text, err := os.ReadFile(filepath.Join(dir, SessionsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	var all []Session
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		var s Session
		if json.Unmarshal(lines.Bytes(), &s) != nil {
			continue // torn by a crash
		}
		if n := len(all); n > 0 && all[n-1].Session == s.Session {
			all[n-1] = s
		} else {
			all = append(all, s)
		}
	}
	return all, lines.Err()
}
