package crt_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/wintest"
)

// slots are the arguments of a printf in 64-bit slots; strings are put into
// the machine.
func slots(m *wintest.Machine, args []any) []uint64 {
	var list []uint64
	for _, a := range args {
		switch a := a.(type) {
		case int:
			list = append(list, uint64(a))
		case rune:
			list = append(list, uint64(a))
		case float64:
			list = append(list, math.Float64bits(a))
		case string:
			list = append(list, m.AString(a))
		case wide:
			list = append(list, m.WString(string(a)))
		}
	}
	return list
}

type wide string

func TestFormat(t *testing.T) {
	m := newMachine(t, guest.Config{})
	buffer := m.Alloc(8192)
	for _, test := range []struct {
		format string
		args   []any
		want   string
	}{
		{"plain 100%% %", nil, "plain 100% "},
		{"%d|%5d|%-5d|%05d|%+d|% d", []any{-7, 42, 42, 42, 42, 42}, "-7|   42|42   |00042|+42| 42"},
		{"%.3d|%8.3d|%-8.3d|%08.3d|%.0d|%.0d", []any{5, 5, 5, 5, 0, 1}, "005|     005|005     |     005||1"},
		{"%u %o %x %X %#x %#X %#o %#x", []any{-1, 8, 255, 255, 255, 255, 8, 0}, "4294967295 10 ff FF 0xff 0XFF 010 0"},
		{"%hhd %hd %ld %lld %I64d %I32d %zd", []any{0x1FF, 0x1FFFF, 1 << 32, 1 << 40, -1 << 40, 1 << 33, -5}, "511 -1 0 1099511627776 -1099511627776 0 -5"},
		{"%Ix %I64x %llX", []any{1 << 40, 1 << 40, 1 << 40}, "10000000000 10000000000 10000000000"},
		{"%p", []any{0x7FFB1234}, "000000007FFB1234"},
		{"%*d|%-*d|%.*f", []any{5, 1, 4, 2, 1, 0.25}, "    1|2   |0.3"},
		{"%*d|", []any{-4, 3}, "3   |"},
		{"%c%c|%3c|%-3c|", []any{'a', 0x162, 'c', 'd'}, "ab|  c|d  |"},
		{"%s|%5s|%-5s|%.2s|%8.3s|", []any{"abc", "abc", "abc", "abc", "abcdef"}, "abc|  abc|abc  |ab|     abc|"},
		{"%S %ls %ws %hs %hS", []any{wide("w1"), wide("w2"), wide("w3"), "n1", "n2"}, "w1 w2 w3 n1 n2"},
		{"%s %.3s", []any{0, 0}, "(null) (nu"},
		{"%f %.2f %8.3f|%-8.1f|%08.2f", []any{1.5, 2.675, 3.14159, 2.25, -1.5}, "1.500000 2.67    3.142|2.3     |-0001.50"},
		{"%e %.2E %g %g %g %G", []any{12345.678, 0.00012, 100000.0, 1000000.0, 0.00001, 1e-10}, "1.234568e+004 1.20E-004 100000 1e+006 1e-005 1E-010"},
		{"%g %#g %.3g %#.0f %.0f", []any{0.5, 0.5, 1234.0, 3.0, 2.5}, "0.5 0.500000 1.23e+003 3. 3"},
		{"%f %f %e %g %.2f", []any{math.Inf(1), math.Inf(-1), math.NaN(), math.Inf(1), math.Inf(1)}, "1.#INF00 -1.#INF00 1.#QNAN0e+000 1.#INF 1.#J"},
		{"%a", []any{1.5}, "0x1.8000000000000p+0"},
		{"%y%d", []any{3}, "y3"},
		{"%.0f %.1f %.3f %.3g", []any{math.Inf(1), math.Inf(1), math.NaN(), math.Inf(-1)}, "1 1.$ 1.#QO -1.#J"},
		{"%d%n", []any{1}, "1"},
	} {
		if strings.Contains(test.format, "%n") {
			test.args = append(test.args, int(m.Alloc(4)))
		}
		args := append([]uint64{buffer, m.AString(test.format)}, slots(m, test.args)...)
		n := call(t, m, "sprintf", args...)
		equal(t, test.format, test.want, cstring(t, m, buffer))
		equal(t, test.format+" result", uint64(len(test.want)), n)
	}
}

// formatUniversal prints with ucrtbase.dll.
func formatUniversal(t *testing.T, m *wintest.Machine, options uint64, size int, format string, args ...any) (string, int32) {
	t.Helper()
	var list []byte
	for _, v := range slots(m, args) {
		list = binary.LittleEndian.AppendUint64(list, v)
	}
	buffer := m.Alloc(size)
	n, _, _ := m.Call(ucrtbase, "__stdio_common_vsprintf", options, buffer, uint64(size), m.AString(format), 0, m.Bytes(append(list, 0)))
	return string(m.Get(buffer, size)), int32(n)
}

