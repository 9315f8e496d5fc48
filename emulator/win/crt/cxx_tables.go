package crt

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// The tables that Microsoft's C++ compiler leaves for functions with try blocks
// or with objects to destroy. A state is a place in the function: which objects
// are alive and which try blocks are entered. States form a tree, whose edges
// are the unwind map.
//
// https://learn.microsoft.com/cpp/cpp/exceptions-and-stack-unwinding-in-cpp

// cxxFunction is a FuncInfo.
type cxxFunction struct {
	c          *win.Call
	base       uint64
	unwindMap  []cxxUnwind
	tries      []cxxTry
	states     []cxxState
	unwindHelp int32 // where in the frame the state is noted, once an exception has changed it
	flags      uint32
	packed     bool   // a FuncInfo4: it has no unwindHelp, and each catch block has its own
	block      bool   // of a catch block
	parent     uint32 // where in the catch block's frame the function's is noted
}

type (
	cxxUnwind struct {
		to     int32
		action uint32
		kind   uint32
		object uint32 // where in the frame the object is, or the pointer to it
	}
	cxxTry struct {
		low, high, catchHigh int32
		catches              []cxxCatch
	}
	cxxCatch struct {
		adjectives, typ uint32
		object          int32 // where in the frame the caught object goes; 0 for nowhere
		handler         uint32
		frame           uint32   // where in the catch block's frame the function's is noted
		next            []uint32 // where the function goes on, chosen by what the block returns
	}
	cxxState struct {
		ip    uint32
		state int32
	}
)

// Flags of a FuncInfo.
const (
	cxxSynchronous = 1 // only C++ exceptions are caught
	cxxNoexcept    = 4
)

const (
	cxxMagic           = 0x19930520
	cxxMagicMask       = 0x1FFFFFFF
	maxCxx             = 1 << 14 // entries of a map
	noState      int32 = -1
	helpUnset          = -2
)

// readCxxFunction reads the tables, whose addresses are relative to the image.
func readCxxFunction(c *win.Call, base uint64, at win.Ptr) (*cxxFunction, bool) {
	b := c.Bytes(at, 0x28)
	if b == nil {
		return nil, false
	}
	le := binary.LittleEndian
	word := func(at int) uint32 { return le.Uint32(b[at:]) }
	magic := word(0) & cxxMagicMask
	if magic < cxxMagic || magic > cxxMagic+2 {
		return nil, false
	}
	f := &cxxFunction{c: c, base: base, unwindHelp: int32(word(0x1C))}
	if magic == cxxMagic+2 {
		f.flags = word(0x24)
	}
	table := func(count, rva uint32, size int) []byte {
		if count == 0 || count > maxCxx {
			return nil
		}
		return c.Bytes(win.Ptr(base+uint64(rva)), uint64(count)*uint64(size))
	}
	unwinds, tries, states := table(word(4), word(8), 8), table(word(0xC), word(0x10), 20), table(word(0x14), word(0x18), 8)
	for i := 0; i < len(unwinds); i += 8 {
		f.unwindMap = append(f.unwindMap, cxxUnwind{to: int32(le.Uint32(unwinds[i:])), action: le.Uint32(unwinds[i+4:])})
	}
	for i := 0; i < len(states); i += 8 {
		f.states = append(f.states, cxxState{le.Uint32(states[i:]), int32(le.Uint32(states[i+4:]))})
	}
	room := maxCxx // of catch blocks; the lists may overlap
	for i := 0; i < len(tries); i += 20 {
		t := cxxTry{low: int32(le.Uint32(tries[i:])), high: int32(le.Uint32(tries[i+4:])), catchHigh: int32(le.Uint32(tries[i+8:]))}
		list := table(le.Uint32(tries[i+12:]), le.Uint32(tries[i+16:]), 20)
		if room -= len(list) / 20; room < 0 {
			return nil, false
		}
		for j := 0; j < len(list); j += 20 {
			t.catches = append(t.catches, cxxCatch{
				adjectives: le.Uint32(list[j:]), typ: le.Uint32(list[j+4:]), object: int32(le.Uint32(list[j+8:])),
				handler: le.Uint32(list[j+12:]), frame: le.Uint32(list[j+16:]),
			})
		}
		f.tries = append(f.tries, t)
	}
	return f, !c.Faulted()
}

// at is the state of a place in the code.
func (f *cxxFunction) at(pc uint32) int32 {
	state := noState
	for _, s := range f.states {
		if s.ip > pc {
			break
		}
		state = s.state
	}
	return state
}

// outer is the state around a try block.
func (f *cxxFunction) outer(t *cxxTry) int32 {
	if uint32(t.low) < uint32(len(f.unwindMap)) {
		return f.unwindMap[t.low].to
	}
	return noState
}

// inCatch reports whether a state is one of a try block's catch blocks.
func (t *cxxTry) inCatch(state int32) bool { return state > t.high && state <= t.catchHigh }

// within reports whether a try block lies in the catch blocks of another one.
func (t *cxxTry) within(o *cxxTry) bool { return t.low > o.high && t.catchHigh <= o.catchHigh }
