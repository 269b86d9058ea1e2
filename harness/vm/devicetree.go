package vm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// A node is one of a device tree: the description of the machine that an arm64
// kernel is handed.
type node struct {
	name       string // "cpu@0"; empty for the root
	properties []property
	children   []*node
}

// A property is big-endian numbers or strings that end in a zero byte.
type property struct {
	name  string
	value []byte
}

// A deviceTree is a flattened device tree (Devicetree Specification 0.4,
// chapter 5), taken apart.
type deviceTree struct {
	boot     uint32 // the CPU that boots
	reserved []byte // memory reservations, as they are
	root     *node
}

const (
	treeMagic      = 0xd00dfeed
	treeHeader     = 40
	treeVersion    = 17
	treeCompatible = 16

	tokenBegin, tokenEnd, tokenProperty, tokenNop, tokenStop = 1, 2, 3, 4, 9
)

// parseTree reads what "qemu -machine dumpdtb=FILE" writes.
func parseTree(blob []byte) (deviceTree, error) {
	var t deviceTree
	if len(blob) < treeHeader || binary.BigEndian.Uint32(blob) != treeMagic {
		return t, errors.New("not a flattened device tree")
	}
	word := func(i int) int { return int(binary.BigEndian.Uint32(blob[4*i:])) }
	t.boot = uint32(word(7))
	if word(6) > treeVersion {
		return t, fmt.Errorf("a device tree that only readers of version %d can read", word(6))
	}
	structure, err := section(blob, word(2), word(9))
	if err != nil {
		return t, err
	}
	strings, err := section(blob, word(3), word(8))
	if err != nil {
		return t, err
	}
	if t.reserved, err = reservations(blob, word(4)); err != nil {
		return t, err
	}
	r := treeReader{left: structure, strings: strings}
	t.root, err = r.tree()
	return t, err
}

func section(blob []byte, from, size int) ([]byte, error) {
	if from > len(blob) || size > len(blob)-from {
		return nil, errors.New("a device tree that is cut short")
	}
	return blob[from : from+size], nil
}

// reservations are pairs of 64-bit numbers up to a pair of zeros.
func reservations(blob []byte, from int) ([]byte, error) {
	for at := from; at >= 0 && at+16 <= len(blob); at += 16 {
		if bytes.Equal(blob[at:at+16], make([]byte, 16)) {
			return blob[from : at+16], nil
		}
	}
	return nil, errors.New("a device tree whose memory reservations do not end")
}

// A treeReader goes through the tokens of a structure block.
type treeReader struct {
	left, strings []byte
}

var errCut = errors.New("a device tree that ends within a node")

func (r *treeReader) word() (uint32, error) {
	if len(r.left) < 4 {
		return 0, errCut
	}
	n := binary.BigEndian.Uint32(r.left)
	r.left = r.left[4:]
	return n, nil
}

// take takes n bytes and what fills them up to a whole word.
func (r *treeReader) take(n int) ([]byte, error) {
	whole := n + len(padding(n))
	if n < 0 || whole > len(r.left) {
		return nil, errCut
	}
	got := r.left[:n]
	r.left = r.left[whole:]
	return got, nil
}

// text is a string up to its zero byte.
func text(b []byte) (string, error) {
	end := bytes.IndexByte(b, 0)
	if end < 0 {
		return "", errCut
	}
	return string(b[:end]), nil
}

func (r *treeReader) tree() (*node, error) {
	var open []*node
	for {
		token, err := r.word()
		if err != nil {
			return nil, err
		}
		switch token {
		case tokenNop:
		case tokenBegin:
			n, err := r.begin()
			if err != nil {
				return nil, err
			}
			if len(open) > 0 {
				parent := open[len(open)-1]
				parent.children = append(parent.children, n)
			}
			open = append(open, n)
		case tokenProperty:
			if len(open) == 0 {
				return nil, errors.New("a device tree with a property outside of any node")
			}
			p, err := r.property()
			if err != nil {
				return nil, err
			}
			at := open[len(open)-1]
			at.properties = append(at.properties, p)
		case tokenEnd:
			if len(open) == 0 {
				return nil, errors.New("a device tree that ends a node that never began")
			}
			if len(open) == 1 {
				return open[0], nil
			}
			open = open[:len(open)-1]
		default:
			return nil, fmt.Errorf("a device tree with an unknown token %d", token)
		}
	}
}

func (r *treeReader) begin() (*node, error) {
	name, err := text(r.left)
	if err == nil {
		_, err = r.take(len(name) + 1)
	}
	return &node{name: name}, err
}