func TestFormatUniversal(t *testing.T) {
	const legacy, standard = 1, 2
	m := newMachine(t, guest.Config{})
	for _, test := range []struct {
		name    string
		options uint64
		size    int
		format  string
		args    []any
		want    string
		result  int32
	}{
		{"fits", standard, 8, "%d-%s", []any{12, "ab"}, "12-ab\x00??", 5},
		{"snprintf cuts and counts", standard, 4, "%d", []any{123456}, "123\x00", 6},
		{"exactly full", standard, 4, "%d", []any{1234}, "123\x00", 4},
		{"_snprintf does not terminate", legacy, 4, "%d", []any{123456}, "1234", -1},
		{"_snprintf exactly full", legacy, 4, "%d", []any{1234}, "1234", 4},
		{"vsprintf with a size", 0, 4, "%d", []any{1234}, "123\x00", -1},
		{"two-digit exponent", standard, 16, "%g", []any{1e-7}, "1e-07\x00??????????", 5},
		{"infinity", standard, 16, "%5.1f %F", []any{math.Inf(1), math.Inf(-1)}, "  inf -INF\x00?????", 10},
	} {
		got, n := formatUniversal(t, m, test.options, test.size, test.format, test.args...)
		equal(t, test.name, test.want, got)
		equal(t, test.name+" result", test.result, n)
	}
}

func TestLimitedFormat(t *testing.T) {
	m := newMachine(t, guest.Config{})
	for _, test := range []struct {
		name   string
		before []uint64 // arguments between the buffer and the format
		want   string
		result int32
	}{
		{"_snprintf", []uint64{6}, "12345\x00??", 5},
		{"_snprintf", []uint64{5}, "12345???", 5},
		{"_snprintf", []uint64{4}, "1234????", -1},
		{"sprintf_s", []uint64{6}, "12345\x00??", 5},
		{"sprintf_s", []uint64{5}, "\x00???????", -1},
		{"_snprintf_s", []uint64{6, 3}, "123\x00????", -1},
		{"_snprintf_s", []uint64{3, ^uint64(0)}, "12\x00?????", -1},
		{"_snprintf_s", []uint64{3, 4}, "\x00???????", -1},
	} {
		buffer := m.Alloc(8)
		args := append([]uint64{buffer}, test.before...)
		n := call(t, m, test.name, append(args, m.AString("%d"), 12345)...)
		equal(t, test.name, test.want, string(m.Get(buffer, 8)))
		equal(t, test.name+" result", test.result, int32(n))
	}
	equal(t, "_scprintf", uint64(5), call(t, m, "_scprintf", m.AString("%05d"), 1))
}

func TestWideFormat(t *testing.T) {
	m := newMachine(t, guest.Config{})
	s := &texts{m, 2}
	buffer := m.Alloc(64)
	n := call(t, m, "swprintf", buffer, m.WString("%s %S %hs %c %5.1f"), m.WString("wörd"), m.AString("n"), m.AString("h"), 'ж', math.Float64bits(2.5))
	equal(t, "swprintf", "wörd n h ж   2.5\x00?", s.get(buffer, 18))
	equal(t, "result", uint64(16), n)
}

// A character that a byte cannot hold makes the narrow functions fail, in the
// locale "C".
func TestUntranslatable(t *testing.T) {
	m := newMachine(t, guest.Config{})
	buffer := m.Alloc(16)
	equal(t, "result", negative(-1), call(t, m, "sprintf", buffer, m.AString("%ls"), m.WString("ж")))
	equal(t, "errno", 42, errno(t, m))
}

// Widths and precisions of a guest cost bounded memory.
func TestHugeField(t *testing.T) {
	m := newMachine(t, guest.Config{})
	for _, format := range []string{"%2000000000d", "%.2000000000d", "%.2000000000f", "%2147483647s", "%99999999999999999999d"} {
		call(t, m, "_scprintf", m.AString(format), m.AString("x"))
		equal(t, "gaps after "+format, []string{"msvcrt.dll!_scprintf: output of more than 8 Mi characters"}, m.Gaps())
	}
}

func FuzzFormat(f *testing.F) {
	for _, seed := range []string{"%d %s", "%12.5f", "%-08.3lld|%I64x", "%ws%hhd%Z", "%#.0e%a%%", "%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, format string) {
		if strings.ContainsAny(format, "*n") {
			t.Skip("* and %n take the text of the others for a number, or write to it")
		}
		m := newMachine(t, guest.Config{})
		text := m.Alloc(16) // a string, a wide string and an ANSI_STRING
		m.Put(text, binary.LittleEndian.AppendUint64([]byte{2, 0, 2, 0, 0, 0, 0, 0}, text))
		n, _, _ := m.Call(msvcrt, "_snprintf", m.Alloc(1<<16), 1<<16, m.AString(format), text, text, text, text, text, text, text, text)
		if int32(n) < -1 || n > 1<<16 && int32(n) != -1 {
			t.Errorf("%q: got %d characters", format, int32(n))
		}
	})
}
