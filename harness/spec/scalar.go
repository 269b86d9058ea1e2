package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// String is the text alone.
func (s Scalar) String() string { return s.Text }

// MarshalText is the text alone: places are for error messages, not for results.
func (s Scalar) MarshalText() ([]byte, error) { return []byte(s.Text), nil }

// UnmarshalText takes the text; the place stays unknown.
func (s *Scalar) UnmarshalText(text []byte) error {
	*s = Scalar{Text: string(text)}
	return nil
}

// SHA256 is the hex digest of the experiment's JSON, which is its canonical
// form: comments, places and the spelling of the YAML do not change it, and
// after [Check] the spelling of levels does not either.
func (e Experiment) SHA256() string {
	b, err := json.Marshal(e)
	if err != nil {
		// Only a NaN or an infinity that some caller put in by hand gets here.
		panic(fmt.Sprintf("spec: %s has no canonical form: %v", e.Name, err))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
