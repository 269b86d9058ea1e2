package vm

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// processorTable is an ACPI table (an SSDT) that gives each processor of QEMU's
// machine q35 the objects from which the driver acpi-cpufreq makes a frequency
// policy: _PCT, _PSS, _PSD and _PPC (ACPI 6.4, 8.4.5 and 20). Writing to their I/O
// ports changes nothing, so settings are real and speed is not.
func processorTable(cpus int, khz []int) []byte {
	var body []byte
	for cpu := range cpus {
		body = append(body, scope(fmt.Sprintf("C%03X", cpu), performance(cpu, khz))...)
	}
	return withHeader(body)
}

// Opcodes of ACPI's machine language.
const (
	opZero, opOne          = 0x00, 0x01
	opByte, opWord, opLong = 0x0a, 0x0b, 0x0c
	opName, opScope        = 0x08, 0x10
	opBuffer, opPackage    = 0x11, 0x12
	rootChar, multiName    = '\\', 0x2f
)

// scope opens \_SB.CPUS.NAME, which is where QEMU's own table has its processors.
func scope(name string, terms []byte) []byte {
	path := append([]byte{rootChar, multiName, 3}, "_SB_CPUS"+name...)
	return sized(opScope, append(path, terms...))
}

// performance is the objects of one processor. Each is a domain of its own
// (coordination 0xFC, by hardware), as each has a policy then.
func performance(cpu int, khz []int) []byte {
	port := register(0xe0 + cpu)
	states := make([][]byte, len(khz))
	for i, f := range khz {
		const milliwatts, latency = 10000, 10 // µs
		states[i] = pack(integer(f/1000), integer(milliwatts), integer(latency), integer(latency), integer(i), integer(i))
	}
	const entries, revision, byHardware = 5, 0, 0xfc
	domain := pack(integer(entries), integer(revision), integer(cpu), integer(byHardware), integer(1))
	return bytes.Join([][]byte{
		named("_PCT", pack(port, port)),
		named("_PSS", pack(states...)),
		named("_PSD", pack(domain)),
		named("_PPC", integer(0)),
	}, nil)
}

func named(name string, object []byte) []byte {
	return append(append([]byte{opName}, name...), object...)
}

func pack(elements ...[]byte) []byte {
	return sized(opPackage, append([]byte{byte(len(elements))}, bytes.Join(elements, nil)...))
}

// register is a resource template of one generic register: 8 bits of an I/O port.
func register(port int) []byte {
	const generic, systemIO, width, offset, byteAccess, endTag = 0x82, 1, 8, 0, 1, 0x79
	r := []byte{generic, 12, 0, systemIO, width, offset, byteAccess}
	r = binary.LittleEndian.AppendUint64(r, uint64(port))
	r = append(r, endTag, 0)
	return sized(opBuffer, append(integer(len(r)), r...))
}

func integer(n int) []byte {
	switch {
	case n == 0:
		return []byte{opZero}
	case n == 1:
		return []byte{opOne}
	case n < 1<<8:
		return []byte{opByte, byte(n)}
	case n < 1<<16:
		return binary.LittleEndian.AppendUint16([]byte{opWord}, uint16(n))
	}
	return binary.LittleEndian.AppendUint32([]byte{opLong}, uint32(n))
}

// sized puts an opcode and a PkgLength before content. The length counts
// itself, and has four bits in its first byte and eight in each of up to three more,
// or six in the only one (ACPI 6.4, 20.2.4).
func sized(op byte, content []byte) []byte {
	if n := len(content) + 1; n < 1<<6 {
		return append([]byte{op, byte(n)}, content...)
	}
	for more := 1; ; more++ {
		n := len(content) + 1 + more
		if n >= 1<<(4+8*more) {
			continue
		}
		head := []byte{op, byte(more<<6 | n&0xf)}
		for rest := n >> 4; more > 0; more, rest = more-1, rest>>8 {
			head = append(head, byte(rest))
		}
		return append(head, content...)
	}
}

// withHeader is the table's own header (ACPI 6.4, 5.2.6); all bytes add up to 0.
func withHeader(body []byte) []byte {
	const header = 36
	t := binary.LittleEndian.AppendUint32([]byte("SSDT"), uint32(header+len(body)))
	t = append(t, 2, 0) // revision, checksum
	t = append(t, "ASSAY_CPUFREQ_"...)
	t = binary.LittleEndian.AppendUint32(t, 1)
	t = append(t, "ASSA"...)
	t = binary.LittleEndian.AppendUint32(t, 1)
	t = append(t, body...)
	var sum byte
	for _, b := range t {
		sum += b
	}
	t[9] = -sum
	return t
}
