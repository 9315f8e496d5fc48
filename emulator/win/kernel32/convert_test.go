package kernel32_test

import (
	"encoding/binary"
	"testing"

	"sidetrace/emulator/win"
)

// units is UTF-16 in memory.
func units(u ...uint16) []byte {
	var b []byte
	for _, v := range u {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

func TestMultiByteToWideChar(t *testing.T) {
	for _, c := range []struct {
		name      string
		page      uint64
		flags     uint64
		text      string
		want      []uint16
		lastError win.Error
	}{
		{"ANSI", 0, 0, "a\x80", []uint16{'a', 0x20AC}, 0},
		{"ANSI, by number", 1252, 1, "\xE9", []uint16{0xE9}, 0},
		{"ANSI, a byte that means nothing", 1252, 8, "\x81", []uint16{0x81}, 0},
		{"OEM", 1, 0, "\x82", []uint16{0xE9}, 0},
		{"Cyrillic", 1251, 0, "\xC0", []uint16{0x410}, 0},
		{"UTF-8", 65001, 0, "é€", []uint16{0xE9, 0x20AC}, 0},
		{"UTF-8, a pair", 65001, 0, "😀", []uint16{0xD83D, 0xDE00}, 0},
		{"UTF-8, cut short", 65001, 0, "\xE2\x82x", []uint16{0xFFFD, 'x'}, 0},
		{"UTF-8, surrogate", 65001, 0, "\xED\xA0\x80", []uint16{0xFFFD, 0xFFFD, 0xFFFD}, 0},
		{"UTF-8, overlong", 65001, 0, "\xC0\xAF", []uint16{0xFFFD, 0xFFFD}, 0},
		{"UTF-8, strict", 65001, 8, "\xFF", nil, win.ErrNoUnicodeTranslation},
		{"UTF-8, wrong flag", 65001, 1, "a", nil, win.ErrInvalidFlags},
		{"no such code page", 12345, 0, "a", nil, win.ErrInvalidParameter},
		{"an unknown flag", 0, 0x10, "a", nil, win.ErrInvalidFlags},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine(t, nil)
			in, out := m.Bytes([]byte(c.text)), m.Alloc(16)
			size, _, _ := m.Call("kernel32.dll", "MultiByteToWideChar", c.page, c.flags, in, uint64(len(c.text)), 0, 0)
			n, lastError, _ := m.Call("kernel32.dll", "MultiByteToWideChar", c.page, c.flags, in, uint64(len(c.text)), out, 8)
			if lastError != c.lastError || n != size || int(n) != len(c.want) {
				t.Fatalf("got %d units of %d, last error %d, want %d, %d", n, size, lastError, len(c.want), c.lastError)
			}
			if got, want := string(m.Get(out, 2*len(c.want))), string(units(c.want...)); got != want {
				t.Errorf("got %x, want %x", got, want)
			}
		})
	}
}

// TestConversionSizes has the sizes that are special.
func TestConversionSizes(t *testing.T) {
	m := machine(t, nil)
	in, out := m.AString("hello"), m.Alloc(32)
	wideIn, narrow := m.WString("hello"), m.Alloc(16)
	to := func(length, size, result string) string {
		return "MultiByteToWideChar(CodePage=0, dwFlags=0x0, lpMultiByteStr={2}, cbMultiByte=" + length + ", lpWideCharStr={4}, cchWideChar=" + size + ") = " + result
	}
	from := func(length, size, result string) string {
		return "WideCharToMultiByte(CodePage=0, dwFlags=0x0, lpWideCharStr={2}, cchWideChar=" + length + ", lpMultiByteStr={4}, cbMultiByte=" + size + ", lpDefaultChar=NULL, lpUsedDefaultChar=NULL) = " + result
	}
	run(t, m, []call{
		{args(0, 0, in, -1, out, 0), to("-1", "0", "6"), 0},
		{args(0, 0, in, -1, out, 6), to("-1", "6", "6"), 0},
		{args(0, 0, in, 5, out, 16), to("5", "16", "5"), 0},
		{args(0, 0, in, 0, out, 16), failed(to("0", "16", "0"), 87), win.ErrInvalidParameter},
		{args(0, 0, in, -1, out, -1), failed(to("-1", "-1", "0"), 87), win.ErrInvalidParameter},
		{args(0, 0, in, -1, in, 6), failed(to("-1", "6", "0"), 87), win.ErrInvalidParameter},
		{args(0, 0, in, -1, out, 3), failed(to("-1", "3", "0"), 122), win.ErrInsufficientBuffer},
		{args(0, 0, wideIn, -1, narrow, 0, 0, 0), from("-1", "0", "6"), 0},
		{args(0, 0, wideIn, 2, narrow, 16, 0, 0), from("2", "16", "2"), 0},
		{args(0, 0, wideIn, -1, narrow, 3, 0, 0), failed(from("-1", "3", "0"), 122), win.ErrInsufficientBuffer},
		{args(0, 0, wideIn, 0, narrow, 3, 0, 0), failed(from("0", "3", "0"), 87), win.ErrInvalidParameter},
	})
	if got := string(m.Get(narrow, 4)); got != "hel?" {
		t.Errorf("what fits: got %q, want %q", got, "hel?")
	}
}

