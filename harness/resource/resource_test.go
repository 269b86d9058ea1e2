package resource

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

func TestLevelsAreCanonical(t *testing.T) {
	check := func(k Kind, text, want string) {
		t.Helper()
		if got, err := Parse(k, text); got != want || err != nil {
			t.Errorf("%s=%s: %q, %v; want %q", k, text, got, err, want)
		}
	}
	check(Swap, "none", "none")
	check(Swap, "file:1024MiB", "file:1GiB")
	check(Swap, "zram:0.5GiB", "zram:512MiB")
	check(Files, "ext4:65536KiB", "ext4:64MiB")
	check(Files, "xfs:1GiB,noatime,logbsize=256k", "xfs:1GiB,logbsize=256k,noatime")
	check(Files, "tmpfs:64MiB,huge=always", "tmpfs:64MiB,huge=always")
	check(Files, "overlay,volatile", "overlay,volatile")
	check(Network, "none", "none")
	check(Network, "loss=0.1%,delay=0.01s", "delay=10ms,loss=0.1%")
	check(Network, "delay=10ms,jitter=1000us", "delay=10ms,jitter=1ms")
	check(Network, "loss=100%", "loss=100%")
}

func TestBadLevelsSayWhy(t *testing.T) {
	check := func(k Kind, text, why string) {
		t.Helper()
		_, err := Parse(k, text)
		require.ErrorContains(t, err, why, "%s=%s", k, text)
	}
	check(Swap, "file", "none of its levels")
	check(Swap, "disk:1GiB", "none of its levels")
	check(Swap, "file:1000KiB", "whole MiB")
	check(Swap, "file:0B", "whole MiB")
	check(Swap, "file:512MB", "not a size")
	check(Files, "btrfs:1GiB", "none of its levels")
	check(Files, "ext4", "ext4 needs a size")
	check(Files, "overlay:1GiB", "has the size of what it lies on")
	check(Files, "xfs:256MiB", "needs 300MiB at least")
	check(Files, "ext4:64MiB,", "not a mount option")
	check(Files, "ext4:64MiB,journal_path=/dev/vda", "not a mount option")
	check(Files, "overlay,upperdir=x", "not an experiment's to choose")
	check(Files, "ext4:64MiB,errors=panic", "not an experiment's to choose")
	check(Files, "ext4:64MiB,suid", "not an experiment's to choose")
	check(Files, "ext4:64MiB,data=journal,data=ordered", "given twice")
	check(Network, "delay=1ns", "whole microseconds")
	check(Network, "delay=2m", "up to 1m")
	check(Network, "delay=1ms,jitter=2ms", "before it was sent")
	check(Network, "jitter=2ms", "before it was sent")
	check(Network, "loss=0%", "above 0%")
	check(Network, "loss=0.00001%", "at most 3 decimals")
	check(Network, "rate=1mbit", "is not delay=TIME")
	check(Network, "delay=1ms,delay=2ms", "given twice")
	check(Network, "", "is not delay=TIME")
	check("disk", "x", "no kind of resource")
}

