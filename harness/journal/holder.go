package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Holder is who took the host lock, and for what. The zero Holder is unknown.
type Holder struct {
	PID   int       `json:"pid"`
	Start uint64    `json:"start"` // as in [Owner]
	UID   int       `json:"uid"`
	Run   string    `json:"run"` // experiment and run id; for people
	Since time.Time `json:"since"`

	// Ended says that the process is gone. What it left running, its guardian as a
	// rule, holds the lock until the machine is put back.
	Ended bool `json:"-"`
}

func (h Holder) String() string {
	if h.PID == 0 {
		return "a process that can't be told from here"
	}
	since := h.Since.Local().Format("2006-01-02 15:04:05")
	if h.Ended {
		return fmt.Sprintf("what process %d left behind (%s, since %s; it has ended, its guardian is putting the machine back)", h.PID, h.Run, since)
	}
	return fmt.Sprintf("process %d of user %d (%s, since %s)", h.PID, h.UID, h.Run, since)
}

func (h Holder) filled() (Holder, error) {
	self, err := Self()
	if err != nil {
		return h, err
	}
	h.PID, h.Start = self.PID, self.Start
	if h.UID == 0 {
		h.UID = os.Geteuid()
	}
	if h.Since.IsZero() {
		h.Since = time.Now()
	}
	return h, nil
}

// A card is the file beside the lock that says who holds it. The lock file itself
// may belong to another user, so each holder makes a card of its own.
func cardName(lock string, pid int) string { return lock + "." + strconv.Itoa(pid) }

func (h Holder) publish(card string) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	os.Remove(card) // of an earlier process of our number
	file, err := os.OpenFile(card, os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Chmod(0o644), file.Close())
}

// findHolder names a holder only where two sources agree: the kernel says that
// process N took the lock, and the card of N was made by its user. Whether that
// process still runs is told by its start time.
func findHolder(lock string) Holder {
	pid, ok := takerOf(lock)
	if !ok {
		return Holder{}
	}
	h, err := readCard(cardName(lock, pid))
	if err != nil || h.PID != pid {
		return Holder{}
	}
	h.Ended = !Owner{PID: h.PID, Start: h.Start}.Alive()
	return h
}

// Holding says who holds the host lock at a path, by what the kernel says: the lock
// is not touched, so that nobody who wants it meets us. held is false where nobody does.
func Holding(path string) (h Holder, held bool) {
	if _, held = takerOf(path); !held {
		return Holder{}, false
	}
	return findHolder(path), true
}

// takerOf is the process that /proc/locks names for the lock. It need not live:
// the lock may have been inherited.
func takerOf(lock string) (int, bool) {
	info, err := os.Lstat(lock)
	if err != nil {
		return 0, false
	}
	text, err := machine.Read("proc/locks")
	if err != nil {
		return 0, false
	}
	return parseLocks(text, info.Sys().(*syscall.Stat_t).Ino)
}

// parseLocks finds the taker of the flock on an inode in the text of /proc/locks:
// "1: FLOCK  ADVISORY  WRITE 18707 fe:00:9978849 0 EOF". The device is passed
// over: on overlay file systems stat shows another one.
func parseLocks(text string, inode uint64) (pid int, ok bool) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 6 || f[1] != "FLOCK" || f[3] != "WRITE" { // waiters have "->" in second place
			continue
		}
		if !strings.HasSuffix(f[5], ":"+strconv.FormatUint(inode, 10)) {
			continue
		}
		if pid, err := strconv.Atoi(f[4]); err == nil && pid > 0 {
			return pid, true
		}
	}
	return 0, false
}

func readCard(path string) (Holder, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return Holder{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Holder{}, err
	}
	if !info.Mode().IsRegular() {
		return Holder{}, errors.New("not a regular file")
	}
	text, err := io.ReadAll(io.LimitReader(file, 4096))
	if err != nil {
		return Holder{}, err
	}
	h, err := parseCard(text)
	if uid := int(info.Sys().(*syscall.Stat_t).Uid); err == nil && uid != 0 && uid != h.UID {
		err = errors.New("made by another user than the one that it names")
	}
	return h, err
}

// parseCard refuses what would do harm on a terminal: any user may make a card.
func parseCard(text []byte) (Holder, error) {
	var h Holder
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&h); err != nil {
		return Holder{}, err
	}
	if h.PID <= 0 || strings.ContainsFunc(h.Run, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return Holder{}, errors.New("not a card that assay makes")
	}
	return h, nil
}

// sweep removes the cards of holders that have ended, where we may.
func sweep(lock string) {
	cards, _ := filepath.Glob(lock + ".[0-9]*")
	for _, card := range cards {
		if h, err := readCard(card); err == nil && !(Owner{PID: h.PID, Start: h.Start}).Alive() {
			os.Remove(card)
		}
	}
}
