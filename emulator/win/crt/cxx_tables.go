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
}

type (
	cxxUnwind struct {
		to     int32
		action uint32
	}
	cxxTry struct {
		low, high, catchHigh int32
		catches              []cxxCatch
	}
	cxxCatch struct {
		adjectives, typ uint32
		object          int32 // where in the frame the caught object goes; 0 for nowhere
		handler         uint32
		frame           uint32 // where in the catch block's frame the function's is noted
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
		f.unwindMap = append(f.unwindMap, cxxUnwind{int32(le.Uint32(unwinds[i:])), le.Uint32(unwinds[i+4:])})
	}
	for i := 0; i < len(states); i += 8 {
		f.states = append(f.states, cxxState{le.Uint32(states[i:]), int32(le.Uint32(states[i+4:]))})
	}
	for i := 0; i < len(tries); i += 20 {
		t := cxxTry{low: int32(le.Uint32(tries[i:])), high: int32(le.Uint32(tries[i+4:])), catchHigh: int32(le.Uint32(tries[i+8:]))}
		list := table(le.Uint32(tries[i+12:]), le.Uint32(tries[i+16:]), 20)
		for j := 0; j < len(list); j += 20 {
			t.catches = append(t.catches, cxxCatch{le.Uint32(list[j:]), le.Uint32(list[j+4:]), int32(le.Uint32(list[j+8:])), le.Uint32(list[j+12:]), le.Uint32(list[j+16:])})
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

// activation is a function, or one of its catch blocks, on the stack.
type activation struct {
	*cxxFunction
	frame uint64  // of the function
	block *cxxTry // of which this is a catch block; nil for the function itself
	state int32
}

// activate finds out what the frame is that a handler is called for. A catch
// block is a function of its own that shares the tables.
func (f *cxxFunction) activate(h *handled) *activation {
	a := &activation{cxxFunction: f, frame: h.frame}
	begin := uint32(f.c.ReadUint(win.Ptr(h.entry), 4))
	for i := range f.tries {
		for _, k := range f.tries[i].catches {
			if k.handler == begin {
				a.block = &f.tries[i]
				a.frame = f.c.ReadUint(win.Ptr(h.frame+uint64(k.frame)), 8)
			}
		}
	}
	a.state = f.at(h.pc)
	// Where a catch block is, or was, running above this frame, the place in the
	// code is still in the try block, and the state noted counts.
	if noted := a.noted(); noted != helpUnset && (a.block == nil || a.block.inCatch(noted)) {
		a.state = noted
	}
	for range f.tries { // out of the catch blocks that run in frames of their own
		for i := range f.tries {
			t := &f.tries[i]
			if t.inCatch(a.state) && t != a.block && (a.block == nil || t.within(a.block)) {
				a.state = f.outer(t)
			}
		}
	}
	return a
}

// noted is the state noted in the frame.
func (a *activation) noted() int32 {
	return int32(a.c.ReadUint(win.Ptr(a.frame+uint64(int64(a.unwindHelp))), 4))
}

func (a *activation) note(state int32) {
	a.c.WriteUint(win.Ptr(a.frame+uint64(int64(a.unwindHelp))), 4, uint64(uint32(state)))
}

// base is the state that the end of the activation unwinds to.
func (a *activation) end() int32 {
	if a.block != nil {
		return a.block.high
	}
	return noState
}

// unwind destroys what is alive between the present state and another one.
func (a *activation) unwind(to int32) {
	for n := 0; a.state > to && n <= len(a.unwindMap) && uint32(a.state) < uint32(len(a.unwindMap)) && !a.c.Faulted(); n++ {
		u := a.unwindMap[a.state]
		if u.to >= a.state {
			return // tables that lead nowhere
		}
		a.state = u.to
		a.note(u.to) // before the call: should it throw, this is not done again
		if u.action != 0 {
			a.c.CallGuest(win.Ptr(a.base+uint64(u.action)), 0, a.frame)
		}
	}
}
