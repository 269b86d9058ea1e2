package dnsstub

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// The parts of RFC 1035 (and, of AAAA, RFC 3596) that one question needs.
const (
	headerBytes = 12
	maxMessage  = 1232 // what resolvers offer to take by EDNS; queries are smaller

	typeA    = 1
	typeAAAA = 28

	flagResponse  = 1 << 15
	flagRecursion = 1 << 8 // desired, copied from the query
	flagAvailable = 1 << 7 // recursion is

	opcodeMask = 0xf << 11
	labelMost  = 63
	nameMost   = 255
	pointer    = 0xc00c // compression: the name at the end of the header
	ttl        = 1      // second
)

// A query is a message with one question.
type query struct {
	id, flags uint16
	question  []byte // name, type and class, as they came
	kind      uint16 // the type
}

var errNoQuery = errors.New("not a query with one question")

// parse reads a query. What follows the question, such as EDNS options, is left out.
func parse(message []byte) (query, error) {
	if len(message) < headerBytes {
		return query{}, errNoQuery
	}
	u16 := func(at int) uint16 { return binary.BigEndian.Uint16(message[at:]) }
	q := query{id: u16(0), flags: u16(2)}
	if q.flags&(flagResponse|opcodeMask) != 0 || u16(4) != 1 {
		return query{}, errNoQuery
	}
	end, ok := nameEnd(message, headerBytes)
	if !ok || end+4 > len(message) {
		return query{}, errNoQuery
	}
	q.kind = u16(end)
	q.question = message[headerBytes : end+4]
	return q, nil
}

// nameEnd is the place after a name without compression.
func nameEnd(message []byte, at int) (int, bool) {
	for start := at; at < len(message) && at-start < nameMost; {
		length := int(message[at])
		at++
		switch {
		case length == 0:
			return at, true
		case length > labelMost:
			return 0, false
		}
		at += length
	}
	return 0, false
}

// answer is the message that gives the name this address, or no record for the zero one.
func (q query) answer(a netip.Addr) []byte {
	records := uint16(0)
	if a.IsValid() {
		records = 1
	}
	m := binary.BigEndian.AppendUint16(nil, q.id)
	m = binary.BigEndian.AppendUint16(m, flagResponse|flagAvailable|q.flags&flagRecursion)
	for _, count := range []uint16{1, records, 0, 0} { // questions, answers, authorities, more
		m = binary.BigEndian.AppendUint16(m, count)
	}
	m = append(m, q.question...)
	if records == 0 {
		return m
	}
	m = binary.BigEndian.AppendUint16(m, pointer)
	m = append(m, q.question[len(q.question)-4:]...) // type and class
	m = binary.BigEndian.AppendUint32(m, ttl)
	m = binary.BigEndian.AppendUint16(m, uint16(a.BitLen()/8))
	return append(m, a.AsSlice()...)
}
