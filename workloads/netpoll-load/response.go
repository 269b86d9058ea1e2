package main

import (
	"bytes"
	"strconv"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// What a response of the server must hold. net/http writes header names in
// canonical case, so one spelling is enough.
var (
	statusOK  = []byte("HTTP/1.1 200 OK\r\n")
	lengthKey = []byte("\r\nContent-Length: ")
	endOfLine = []byte("\r\n")
	endOfHead = []byte("\r\n\r\n")
)

// maxHead bounds the head of a response.
const maxHead = 2 << 10

// splitResponse finds the body of the response at the start of text, and how much
// of text the response takes; n is 0 where its end is not there yet. The error is
// a driver.WrongAnswer.
func splitResponse(text []byte) (body []byte, n int, err error) {
	known := min(len(text), len(statusOK))
	if !bytes.Equal(text[:known], statusOK[:known]) {
		line, _, _ := bytes.Cut(text[:min(len(text), 80)], endOfLine)
		return nil, 0, driver.WrongAnswer("status line " + strconv.Quote(string(line)))
	}
	head := bytes.Index(text, endOfHead)
	if head < 0 {
		if len(text) > maxHead {
			return nil, 0, driver.WrongAnswer("a head without an end")
		}
		return nil, 0, nil
	}
	at := bytes.Index(text[:head], lengthKey)
	if at < 0 {
		return nil, 0, driver.WrongAnswer("no Content-Length in " + strconv.Quote(string(text[:head])))
	}
	digits, _, _ := bytes.Cut(text[at+len(lengthKey):head], endOfLine)
	length, ok := decimal(digits)
	if !ok {
		return nil, 0, driver.WrongAnswer("Content-Length " + strconv.Quote(string(digits)))
	}
	from := head + len(endOfHead)
	if len(text)-from < length {
		return nil, 0, nil
	}
	return text[from : from+length], from + length, nil
}

// decimal reads up to nine digits.
func decimal(digits []byte) (n int, ok bool) {
	if len(digits) == 0 || len(digits) > 9 {
		return 0, false
	}
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = 10*n + int(d-'0')
	}
	return n, true
}
