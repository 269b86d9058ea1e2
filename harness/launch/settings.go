package launch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// With is s with what o sets set too; limits by resource.
func (s Settings) With(o Settings) Settings {
	if o.Affinity != nil {
		s.Affinity = slices.Clone(o.Affinity)
	}
	s.Umask = either(o.Umask, s.Umask)
	s.Nice = either(o.Nice, s.Nice)
	s.Policy = either(o.Policy, s.Policy)
	s.Memory = either(o.Memory, s.Memory)
	s.Randomize = either(o.Randomize, s.Randomize)
	s.TimerSlack = either(o.TimerSlack, s.TimerSlack)
	s.THP = either(o.THP, s.THP)
	s.User = either(o.User, s.User)
	if o.Drop != nil {
		s.Drop = slices.Clone(o.Drop)
	}
	for _, l := range o.Limits {
		s.Limits = slices.DeleteFunc(slices.Clone(s.Limits), func(old Limit) bool { return old.Resource == l.Resource })
		s.Limits = append(s.Limits, l)
	}
	return s
}

func either[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// Words says what is set, the affinity excepted, for people: "nice 5".
func (s Settings) Words() []string {
	var words []string
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if s.Umask != nil {
		add("umask %04o", *s.Umask)
	}
	if s.Nice != nil {
		add("nice %d", *s.Nice)
	}
	if s.Policy != nil {
		add("policy %s, priority %d", s.Policy.Name, s.Policy.Priority)
	}
	if s.Memory != nil {
		add("memory %s of nodes %v", s.Memory.Mode, s.Memory.Nodes)
	}
	if s.Randomize != nil {
		add("random addresses %v", *s.Randomize)
	}
	if s.TimerSlack != nil {
		add("timer slack %v", *s.TimerSlack)
	}
	if s.THP != nil {
		add("transparent huge pages %v", *s.THP)
	}
	for _, l := range s.Limits {
		add("limit %s %s, hard %s", l.Resource, bound(l.Soft), bound(l.Hard))
	}
	if s.User != nil {
		add("user %d, group %d", s.User.UID, s.User.GID)
	}
	if s.Drop != nil {
		add("without capabilities %s", strings.Join(s.Drop, ","))
	}
	return words
}

func bound(n uint64) string {
	if n == Unlimited {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}
