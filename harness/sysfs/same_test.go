package sysfs

import (
	"slices"
	"strings"
	"testing"
)

func TestSelectedIsTheWordInBrackets(t *testing.T) {
	check := func(text, want string) {
		t.Helper()
		if got := Selected(text); got != want {
			t.Errorf("Selected(%q) = %q, want %q", text, got, want)
		}
	}
	check("always [madvise] never", "madvise")
	check("[none] mq-deadline kyber bfq\n", "none")
	check("always defer [defer+madvise] madvise never", "defer+madvise")
	check(" performance \n", "performance")
	check("[] a", "[] a")
	check("a [b", "a [b")
	check("", "")
}

func TestChoicesAreTheWordsInOrder(t *testing.T) {
	check := func(text string, want ...string) {
		t.Helper()
		if got := Choices(text); !slices.Equal(got, want) {
			t.Errorf("Choices(%q) = %q, want %q", text, got, want)
		}
	}
	check("always [madvise] never\n", "always", "madvise", "never")
	check("")
}

func TestEqualByEachSame(t *testing.T) {
	check := func(s Same, text, value string, want bool) {
		t.Helper()
		if got := s.Equal(text, value); got != want {
			t.Errorf("Same(%q).Equal(%q, %q) = %t", s, text, value, got)
		}
	}
	check(Text, "60\n", " 60", true)
	check(Text, "0x10", "16", false)
	check(Text, "always [madvise] never", "madvise", false)
	check(Selector, "always [madvise] never", "madvise", true)
	check(Selector, "always [madvise] never", "always", false)
	check(Selector, "always [madvise] never", "[always] madvise never", false)
	check(Selector, "always [madvise] never", "always [madvise] never\n", true)
	check(Number, "0x0007", "7", true) // lru_gen reads so
	check(Number, "-1", "18446744073709551615", false)
	check(Number, "18446744073709551616", "18446744073709551617", false)
	check(Number, "4096\t131072\t6291456", "4096 131072 6291456", true)
	check(Number, "4096 131072", "4096", false)
	check(Number, "max", "max", true)
	check(Number, "max", "0", false)
	check(Number, "0", "", false)
}

func TestValueIsWhatBringsTheTextBack(t *testing.T) {
	check := func(s Same, text, want string) {
		t.Helper()
		if got := s.Value(text); got != want {
			t.Errorf("Same(%q).Value(%q) = %q, want %q", s, text, got, want)
		}
	}
	check(Selector, "always [madvise] never\n", "madvise")
	check(Number, "0x0007\n", "0x0007")
	check(Text, " a b\n", "a b")
}

func FuzzSelected(f *testing.F) {
	for _, seed := range []string{"always [madvise] never", "[a]", "[]", "[", "a [b c] d", "[[a]]", "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Selected(text)
		if got != strings.TrimSpace(got) {
			t.Errorf("Selected(%q) = %q has white space around it", text, got)
		}
		if strings.TrimSpace(text) != "" && got == "" {
			t.Errorf("Selected(%q) is empty", text)
		}
		if words := Choices(text); got != strings.TrimSpace(text) && !slices.Contains(words, got) {
			t.Errorf("Selected(%q) = %q is not among %q", text, got, words)
		}
	})
}

func FuzzEqual(f *testing.F) {
	f.Add("always [madvise] never", "madvise")
	f.Add("0x0007", "7")
	f.Add("1_000", "1000")
	f.Add("-0", "+0")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []Same{Text, Selector, Number} {
			if !s.Equal(a, a) {
				t.Errorf("Same(%q): %q is not equal to itself", s, a)
			}
			if s.Equal(a, b) != s.Equal(b, a) {
				t.Errorf("Same(%q): %q and %q are equal one way only", s, a, b)
			}
		}
		if Text.Equal(a, b) && (!Selector.Equal(a, b) || !Number.Equal(a, b)) {
			t.Errorf("%q and %q are one text and yet not equal", a, b)
		}
	})
}
