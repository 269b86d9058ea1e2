package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// texts are the files that lines of trials.jsonl point into.
type texts struct {
	files map[string]*os.File
	sizes map[string]int64
	buf   []byte
	once  map[string]string
}

func openTexts(dir string) (*texts, error) {
	t := &texts{files: map[string]*os.File{}, sizes: map[string]int64{}, once: map[string]string{}}
	for _, name := range []string{SamplesFile, RejectedFile} {
		f, err := os.Open(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			t.sizes[name] = 0
			continue
		}
		if err != nil {
			t.close()
			return nil, err
		}
		t.files[name] = f
		info, err := f.Stat()
		if err != nil {
			t.close()
			return nil, err
		}
		t.sizes[name] = info.Size()
	}
	return t, nil
}

func (t *texts) close() {
	for _, f := range t.files {
		f.Close()
	}
}

// pair reads one line and the text that it names.
func (t *texts) pair(line []byte, p plan.Plan) (sample.Sample, error) {
	var s sample.Sample
	if err := json.Unmarshal(line, &s); err != nil {
		return s, err
	}
	size, ok := t.sizes[s.File]
	if !ok {
		return s, fmt.Errorf("trial %d: names file %q", s.N, s.File)
	}
	if s.Offset < 0 || s.Length < 0 || s.Offset > size || s.Length > size-s.Offset {
		return s, fmt.Errorf("trial %d: its text is not in %s", s.N, s.File)
	}
	if s.Cell < 0 || s.Cell >= len(p.Cells) {
		return s, fmt.Errorf("trial %d: names cell %d of %d", s.N, s.Cell, len(p.Cells))
	}
	text, err := t.text(s)
	if err != nil {
		return s, err
	}
	if crc32.Checksum(text, castagnoli) != s.CRC {
		return s, fmt.Errorf("trial %d: its text in %s has another checksum", s.N, s.File)
	}
	s.Lines, err = sample.Parse(text)
	t.share(&s)
	return s, err
}

// text is valid until the next.
func (t *texts) text(s sample.Sample) ([]byte, error) {
	if s.Length == 0 {
		return nil, nil
	}
	if int64(cap(t.buf)) < s.Length {
		t.buf = make([]byte, s.Length)
	}
	text := t.buf[:s.Length]
	if _, err := t.files[s.File].ReadAt(text, s.Offset); err != nil {
		return nil, fmt.Errorf("trial %d: %w", s.N, err)
	}
	return text, nil
}

// share has equal strings of all samples be one in memory.
func (t *texts) share(s *sample.Sample) {
	s.Env, s.Signal, s.File = t.one(s.Env), t.one(s.Signal), t.one(s.File)
	s.Window, s.Outcome = sample.Window(t.one(string(s.Window))), sample.Outcome(t.one(string(s.Outcome)))
	for i, l := range s.Lines {
		s.Lines[i].Name = t.one(l.Name)
		for j, v := range l.Values {
			l.Values[j].Unit = t.one(v.Unit)
		}
	}
	if s.Standings != nil {
		shared := make(map[string]sample.Standing, len(s.Standings))
		for key, st := range s.Standings {
			shared[t.one(key)] = sample.Standing{Word: t.one(st.Word), Why: t.one(st.Why)}
		}
		s.Standings = shared
	}
	if s.Effective != nil {
		shared := make(map[string]string, len(s.Effective))
		for key, level := range s.Effective {
			shared[t.one(key)] = t.one(level)
		}
		s.Effective = shared
	}
}

func (t *texts) one(text string) string {
	kept, known := t.once[text]
	if !known {
		t.once[text], kept = text, text
	}
	return kept
}
