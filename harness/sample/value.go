package sample

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// encoded is a Value in JSON, which has no word for what is no number or infinite: that
// stands as text there, as it does in the benchmark format.
type encoded struct {
	Value json.RawMessage `json:"value"`
	Unit  string          `json:"unit"`
}

// MarshalJSON writes {"value": 5, "unit": "ns/op"}, or {"value": "NaN", ...}, "+Inf" or
// "-Inf".
func (v Value) MarshalJSON() ([]byte, error) {
	number, err := json.Marshal(v.Value)
	if err != nil {
		number, err = json.Marshal(strconv.FormatFloat(v.Value, 'g', -1, 64))
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(encoded{number, v.Unit})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(text []byte) error {
	var e encoded
	if err := json.Unmarshal(text, &e); err != nil {
		return err
	}
	v.Unit = e.Unit
	var word string
	if json.Unmarshal(e.Value, &word) != nil {
		return json.Unmarshal(e.Value, &v.Value)
	}
	var err error
	if v.Value, err = strconv.ParseFloat(word, 64); err != nil {
		return fmt.Errorf("value of %s: %w", v.Unit, err)
	}
	return nil
}