func (r *treeReader) property() (property, error) {
	size, err := r.word()
	if err != nil {
		return property{}, err
	}
	name, err := r.word()
	if err != nil || int(name) > len(r.strings) {
		return property{}, errCut
	}
	p := property{}
	if p.name, err = text(r.strings[name:]); err != nil {
		return p, err
	}
	p.value, err = r.take(int(size))
	return p, err
}

// flatten is the inverse of parseTree.
func (t deviceTree) flatten() []byte {
	w := treeWriter{at: map[string]uint32{}}
	w.node(t.root)
	w.word(tokenStop)
	structure := treeHeader + len(t.reserved)
	texts := structure + w.structure.Len()
	var out bytes.Buffer
	for _, n := range []int{
		treeMagic, texts + w.strings.Len(), structure, texts, treeHeader, treeVersion, treeCompatible,
		int(t.boot), w.strings.Len(), w.structure.Len(),
	} {
		out.Write(cell(uint32(n)))
	}
	for _, part := range [][]byte{t.reserved, w.structure.Bytes(), w.strings.Bytes()} {
		out.Write(part)
	}
	return out.Bytes()
}

// A treeWriter collects the structure block, and the names of properties once each.
type treeWriter struct {
	structure, strings bytes.Buffer
	at                 map[string]uint32
}

func (w *treeWriter) word(n uint32) { w.structure.Write(cell(n)) }

func (w *treeWriter) node(n *node) {
	w.word(tokenBegin)
	w.structure.WriteString(n.name + "\x00")
	w.structure.Write(padding(len(n.name) + 1))
	for _, p := range n.properties {
		w.word(tokenProperty)
		w.word(uint32(len(p.value)))
		w.word(w.name(p.name))
		w.structure.Write(p.value)
		w.structure.Write(padding(len(p.value)))
	}
	for _, child := range n.children {
		w.node(child)
	}
	w.word(tokenEnd)
}

func (w *treeWriter) name(text string) uint32 {
	at, ok := w.at[text]
	if !ok {
		at = uint32(w.strings.Len())
		w.at[text] = at
		w.strings.WriteString(text + "\x00")
	}
	return at
}

// cell is a number as a property holds it.
func cell(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// child is the node of a name right below, nil for none.
func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// setFrequencies gives every CPU of the tree a fixed clock and one table of
// operating points that all share, from which the driver cpufreq-dt makes a
// policy (bindings/opp/opp-v2.yaml). The clock can't be changed, so settings are
// real and speed is not. A turbo above 0 is one more point, for boosts alone.
func (t deviceTree) setFrequencies(khz []int, turbo int) error {
	const clock, table = 0x9001, 0x9002 // phandles; QEMU's own are from 0x8000 on, a few of them
	cpus := t.root.child("cpus")
	if cpus == nil {
		return errors.New("a device tree without cpus")
	}
	for _, cpu := range cpus.children {
		if strings.HasPrefix(cpu.name, "cpu@") {
			cpu.properties = append(cpu.properties,
				property{"operating-points-v2", cell(table)},
				property{"clocks", cell(clock)},
				property{"clock-names", []byte("cpu\x00")})
		}
	}
	t.root.children = append(t.root.children, fixedClock(clock, khz[0]), operatingPoints(table, khz, turbo))
	return nil
}

func fixedClock(handle uint32, khz int) *node {
	return &node{name: "assay-clock", properties: []property{
		{"compatible", []byte("fixed-clock\x00")},
		{"#clock-cells", cell(0)},
		{"clock-frequency", cell(uint32(khz) * 1000)},
		{"phandle", cell(handle)},
	}}
}

func operatingPoints(handle uint32, khz []int, turbo int) *node {
	points := &node{name: "assay-opp-table", properties: []property{
		{"compatible", []byte("operating-points-v2\x00")},
		{"opp-shared", nil},
		{"phandle", cell(handle)},
	}}
	for _, f := range khz {
		points.children = append(points.children, operatingPoint(f))
	}
	if turbo > 0 {
		points.children = append(points.children, operatingPoint(turbo, property{"turbo-mode", nil}))
	}
	return points
}

func operatingPoint(khz int, more ...property) *node {
	return &node{name: fmt.Sprintf("opp-%d", khz), properties: append([]property{
		{"opp-hz", binary.BigEndian.AppendUint64(nil, uint64(khz)*1000)},
		{"clock-latency-ns", cell(100_000)},
	}, more...)}
}
