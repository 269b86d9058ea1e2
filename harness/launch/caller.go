package launch

import (
	"os"
	"os/user"
	"strconv"
)

// Caller is the user who called the harness through sudo, as SUDO_UID and
// SUDO_GID say: workloads run as that user, not as root. It is nil where the
// harness is not root, was not called through sudo, or was so called by root.
func Caller() *User {
	return caller(os.Geteuid(), os.Getenv, account)
}

func caller(euid int, getenv func(string) string, account func(uid string) ([]uint32, string)) *User {
	uid, err := strconv.ParseUint(getenv("SUDO_UID"), 10, 32)
	if euid != 0 || err != nil || uid == 0 {
		return nil
	}
	gid, err := strconv.ParseUint(getenv("SUDO_GID"), 10, 32)
	if err != nil {
		return nil
	}
	u := &User{UID: uint32(uid), GID: uint32(gid)}
	u.Groups, u.Home = account(getenv("SUDO_UID"))
	if u.Groups == nil {
		u.Groups = []uint32{u.GID}
	}
	if u.Home == "" {
		u.Home = "/"
	}
	return u
}

// account looks a user up; what can't be found out is left empty.
func account(uid string) (groups []uint32, home string) {
	u, err := user.LookupId(uid)
	if err != nil {
		return nil, ""
	}
	ids, err := u.GroupIds()
	if err != nil {
		return nil, u.HomeDir
	}
	for _, id := range ids {
		if gid, err := strconv.ParseUint(id, 10, 32); err == nil {
			groups = append(groups, uint32(gid))
		}
	}
	return groups, u.HomeDir
}
