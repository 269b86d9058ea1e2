package resource

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// As much of rtnetlink(7) and of linux/pkt_sched.h as one queueing discipline takes.
const (
	netemKind     = "netem"
	loopbackIndex = 1 // of lo, which is made with its namespace
	rootHandle    = 0xffffffff
	netemLatency  = 10 // TCA_NETEM_LATENCY64: ns, since Linux 4.15
	netemJitter   = 11 // TCA_NETEM_JITTER64
	netemSize     = 24 // of struct tc_netem_qopt
	tcmSize       = 20 // of struct tcmsg
	packets       = 1000
)

// emulate is "tc qdisc add dev lo root netem ..." in the namespace of the thread.
func (n Net) emulate() error {
	attributes := append(attribute(unix.TCA_KIND, []byte(netemKind+"\x00")), attribute(unix.TCA_OPTIONS, n.encode())...)
	_, err := ask(unix.RTM_NEWQDISC, unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL, attributes)
	if errors.Is(err, unix.ENOENT) {
		err = fmt.Errorf("%w (this kernel has no netem: CONFIG_NET_SCH_NETEM)", err)
	}
	if err != nil {
		return fmt.Errorf("emulate %s: %w", n, err)
	}
	return nil
}

// encode is struct tc_netem_qopt and the attributes behind it. The latency there
// counts ticks of a clock that differs from kernel to kernel; the attributes count ns
// and rule.
func (n Net) encode() []byte {
	opt := make([]byte, netemSize)
	binary.NativeEndian.PutUint32(opt[4:], packets)
	binary.NativeEndian.PutUint32(opt[8:], uint32(math.Round(n.Loss*math.MaxUint32)))
	opt = append(opt, attribute(netemLatency, binary.NativeEndian.AppendUint64(nil, uint64(n.Delay)))...)
	return append(opt, attribute(netemJitter, binary.NativeEndian.AppendUint64(nil, uint64(n.Jitter)))...)
}

func decode(options []byte) (n Net, err error) {
	if len(options) < netemSize {
		return n, fmt.Errorf("netem: options of %d bytes", len(options))
	}
	n.Loss = rounded(float64(binary.NativeEndian.Uint32(options[8:])) / math.MaxUint32)
	more, err := attributes(options[netemSize:])
	if err != nil {
		return n, err
	}
	if b := more[netemLatency]; len(b) == 8 {
		n.Delay = time.Duration(binary.NativeEndian.Uint64(b))
	}
	if b := more[netemJitter]; len(b) == 8 {
		n.Jitter = time.Duration(binary.NativeEndian.Uint64(b))
	}
	return n, nil
}

// A discipline is one queueing discipline on lo.
type discipline struct {
	kind    string // "netem"
	handle  uint32
	options []byte // as the kernel has them: of each kind its own
}

// String is what tells one from another: "netem 8001: delay=10ms (options 5f3a01c2)".
func (d discipline) String() string {
	text := fmt.Sprintf("%s %x:", d.kind, d.handle>>16)
	if n, err := decode(d.options); d.kind == netemKind && err == nil {
		text += " " + n.String()
	}
	if len(d.options) > 0 {
		text += fmt.Sprintf(" (options %08x)", crc32.ChecksumIEEE(d.options))
	}
	return text
}

// A queue is the disciplines on lo: the root's, and those below it.
type queue []discipline

func (q queue) String() string {
	var words []string
	for _, d := range q {
		words = append(words, d.String())
	}
	return "lo with " + strings.Join(words, ", ")
}

// disciplines reads what stands on lo in the namespace of the thread.
func disciplines() (q queue, err error) {
	replies, err := ask(unix.RTM_GETQDISC, unix.NLM_F_DUMP, nil)
	if err != nil {
		return nil, fmt.Errorf("list queueing disciplines: %w", err)
	}
	for _, r := range replies {
		if len(r) < tcmSize || binary.NativeEndian.Uint32(r[4:]) != loopbackIndex {
			continue
		}
		a, err := attributes(r[tcmSize:])
		if err != nil {
			return nil, err
		}
		q = append(q, discipline{
			kind:   string(bytes.TrimRight(a[unix.TCA_KIND], "\x00")),
			handle: binary.NativeEndian.Uint32(r[8:]), options: a[unix.TCA_OPTIONS],
		})
	}
	return q, nil
}

// emulated reads what is in force on lo in the namespace of the thread.
func emulated() (Net, error) {
	q, err := disciplines()
	i := slices.IndexFunc(q, func(d discipline) bool { return d.kind == netemKind })
	if err != nil || i < 0 {
		return Net{}, err
	}
	return decode(q[i].options)
}

// ask sends one request about lo and gives the bodies of the answers.
func ask(kind uint16, flags uint16, more []byte) ([][]byte, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, request(kind, flags, more), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	var bodies [][]byte
	buf := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		got, done, err := answers(buf[:n])
		bodies = append(bodies, got...)
		if done || err != nil {
			return bodies, err
		}
	}
}

func request(kind, flags uint16, more []byte) []byte {
	msg := make([]byte, unix.NLMSG_HDRLEN+tcmSize, unix.NLMSG_HDRLEN+tcmSize+len(more))
	msg = append(msg, more...)
	binary.NativeEndian.PutUint32(msg, uint32(len(msg)))
	binary.NativeEndian.PutUint16(msg[4:], kind)
	binary.NativeEndian.PutUint16(msg[6:], unix.NLM_F_REQUEST|flags)
	tcm := msg[unix.NLMSG_HDRLEN:]
	binary.NativeEndian.PutUint32(tcm[4:], loopbackIndex)
	binary.NativeEndian.PutUint32(tcm[12:], rootHandle) // the parent
	return msg
}

// answers takes a datagram apart. Done says that it held the last answer.
func answers(b []byte) (bodies [][]byte, done bool, err error) {
	for len(b) >= unix.NLMSG_HDRLEN {
		size := int(binary.NativeEndian.Uint32(b))
		if size < unix.NLMSG_HDRLEN || size > len(b) {
			return bodies, true, fmt.Errorf("netlink: a message of %d bytes in %d", size, len(b))
		}
		body := bytes.Clone(b[unix.NLMSG_HDRLEN:size])
		switch binary.NativeEndian.Uint16(b[4:]) {
		case unix.NLMSG_DONE:
			return bodies, true, nil
		case unix.NLMSG_ERROR:
			if len(body) < 4 {
				return bodies, true, errors.New("netlink: an error without its number")
			}
			if number := int32(binary.NativeEndian.Uint32(body)); number != 0 {
				return bodies, true, unix.Errno(-number)
			}
			return bodies, true, nil
		}
		bodies = append(bodies, body)
		b = b[min(aligned(size), len(b)):]
	}
	return bodies, false, nil
}

func aligned(n int) int { return (n + 3) &^ 3 }

// attribute is a struct rtattr with its value.
func attribute(kind uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	return append(b, make([]byte, aligned(len(b))-len(b))...)
}

func attributes(b []byte) (map[uint16][]byte, error) {
	all := map[uint16][]byte{}
	for len(b) >= 4 {
		size := int(binary.NativeEndian.Uint16(b))
		if size < 4 || size > len(b) {
			return nil, fmt.Errorf("netlink: an attribute of %d bytes in %d", size, len(b))
		}
		all[binary.NativeEndian.Uint16(b[2:])&0x3fff] = b[4:size] // without the nesting bits
		b = b[min(aligned(size), len(b)):]
	}
	return all, nil
}
