package crt_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/crt"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/wintest"
)

// newMachine is a process that has the C runtime.
func newMachine(t testing.TB, config guest.Config) *wintest.Machine {
	t.Helper()
	return wintest.New(t, config, append(kernel32.Tables(), crt.Tables()...)...)
}

const (
	msvcrt   = "msvcrt.dll"
	ucrtbase = "ucrtbase.dll"
)

// call calls a function of msvcrt.dll and returns its result.
func call(t *testing.T, m *wintest.Machine, name string, args ...uint64) uint64 {
	t.Helper()
	result, _, _ := m.Call(msvcrt, name, args...)
	return result
}

// errno is the thread's errno.
func errno(t *testing.T, m *wintest.Machine) int {
	t.Helper()
	return int(m.Uint(call(t, m, "_errno"), 4))
}

// cstring is the ANSI string at an address.
func cstring(t *testing.T, m *wintest.Machine, at uint64) string {
	t.Helper()
	b, err := m.Mem.CString(at)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// negative is an int argument or result below 0.
func negative(n int32) uint64 { return uint64(uint32(n)) }

func equal(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestTrace(t *testing.T) {
	m := newMachine(t, guest.Config{})
	text, word := m.AString("side€loading"), m.WString("wörd")
	for _, test := range []struct {
		name string
		args []uint64
		want string
	}{
		{"strlen", []uint64{text}, "msvcrt.dll!strlen(str=side€loading) = 0xc"},
		{"wcslen", []uint64{word}, "msvcrt.dll!wcslen(str=wörd) = 0x4"},
		{"strcmp", []uint64{text, text}, "msvcrt.dll!strcmp(string1=side€loading, string2=side€loading) = 0"},
		{"toupper", []uint64{'a'}, "msvcrt.dll!toupper(ch=97) = 65"},
		{"_strdup", []uint64{0}, "msvcrt.dll!_strdup(strSource=NULL) = NULL"},
		{"strtol", []uint64{m.AString("-12x"), 0, 10}, "msvcrt.dll!strtol(strSource=-12x, endptr=NULL, base=10) = -12"},
	} {
		_, _, line := m.Call(msvcrt, test.name, test.args...)
		equal(t, test.name, test.want, line)
	}
}
