package crt_test

import (
	"encoding/binary"
	"math"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/wintest"
)

func TestIntegers(t *testing.T) {
	const minimum, maximum = math.MinInt32, math.MaxInt32
	m := newMachine(t, guest.Config{})
	for _, test := range []struct {
		name, in string
		base     uint64
		want     uint64
		length   int
		errno    int
	}{
		{"strtol", " \t-12abc", 10, negative(-12), 5, 0},
		{"strtol", "+0x1F", 0, 0x1F, 5, 0},
		{"strtol", "0xZ", 16, 0, 0, 0},
		{"strtol", "0779", 0, 0o77, 3, 0},
		{"strtol", "zz", 36, 35*36 + 35, 2, 0},
		{"strtol", "abc", 10, 0, 0, 0},
		{"strtol", "2147483648", 10, maximum, 10, 34},
		{"strtol", "-99999999999999999999999", 10, negative(minimum), 24, 34},
		{"strtol", "1", 37, 0, 0, 22},
		{"strtoul", "4294967295", 10, math.MaxUint32, 10, 0},
		{"strtoul", "4294967296", 10, math.MaxUint32, 10, 34},
		{"strtoul", "-1", 10, math.MaxUint32, 2, 0},
		{"_strtoi64", "-9223372036854775808", 10, 1 << 63, 20, 0},
		{"_strtoi64", "9223372036854775808", 10, math.MaxInt64, 19, 34},
		{"_strtoui64", "0xFFFFFFFFFFFFFFFF", 0, math.MaxUint64, 18, 0},
	} {
		call(t, m, "_set_errno", 0)
		at, end := m.AString(test.in), m.Alloc(8)
		got := call(t, m, test.name, at, end, test.base)
		equal(t, test.name+" "+test.in, []any{test.want, test.length, test.errno}, []any{got, int(m.Uint(end, 8) - at), errno(t, m)})
	}
	equal(t, "atoi", negative(-5), call(t, m, "atoi", m.AString("-5.9")))
	equal(t, "_wtoi", uint64(77), call(t, m, "_wtoi", m.WString("77")))
}

func TestWriteIntegers(t *testing.T) {
	m := newMachine(t, guest.Config{})
	for _, test := range []struct {
		name         string
		value, radix uint64
		want         string
	}{
		{"_itoa", negative(-255), 10, "-255"},
		{"_itoa", negative(-1), 16, "ffffffff"},
		{"_ultoa", negative(-1), 10, "4294967295"},
		{"_i64toa", 1 << 63, 10, "-9223372036854775808"},
		{"_ui64toa", math.MaxUint64, 2, "1111111111111111111111111111111111111111111111111111111111111111"},
		{"_itoa", 5, 99, ""},
	} {
		at := m.Alloc(80)
		call(t, m, test.name, test.value, at, test.radix)
		equal(t, test.name, test.want, cstring(t, m, at))
	}
}

// double puts numbers into the registers of floating-point arguments.
func double(m *wintest.Machine, args ...float64) {
	for i, v := range args {
		var x [16]byte
		binary.LittleEndian.PutUint64(x[:], math.Float64bits(v))
		m.CPU().SetXMM(i, x)
	}
}

// result is the floating-point result of the last call.
func result(m *wintest.Machine) float64 {
	x := m.CPU().XMM(0)
	return math.Float64frombits(binary.LittleEndian.Uint64(x[:]))
}

