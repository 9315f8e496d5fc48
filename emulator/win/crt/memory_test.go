package crt_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win/wintest"
)

func TestBlocks(t *testing.T) {
	const size = 16
	type machine = *wintest.Machine
	for _, test := range []struct {
		name   string
		call   func(m machine, at uint64) (function string, args []uint64)
		want   string // the block's first bytes afterwards
		result int64  // relative to the block; -1 for null
	}{
		{"copy up onto itself", func(m machine, at uint64) (string, []uint64) { return "memmove", []uint64{at + 2, at, 6} }, "ababcdef", 2},
		{"copy down onto itself", func(m machine, at uint64) (string, []uint64) { return "memmove", []uint64{at, at + 2, 6} }, "cdefghgh", 0},
		{"memcpy too", func(m machine, at uint64) (string, []uint64) { return "memcpy", []uint64{at + 1, at, 7} }, "aabcdefg", 1},
		{"copy nothing from nowhere", func(m machine, at uint64) (string, []uint64) { return "memcpy", []uint64{at, 0, 0} }, "abcdefgh", 0},
		{"fill", func(m machine, at uint64) (string, []uint64) { return "memset", []uint64{at + 1, 0x178, 3} }, "axxxefgh", 1},
		{"find", func(m machine, at uint64) (string, []uint64) { return "memchr", []uint64{at, 'c', 8} }, "abcdefgh", 2},
		{"find what lies behind", func(m machine, at uint64) (string, []uint64) { return "memchr", []uint64{at, 'h', 7} }, "abcdefgh", -1},
		{"copy up to a byte", func(m machine, at uint64) (string, []uint64) { return "_memccpy", []uint64{at + 4, at, 'b', 4} }, "abcdabgh", 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, guest.Config{})
			at := m.Alloc(size)
			m.Put(at, []byte("abcdefgh"))
			name, args := test.call(m, at)
			result := int64(call(t, m, name, args...) - at)
			if uint64(result) == -at {
				result = -1
			}
			equal(t, "block", test.want+"????????"+"????????????????", string(m.Get(at, size+wintest.Margin)))
			equal(t, "result", test.result, result)
		})
	}
}

func TestCompareBlocks(t *testing.T) {
	m := newMachine(t, guest.Config{})
	a, b := m.Bytes([]byte("ab\x00c")), m.Bytes([]byte("ab\x00\xFF"))
	for _, test := range []struct {
		name string
		n    uint64
		want uint64
	}{
		{"memcmp", 3, 0}, {"memcmp", 4, negative(-1)}, {"memcmp", 0, 0}, {"_memicmp", 3, 0},
	} {
		equal(t, test.name, test.want, call(t, m, test.name, a, b, test.n))
	}
}

// A block of 1 GiB of guest memory is not there, and asking for it costs
// nothing.
func TestBadBlocks(t *testing.T) {
	for _, test := range []struct {
		name string
		args []uint64
	}{
		{"memset", []uint64{0x10000, 0, 1 << 40}},
		{"memset", []uint64{0x10000, 0, ^uint64(0)}},
		{"memcpy", []uint64{0x10000, 0x20000, 1 << 62}},
		{"memcmp", []uint64{0, 0, 1}},
		{"strlen", []uint64{0}},
		{"wcscpy", []uint64{0, 0}},
		{"qsort", []uint64{0x10000, 1 << 32, 1 << 20, 0x1234}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, guest.Config{})
			stop := m.Ends(msvcrt, test.name, test.args...)
			if stop.Reason != trace.StopException || stop.ExitCode != guest.StatusAccessViolation {
				t.Errorf("got %+v, want an access violation", stop)
			}
		})
	}
}

func TestHeap(t *testing.T) {
	m := newMachine(t, guest.Config{})
	at := call(t, m, "malloc", 10)
	m.Put(at, []byte("0123456789"))
	equal(t, "_msize", uint64(10), call(t, m, "_msize", at))
	bigger := call(t, m, "realloc", at, 5000)
	equal(t, "contents after realloc", "0123456789", string(m.Get(bigger, 10)))
	equal(t, "_msize after realloc", uint64(5000), call(t, m, "_msize", bigger))
	equal(t, "realloc to nothing", uint64(0), call(t, m, "realloc", bigger, 0))
	zeros := call(t, m, "calloc", 100, 50)
	equal(t, "calloc", make([]byte, 5000), m.Get(zeros, 5000))
	equal(t, "the freed block is used again", bigger, zeros)

	for _, test := range []struct {
		name string
		args []uint64
	}{
		{"malloc", []uint64{1 << 50}},
		{"calloc", []uint64{1 << 33, 1 << 33}},
		{"realloc", []uint64{zeros, 1 << 50}},
		{"_aligned_malloc", []uint64{^uint64(0) - 3, 16}},
	} {
		equal(t, test.name+" of too much", uint64(0), call(t, m, test.name, test.args...))
		equal(t, "errno", 12, errno(t, m))
	}
	equal(t, "the block is still there", uint64(5000), call(t, m, "_msize", zeros))

	aligned := call(t, m, "_aligned_malloc", 100, 4096)
	equal(t, "alignment", uint64(0), aligned%4096)
	call(t, m, "_aligned_free", aligned)
	call(t, m, "free", 0)
	stop := m.Ends(msvcrt, "free", zeros+16)
	equal(t, "freeing what is no block", uint32(0xC0000374), stop.ExitCode)
}
