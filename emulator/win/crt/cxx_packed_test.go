package crt

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// words reads little-endian words of b, 0 behind its end.
func words(b []byte) func(at uint64, size int) uint64 {
	return func(at uint64, size int) uint64 {
		var w [8]byte
		if at < uint64(len(b)) {
			copy(w[:size], b[at:])
		}
		return binary.LittleEndian.Uint64(w[:])
	}
}

func TestPackedNumber(t *testing.T) {
	for _, test := range []struct {
		bytes []byte
		want  uint32
	}{
		{[]byte{0x00}, 0},
		{[]byte{0xFE}, 0x7F},
		{[]byte{0x01, 0x02}, 0x80},
		{[]byte{0xFD, 0xFF}, 0x3FFF},
		{[]byte{0x03, 0x00, 0x02}, 0x4000},
		{[]byte{0xFB, 0xFF, 0xFF}, 0x1FFFFF},
		{[]byte{0x07, 0x00, 0x00, 0x02}, 0x200000},
		{[]byte{0xF7, 0xFF, 0xFF, 0xFF}, 0xFFFFFFF},
		{[]byte{0x0F, 0x78, 0x56, 0x34, 0x92}, 0x92345678},
		{[]byte{0xFF, 0x01, 0x00, 0x00, 0x00}, 1}, // the high bits of the first byte mean nothing
	} {
		r := &packedReader{words(test.bytes), 0}
		if got := r.number(); got != test.want || r.at != uint64(len(test.bytes)) {
			t.Errorf("% x: %#x in %d bytes, want %#x in %d", test.bytes, got, r.at, test.want, len(test.bytes))
		}
	}
}

// packed is a number in as few bytes as it takes, up to two.
func packed(v int) []byte {
	if v < 0x80 {
		return []byte{byte(v << 1)}
	}
	return []byte{byte(v<<2 | 1), byte(v >> 6)}
}

// packedTables are those of a catch block that has everything, at 0x10.
func packedTables() []byte {
	b := make([]byte, 0x100)
	put := func(at int, parts ...any) {
		for _, part := range parts {
			switch v := part.(type) {
			case int:
				at += copy(b[at:], packed(v))
			case byte:
				b[at] = v
				at++
			case uint32:
				binary.LittleEndian.PutUint32(b[at:], v)
				at += 4
			}
		}
	}
	// All but the places apart; flags, maps, the function's frame.
	put(0x10, byte(0x7D), 1, uint32(0x30), uint32(0x50), uint32(0x80), 0x138)
	put(0x30, 4,
		1<<2|destroyObject, uint32(0x1111), 0x30, // 6 bytes, at 31; before the first
		6<<2|destroyPointed, uint32(0x2222), 0x100, // 7 bytes, at 37
		13<<2, // at 3E: to the first
		1<<2|runAction, uint32(0x3333))
	put(0x50, 1, 0, 2, 3, uint32(0x60))
	put(0x60, 2,
		byte(0x27), 8, uint32(0x4444), 0x40, uint32(0x5555), 0x10, 0x80,
		byte(0x18), uint32(0x6666), uint32(0x7777))
	put(0x80, 3, 4, 1, 0x10, 4, 0x200, 0)
	return b
}

func TestPackedFunction(t *testing.T) {
	f, ok := readPackedFunction(words(packedTables()), 0, 0x10, 0x1000)
	want := &cxxFunction{
		packed: true, block: true, parent: 0x138, flags: cxxSynchronous, // noexcept is the function's affair
		unwindMap: []cxxUnwind{
			{to: -1, kind: destroyObject, action: 0x1111, object: 0x30},
			{to: 0, kind: destroyPointed, action: 0x2222, object: 0x100},
			{to: 0},
			{to: 2, kind: runAction, action: 0x3333},
		},
		tries: []cxxTry{{low: 0, high: 2, catchHigh: 3, catches: []cxxCatch{
			{adjectives: 8, typ: 0x4444, object: 0x40, handler: 0x5555, next: []uint32{0x1010, 0x1080}},
			{handler: 0x6666, next: []uint32{0x7777}},
		}}},
		states: []cxxState{{0x1004, 0}, {0x1014, 3}, {0x1214, -1}},
	}
	all := cmp.AllowUnexported(cxxFunction{}, cxxUnwind{}, cxxTry{}, cxxCatch{}, cxxState{})
	if diff := cmp.Diff(want, f, all); diff != "" || !ok {
		t.Errorf("read %v (-want +got):\n%s", ok, diff)
	}
	for pc, state := range map[uint32]int32{0x1000: -1, 0x1004: 0, 0x1013: 0, 0x1014: 3, 0x1213: 3, 0x1214: -1} {
		if got := f.at(pc); got != state {
			t.Errorf("state %d at %#x, want %d", got, pc, state)
		}
	}
}

// FuzzPackedFunction reads tables that nobody made: there is an end to it.
func FuzzPackedFunction(f *testing.F) {
	f.Add(packedTables())
	f.Fuzz(func(t *testing.T, b []byte) {
		fn, _ := readPackedFunction(words(b), 0, 0x10, 0x1000)
		catches := 0
		for i := range fn.tries {
			catches += len(fn.tries[i].catches)
		}
		if n := max(len(fn.unwindMap), len(fn.tries), len(fn.states), catches); n > maxCxx {
			t.Errorf("%d entries", n)
		}
		for i, u := range fn.unwindMap {
			if u.to >= int32(i) {
				t.Errorf("state %d leads to %d", i, u.to)
			}
		}
	})
}