func TestDoubles(t *testing.T) {
	m := newMachine(t, guest.Config{})
	for _, test := range []struct {
		in     string
		want   float64
		length int
	}{
		{" 1.5e3x", 1500, 6}, {"-.5", -0.5, 3}, {"1e", 1, 1}, {"1e+", 1, 1}, {"5.", 5, 2}, {".", 0, 0}, {"inf", 0, 0}, {"0x10", 0, 1}, {"1e999", math.Inf(1), 5},
	} {
		at, end := m.AString(test.in), m.Alloc(8)
		call(t, m, "strtod", at, end)
		equal(t, "strtod "+test.in, []any{test.want, test.length}, []any{result(m), int(m.Uint(end, 8) - at)})
	}
	for _, test := range []struct {
		name string
		args []float64
		want float64
	}{
		{"sqrt", []float64{2}, math.Sqrt2}, {"pow", []float64{2, 10}, 1024}, {"floor", []float64{-1.5}, -2}, {"ceil", []float64{-1.5}, -1},
		{"fabs", []float64{-3}, 3}, {"fmod", []float64{7, -4}, 3}, {"exp", []float64{0}, 1}, {"log10", []float64{1000}, 3}, {"atan2", []float64{0, -1}, math.Pi},
	} {
		double(m, test.args...)
		_, _, line := m.Call(msvcrt, test.name)
		equal(t, line, test.want, result(m))
	}
	double(m, -1)
	call(t, m, "_set_errno", 0)
	call(t, m, "sqrt")
	equal(t, "errno of sqrt(-1)", 33, errno(t, m))
	double(m, 0.1, 2)
	_, _, line := m.Call(msvcrt, "pow")
	equal(t, "trace", "msvcrt.dll!pow(x=0.1, y=2) = 0.010000000000000002", line)
}

// The sequence is that of Microsoft's runtimes.
func TestRandom(t *testing.T) {
	m := newMachine(t, guest.Config{})
	sequence := func() (list []uint64) {
		for range 4 {
			list = append(list, call(t, m, "rand"))
		}
		return list
	}
	equal(t, "first", []uint64{41, 18467, 6334, 26500}, sequence())
	call(t, m, "srand", 1)
	equal(t, "again", []uint64{41, 18467, 6334, 26500}, sequence())
	call(t, m, "srand", 0x12345678)
	if got := sequence(); got[0] == 41 {
		t.Errorf("another seed: got %v", got)
	}
}

func TestCharacters(t *testing.T) {
	m := newMachine(t, guest.Config{})
	for _, test := range []struct {
		name string
		yes  string
		no   string
	}{
		{"isalpha", "azAZ", "09_ \x80\xE4"},
		{"isdigit", "09", "a/:"},
		{"isalnum", "a9", "_"},
		{"isspace", " \t\n\v\f\r", "a\x00"},
		{"ispunct", "!~_", " a0"},
		{"isxdigit", "09afAF", "gG"},
		{"iscntrl", "\x00\x1F\x7F\t", " "},
		{"isprint", " ~", "\t\x7F"},
		{"isgraph", "!", " "},
		{"isupper", "A", "a"},
		{"islower", "a", "A"},
	} {
		for _, set := range []struct {
			characters string
			want       bool
		}{{test.yes, true}, {test.no, false}} {
			for _, ch := range []byte(set.characters) {
				if got := call(t, m, test.name, uint64(ch)) != 0; got != set.want {
					t.Errorf("%s(%q): got %t", test.name, ch, got)
				}
			}
		}
	}
	equal(t, "isalpha of EOF", uint64(0), call(t, m, "isalpha", negative(-1)))
	equal(t, "toupper", uint64('A'), call(t, m, "toupper", 'a'))
	equal(t, "towlower", uint64('z'), call(t, m, "towlower", 'Z'))
}

func TestConversions(t *testing.T) {
	m := newMachine(t, guest.Config{})
	w, n := m.Alloc(16), m.Alloc(8)
	equal(t, "mbstowcs", uint64(3), call(t, m, "mbstowcs", w, m.AString("aé"+"z"), 8))
	equal(t, "characters", "a\x00\xE9\x00z\x00\x00\x00", string(m.Get(w, 8)))
	equal(t, "wcstombs", uint64(3), call(t, m, "wcstombs", n, w, 8))
	equal(t, "bytes", "a\xE9z\x00????", string(m.Get(n, 8)))
	equal(t, "length", uint64(3), call(t, m, "wcstombs", 0, w, 0))
	equal(t, "without translation", ^uint64(0), call(t, m, "wcstombs", n, m.WString("ж"), 8))
	count := m.Alloc(8)
	equal(t, "wcstombs_s too small", uint64(34), call(t, m, "wcstombs_s", count, n, 3, w, 8))
	equal(t, "wcstombs_s cut", uint64(80), call(t, m, "wcstombs_s", count, n, 3, w, ^uint64(0)))
	equal(t, "bytes", "a\xE9\x00", string(m.Get(n, 3)))
	equal(t, "count", uint64(3), m.Uint(count, 8))
}
