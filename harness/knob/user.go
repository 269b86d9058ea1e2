package knob

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

var _ = register(Knob{
	Name:  "user",
	Doc:   "whom the workload runs as",
	Scope: Process,
	Allow: `a name of /etc/passwd, or a number, or "UID:GID"`,
	Try:   "user=65534:65534",
	Note:  "without it, the caller of sudo, or else whoever runs assay; limits such as nproc and the right to lock memory or to raise priority follow the user",
	Parse: func(_, text string) (string, error) {
		if !userName.MatchString(text) {
			return "", fmt.Errorf("%q is neither a name of a user nor numbers", text)
		}
		return text, nil
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		u, err := account(h, level)
		switch {
		case err != nil:
			return Effects{}, err
		case !h.Root:
			return Effects{}, needsRoot("to run as another user")
		}
		return Effects{Process: launch.Settings{User: &u}}, nil
	},
	Refuses: []Refusal{
		{Cell: "user=no-such-user", Why: "etc/passwd has no user no-such-user"},
		{Cell: "user=65534", Where: "a user other than root", Lacks: func(h *host.Host) { h.Root = false }, Why: "needs root"},
	},
	Read:  fromProcess(userOf),
	Shown: []string{procStatus},
})

var userName = regexp.MustCompile(`^([a-z_][a-z0-9_-]{0,31}|(0|[1-9][0-9]{0,8})(:(0|[1-9][0-9]{0,8}))?)$`)

// account finds a user in the files that a machine keeps them in (passwd(5),
// group(5)). A number that nobody has is a user without groups, as to the kernel.
func account(h host.Host, name string) (launch.User, error) {
	uid, gid, both := strings.Cut(name, ":")
	u := launch.User{UID: number32(uid), GID: number32(cmp.Or(gid, uid)), Home: "/"}
	numeric := strings.Trim(uid, "0123456789") == ""
	lines, err := h.FS.Read("etc/passwd")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return u, err
	}
	found := false
	for line := range strings.Lines(lines) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 6 || f[0] != name && f[2] != uid {
			continue
		}
		if found = true; !both {
			u.UID, u.GID = number32(f[2]), number32(f[3])
		}
		name, u.Home = f[0], cmp.Or(f[5], "/")
		break
	}
	if !found && !numeric {
		return u, unsupported("etc/passwd has no user %s: write a number, or one of its names", name)
	}
	u.Groups = groups(h, name, u.GID)
	return u, nil
}

// groups are all of a user's, the first one first.
func groups(h host.Host, name string, first uint32) []uint32 {
	all := []uint32{first}
	text, err := h.FS.Read("etc/group")
	if err != nil {
		return all
	}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) == 4 && slices.Contains(strings.Split(f[3], ","), name) && number32(f[2]) != first {
			all = append(all, number32(f[2]))
		}
	}
	return all
}

func number32(text string) uint32 {
	n, _ := strconv.ParseUint(text, 10, 32) // Parse has let through what fits
	return uint32(n)
}

// userOf reads the effective user and group.
func userOf(seen map[string]string) (string, bool) {
	uids, ok := statusLine(seen, "Uid")
	gids, ok2 := statusLine(seen, "Gid")
	u, g := strings.Fields(uids), strings.Fields(gids)
	if !ok || !ok2 || len(u) < 2 || len(g) < 2 {
		return "", false
	}
	return u[1] + ":" + g[1], true
}
