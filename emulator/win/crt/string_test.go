package crt_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/wintest"
)

// both runs a test of a function and of its wide twin.
func both(t *testing.T, narrow, wide string, test func(t *testing.T, s *texts, name string)) {
	for _, s := range []struct {
		name  string
		width int
	}{{narrow, 1}, {wide, 2}} {
		t.Run(s.name, func(t *testing.T) {
			test(t, &texts{newMachine(t, guest.Config{}), s.width}, s.name)
		})
	}
}

// texts are strings of one width in a machine.
type texts struct {
	*wintest.Machine
	width int
}

func (s *texts) raw(text string) []byte {
	if s.width == 2 {
		b := guest.UTF16(text)
		return b[:len(b)-2]
	}
	return []byte(text)
}

func (s *texts) put(text string) uint64 {
	return s.Bytes(append(s.raw(text), make([]byte, s.width)...))
}

// get is the n characters at an address; "?" is what was never written.
func (s *texts) get(at uint64, n int) string {
	b := s.Get(at, n*s.width)
	if s.width == 1 {
		return string(b)
	}
	var text strings.Builder
	for i := 0; i < len(b); i += 2 {
		if ch := binary.LittleEndian.Uint16(b[i:]); ch == 0x3F3F {
			text.WriteByte('?')
		} else {
			text.WriteRune(rune(ch))
		}
	}
	return text.String()
}

// index is a place in a string as an index; -1 for null.
func (s *texts) index(at, result uint64) int {
	if result == 0 {
		return -1
	}
	return int(result-at) / s.width
}

func TestSearch(t *testing.T) {
	for _, test := range []struct {
		narrow, wide string
		in           string
		arg          any // a string or a character
		want         int
	}{
		{"strchr", "wcschr", "hello", 'l', 2},
		{"strchr", "wcschr", "hello", 'x', -1},
		{"strchr", "wcschr", "hello", rune(0), 5},
		{"strchr", "wcschr", "", 'a', -1},
		{"strrchr", "wcsrchr", "hello", 'l', 3},
		{"strrchr", "wcsrchr", "hello", 'x', -1},
		{"strrchr", "wcsrchr", "hello", rune(0), 5},
		{"strstr", "wcsstr", "a.dll.dll", ".dll", 1},
		{"strstr", "wcsstr", "abc", "", 0},
		{"strstr", "wcsstr", "abc", "abcd", -1},
		{"strstr", "wcsstr", "aab", "ab", 1},
		{"strpbrk", "wcspbrk", "path/to", `\/`, 4},
		{"strpbrk", "wcspbrk", "path", `\/`, -1},
	} {
		both(t, test.narrow, test.wide, func(t *testing.T, s *texts, name string) {
			at := s.put(test.in)
			var arg uint64
			switch v := test.arg.(type) {
			case rune:
				arg = uint64(v)
			case string:
				arg = s.put(v)
			}
			if got := s.index(at, call(t, s.Machine, name, at, arg)); got != test.want {
				t.Errorf("%s(%q, %q): got %d, want %d", name, test.in, test.arg, got, test.want)
			}
		})
	}
}

// A wide string is found at a character, not across two.
func TestSearchAligned(t *testing.T) {
	m := newMachine(t, guest.Config{})
	at := m.Bytes([]byte{0x00, 0x41, 0x41, 0x00, 0, 0}) // U+4100 "A"
	equal(t, "wcsstr", at+2, call(t, m, "wcsstr", at, m.WString("A")))
	equal(t, "wcschr", at+2, call(t, m, "wcschr", at, 'A'))
}

func TestCompareStrings(t *testing.T) {
	for _, test := range []struct {
		narrow, wide string
		a, b         string
		n            uint64
		want         int32
	}{
		{"strcmp", "wcscmp", "a", "a", 0, 0},
		{"strcmp", "wcscmp", "a", "b", 0, -1},
		{"strcmp", "wcscmp", "b", "a", 0, 1},
		{"strcmp", "wcscmp", "a", "ab", 0, -1},
		{"strcmp", "wcscmp", "a", "A", 0, 1},
		{"_stricmp", "_wcsicmp", "KERNEL32.dll", "kernel32.DLL", 0, 0},
		{"_stricmp", "_wcsicmp", "a", "B", 0, -1},
		{"_stricmp", "_wcsicmp", "_", "A", 0, -1},
		{"strncmp", "wcsncmp", "abc", "abd", 2, 0},
		{"strncmp", "wcsncmp", "abc", "abd", 3, -1},
		{"strncmp", "wcsncmp", "abc", "abc", 99, 0},
		{"strncmp", "wcsncmp", "a", "b", 0, 0},
		{"_strnicmp", "_wcsnicmp", "ABc", "abd", 2, 0},
		{"_strnicmp", "_wcsnicmp", "ABc", "abd", 3, -1},
	} {
		both(t, test.narrow, test.wide, func(t *testing.T, s *texts, name string) {
			if got := int32(call(t, s.Machine, name, s.put(test.a), s.put(test.b), test.n)); got != test.want {
				t.Errorf("%s(%q, %q, %d): got %d, want %d", name, test.a, test.b, test.n, got, test.want)
			}
		})
	}
}