func TestTheAreaUsedFirstIsTheLevel(t *testing.T) {
	const head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
	check := func(text, want string) {
		t.Helper()
		if got := swapSeen(head + text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	page := int64(len(swapHeader(1<<20, 4096))) >> 10
	require.EqualValues(t, 4, page)
	check("", "none")
	check("/tmp/assay-x/swap                       file\t\t524284\t\t0\t\t32767\n", "file:512MiB")
	check("/dev/vdb partition 1048572 9 -2\n/dev/zram3 partition 262140 0 32767\n", "zram:256MiB")
	check("garbage\n", "none")
}

func TestAFileSystemIsHeldOptionByOption(t *testing.T) {
	check := func(want, seen string, ok bool, hidden ...string) {
		t.Helper()
		got, h := Spec{Files, want}.Match(seen)
		require.Equal(t, ok, got, "%s seen as %s", want, seen)
		require.Equal(t, hidden, h)
	}
	check("ext4:64MiB", "ext4:64MiB", true)
	check("ext4:64MiB", "ext4:64MiB,errors=remount-ro", true)
	check("ext4:64MiB", "ext4:128MiB", false)
	check("ext4:64MiB", "xfs:300MiB", false)
	check("ext4:64MiB,noatime", "ext4:64MiB", false) // which it always shows
	check("ext4:64MiB,noatime", "ext4:64MiB,noatime", true)
	check("ext4:64MiB,data=writeback", "ext4:64MiB,data=journal", false)
	check("ext4:64MiB,data=ordered", "ext4:64MiB", true, "data=ordered")
	check("ext4:64MiB,relatime", "ext4:64MiB", true, "relatime")
	check("tmpfs:1MiB", "overlayfs", false)
	ok, _ := Spec{Network, "none"}.Match(Shared)
	require.False(t, ok)
}

const mountLines = `22 27 0:20 / / rw,noatime - ext4 /dev/vda rw,errors=remount-ro
30 22 0:40 / /tmp rw,nosuid,nodev - tmpfs tmpfs rw,size=262144k,inode64
31 30 7:3 / /tmp/assay-x/fs rw,nosuid,nodev,noatime shared:9 - ext4 /dev/loop3 rw,data=writeback
32 30 0:9 / /tmp/assay-x/fsx rw - proc proc rw
33 30 7:4 / /tmp/my\040tmp/assay-y/fs rw - ext4 /dev/loop4 rw
`

func TestTheMountThatAPathLiesOn(t *testing.T) {
	all, err := sysfs.ParseMounts(mountLines)
	require.NoError(t, err)
	check := func(path, device string) {
		t.Helper()
		if m, ok := over(all, path); !ok || m.Device != device {
			t.Errorf("%s lies on %q, want %q", path, m.Device, device)
		}
	}
	check("/tmp/assay-x/fs/home", "7:3")
	check("/tmp/assay-x/fs", "7:3")
	check("/tmp/assay-x/fs.img", "0:40")
	check("/tmp", "0:40")
	check("/tmpx", "0:20")
	check("/tmp/my tmp/assay-y/fs/home", "7:4")
	require.Equal(t, []string{"data=writeback", "noatime"}, chosen(all[2]))
	require.EqualValues(t, 256<<20, sizeOf(all[1]))
	_, err = sysfs.ParseMounts("1 2 3\n")
	require.ErrorContains(t, err, "not a line of")
}

func TestNetemIsReadAsItIsWritten(t *testing.T) {
	check := func(level string) {
		t.Helper()
		n, err := ParseNetwork(level)
		require.NoError(t, err)
		again, err := decode(n.encode())
		require.NoError(t, err)
		require.Equal(t, level, again.String())
	}
	check("delay=10ms")
	check("delay=1m0s,jitter=1µs")
	check("delay=1.5ms,jitter=250µs,loss=0.1%")
	check("loss=0.001%")
	check("loss=33.333%")
	check("loss=100%")
	_, err := decode([]byte{1})
	require.Error(t, err)
}

// What the kernel's headers say of a request, written out for a little-endian machine.
func TestTheRequestIsThatOfTheHeaders(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("written out for a little-endian machine")
	}
	got := request(36, 0x605, attribute(1, []byte("netem\x00")))
	require.Equal(t, []byte{
		48, 0, 0, 0, 36, 0, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, // struct nlmsghdr
		0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, // struct tcmsg
		10, 0, 1, 0, 'n', 'e', 't', 'e', 'm', 0, 0, 0,
	}, got)
}

func TestUndoersTouchNothingElse(t *testing.T) {
	for _, what := range []string{madeFiles, madeLoop, madeMount, madeSwap} {
		for _, target := range []string{"/", "/etc", "/tmp/x/y", "tmp/assay-x/fs", "/tmp/assay-x/../../etc", "/dev/sda", "/dev/zram", "/dev/zram1/x"} {
			require.ErrorContains(t, Undoers()[what](target), "nothing was touched", "%s %s", what, target)
		}
	}
	require.ErrorContains(t, removeZram("/dev/zramx"), "nothing was touched")
}

func FuzzParse(f *testing.F) {
	for _, s := range []Spec{{Swap, "file:1GiB"}, {Files, "xfs:1GiB,noatime,logbsize=256k"}, {Files, "overlay"}, {Network, "delay=10ms,jitter=1ms,loss=0.1%"}} {
		f.Add(string(s.Kind), s.Level)
	}
	f.Fuzz(func(t *testing.T, kind, text string) {
		level, err := Parse(Kind(kind), text)
		if err != nil {
			return
		}
		again, err := Parse(Kind(kind), level)
		if err != nil || again != level {
			t.Fatalf("%s=%q became %q, then %q, %v", kind, text, level, again, err)
		}
		if n, err := ParseNetwork(level); Kind(kind) == Network && err == nil {
			if back, err := decode(n.encode()); err != nil || back.String() != level {
				t.Fatalf("%s is read as %s, %v", level, back, err)
			}
		}
	})
}

func FuzzKernelTexts(f *testing.F) {
	f.Add(mountLines, []byte{})
	f.Add("/dev/zram3 partition 262140 0 32767\n", request(36, 5, attribute(1, []byte("netem\x00"))))
	f.Fuzz(func(t *testing.T, text string, message []byte) {
		swapSeen(text)
		if all, err := sysfs.ParseMounts(text); err == nil {
			for _, m := range all {
				chosen(m)
			}
			over(all, "/tmp/assay-x/fs")
		}
		bodies, _, err := answers(message)
		for _, b := range bodies {
			if a, err2 := attributes(b); err == nil && err2 == nil {
				decode(a[2])
			}
		}
	})
}