func TestWideCharToMultiByte(t *testing.T) {
	for _, c := range []struct {
		name      string
		page      uint64
		flags     uint64
		text      []uint16
		want      string
		used      bool
		lastError win.Error
	}{
		{"ANSI", 0, 0, []uint16{'a', 0x20AC}, "a\x80", false, 0},
		{"ANSI, what it lacks", 0, 0, []uint16{'a', 0x410, 'b'}, "a?b", true, 0},
		{"ANSI, a pair", 0, 0x400, []uint16{0xD83D, 0xDE00, 'b'}, "?b", true, 0},
		{"ANSI, a control that is a byte", 0, 0, []uint16{0x81}, "\x81", false, 0},
		{"ANSI, the replacement character", 0, 0, []uint16{0xFFFD}, "?", true, 0},
		{"ANSI, a flag of UTF-8", 0, 0x80, []uint16{'a'}, "", false, win.ErrInvalidFlags},
		{"ASCII", 20127, 0, []uint16{'a', 0xE9}, "a?", true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine(t, nil)
			in, out, used := m.Bytes(units(c.text...)), m.Alloc(16), m.Alloc(4)
			n, lastError, _ := m.Call("kernel32.dll", "WideCharToMultiByte", c.page, c.flags, in, uint64(len(c.text)), out, 16, 0, used)
			if lastError != c.lastError || string(m.Get(out, int(n))) != c.want {
				t.Fatalf("got %q, last error %d, want %q, %d", m.Get(out, int(n)), lastError, c.want, c.lastError)
			}
			if lastError == 0 && m.Uint(used, 4) != map[bool]uint64{true: 1}[c.used] {
				t.Errorf("used: got %d, want %t", m.Uint(used, 4), c.used)
			}
		})
	}
}

// TestWideCharToUTF8 has what is special to UTF-8.
func TestWideCharToUTF8(t *testing.T) {
	m := machine(t, nil)
	in, out, used := m.Bytes(units(0xD83D, 0xDE00, 0xD800, 'x')), m.Alloc(16), m.Alloc(4)
	n, _, _ := m.Call("kernel32.dll", "WideCharToMultiByte", 65001, 0, in, 4, out, 16, 0, 0)
	if got, want := string(m.Get(out, int(n))), "😀\uFFFDx"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, lastError, _ := m.Call("kernel32.dll", "WideCharToMultiByte", 65001, 0x80, in, 4, out, 16, 0, 0); lastError != win.ErrNoUnicodeTranslation {
		t.Errorf("strict: last error: got %d, want %d", lastError, win.ErrNoUnicodeTranslation)
	}
	if _, lastError, _ := m.Call("kernel32.dll", "WideCharToMultiByte", 65001, 0, in, 4, out, 16, 0, used); lastError != win.ErrInvalidParameter {
		t.Errorf("with lpUsedDefaultChar: last error: got %d, want %d", lastError, win.ErrInvalidParameter)
	}
}

func TestCodePages(t *testing.T) {
	m := machine(t, nil)
	info := m.Alloc(20)
	run(t, m, []call{
		{args(), "GetACP() = 1252", 0},
		{args(), "GetOEMCP() = 437", 0},
		{args(1252), "IsValidCodePage(CodePage=1252) = TRUE", 0},
		{args(0), "IsValidCodePage(CodePage=0) = FALSE", 0},
		{args(0, 0x81), "IsDBCSLeadByteEx(CodePage=0x0, TestChar=0x81) = FALSE", 0},
		{args(65001, info), "GetCPInfo(CodePage=65001, lpCPInfo={1}) = TRUE", 0},
		{args(12345, info), failed("GetCPInfo(CodePage=12345, lpCPInfo={1}) = FALSE", 87), win.ErrInvalidParameter},
	})
	if got := m.Uint(info, 4); got != 4 {
		t.Errorf("MaxCharSize: got %d, want 4", got)
	}
}
