package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Message is one line of the control channel.
type Message struct {
	Word string // one of the Msg constants
	NS   int64  // CLOCK_MONOTONIC, in ready, begin and end; 0 in go and ok
}

// maxMessage bounds a line, newline included: the longest word, a space, 19 digits.
const maxMessage = 32

// ParseMessage reads a line without its newline.
func ParseMessage(line string) (Message, error) {
	word, ns, timed := strings.Cut(line, " ")
	if timed != isTimed(word) || !slices.Contains([]string{MsgReady, MsgGo, MsgBegin, MsgOK, MsgEnd}, word) {
		return Message{}, fmt.Errorf("wire: %.40q is not a message (ready NS, go, begin NS, ok or end NS)", line)
	}
	if !timed {
		return Message{Word: word}, nil
	}
	n, err := strconv.ParseUint(ns, 10, 63)
	if err != nil {
		return Message{}, fmt.Errorf("wire: %.40q: the time is not a count of nanoseconds", line)
	}
	return Message{Word: word, NS: int64(n)}, nil
}

// String is the line without its newline.
func (m Message) String() string {
	if isTimed(m.Word) {
		return m.Word + " " + strconv.FormatInt(m.NS, 10)
	}
	return m.Word
}

func isTimed(word string) bool {
	return word == MsgReady || word == MsgBegin || word == MsgEnd
}