// strncmp and its kin must not read behind what decides.
func TestNoReadBeyond(t *testing.T) {
	m := newMachine(t, guest.Config{})
	a, err := m.Mem.Reserve(0, 2*guest.PageSize, 0x2_0000_0000, guest.RegionPrivate, guest.PageReadWrite)
	if err == nil {
		err = m.Mem.Commit(a.Base, guest.PageSize, guest.PageReadWrite)
	}
	if err != nil {
		t.Fatal(err)
	}
	end := a.Base + guest.PageSize - 4 // the page behind it is not there
	m.Put(end, []byte("abcd"))
	other := m.AString("abcx")
	equal(t, "strncmp", negative(-1), call(t, m, "strncmp", end, other, 9))
	equal(t, "strncmp, equal", uint64(0), call(t, m, "strncmp", end, m.AString("abcdef"), 4))
	equal(t, "strnlen", uint64(4), call(t, m, "strnlen", end, 4))
	equal(t, "memchr", end+1, call(t, m, "memchr", end, 'b', 100))
	equal(t, "wcsncmp", uint64(0), call(t, m, "wcsncmp", end, end, 2))
	to := m.Alloc(8)
	call(t, m, "strncpy", to, end, 4)
	equal(t, "strncpy", "abcd????", string(m.Get(to, 8)))
}

func TestCopyStrings(t *testing.T) {
	for _, test := range []struct {
		narrow, wide string
		to, from     string
		n            uint64
		want         string
	}{
		{"strcpy", "wcscpy", "", "abc", 0, "abc\x00????"},
		{"strcat", "wcscat", "ab", "cd", 0, "abcd\x00???"},
		{"strncpy", "wcsncpy", "", "abc", 2, "ab??????"},
		{"strncpy", "wcsncpy", "", "ab", 5, "ab\x00\x00\x00???"},
		{"strncat", "wcsncat", "a", "bcd", 2, "abc\x00????"},
		{"strncat", "wcsncat", "a", "b", 9, "ab\x00?????"},
	} {
		both(t, test.narrow, test.wide, func(t *testing.T, s *texts, name string) {
			to := s.Alloc(8 * s.width)
			if test.to != "" {
				s.Put(to, append(s.raw(test.to), make([]byte, s.width)...))
			}
			equal(t, "result", to, call(t, s.Machine, name, to, s.put(test.from), test.n))
			equal(t, "buffer", test.want, s.get(to, 8))
		})
	}
}

func TestSecureCopy(t *testing.T) {
	const all = ^uint64(0)
	for _, test := range []struct {
		narrow, wide string
		from         string
		size, n      uint64
		want         string
		result       uint64
	}{
		{"strcpy_s", "wcscpy_s", "abc", 4, 0, "abc\x00", 0},
		{"strcpy_s", "wcscpy_s", "abcd", 4, 0, "\x00bcd", 34},
		{"strncpy_s", "wcsncpy_s", "abcd", 4, 3, "abc\x00", 0},
		{"strncpy_s", "wcsncpy_s", "abcd", 4, 4, "\x00bcd", 34},
		{"strncpy_s", "wcsncpy_s", "abcd", 4, all, "abc\x00", 80},
		{"strncpy_s", "wcsncpy_s", "abc", 4, all, "abc\x00", 0},
	} {
		both(t, test.narrow, test.wide, func(t *testing.T, s *texts, name string) {
			to := s.Alloc(4 * s.width)
			equal(t, "result", test.result, call(t, s.Machine, name, to, test.size, s.put(test.from), test.n))
			equal(t, "buffer", test.want, s.get(to, 4))
		})
	}
}

func TestTokens(t *testing.T) {
	both(t, "strtok", "wcstok", func(t *testing.T, s *texts, name string) {
		at, delimiters := s.put(",,a,,bc;d;"), s.put(",;")
		var got []string
		for token := call(t, s.Machine, name, at, delimiters); token != 0; token = call(t, s.Machine, name, 0, delimiters) {
			n := call(t, s.Machine, map[int]string{1: "strlen", 2: "wcslen"}[s.width], token)
			got = append(got, s.get(token, int(n)))
		}
		equal(t, "tokens", []string{"a", "bc", "d"}, got)
	})
}

func TestEdit(t *testing.T) {
	for _, test := range []struct{ narrow, wide, in, want string }{
		{"_strlwr", "_wcslwr", "AbC-1", "abc-1\x00"},
		{"_strupr", "_wcsupr", "AbC-1", "ABC-1\x00"},
		{"_strrev", "_wcsrev", "abc", "cba\x00"},
		{"_strdup", "_wcsdup", "copy", "copy\x00"},
	} {
		both(t, test.narrow, test.wide, func(t *testing.T, s *texts, name string) {
			at := call(t, s.Machine, name, s.put(test.in))
			equal(t, "text", test.want, s.get(at, len(test.want)))
		})
	}
}
