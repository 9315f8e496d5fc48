package crt

import "sidetrace/emulator/win"

// activation is a function, or one of its catch blocks, on the stack.
type activation struct {
	*cxxFunction
	frame uint64  // of the function
	own   uint64  // its own: of the catch block, where it is one
	block *cxxTry // of which this is a catch block; nil for the function itself
	state int32
}

// activate finds out what the frame is that a handler is called for. A catch
// block is a function of its own that shares the tables.
func (f *cxxFunction) activate(h *handled) *activation {
	a := &activation{cxxFunction: f, frame: h.frame, own: h.frame}
	if f.packed {
		if f.block {
			a.frame = f.c.ReadUint(win.Ptr(h.frame+uint64(f.parent)), 8)
		}
		if a.state = f.at(h.pc); a.noted() != helpUnset {
			a.state = a.noted()
		}
		return a
	}
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
	const deepest = 1 << 8                               // try blocks in catch blocks
	for inner, n := true, 0; inner && n < deepest; n++ { // out of the catch blocks that run in frames of their own
		inner = false
		for i := range f.tries {
			t := &f.tries[i]
			if t.inCatch(a.state) && t != a.block && (a.block == nil || t.within(a.block)) {
				a.state, inner = f.outer(t), true
			}
		}
	}
	return a
}

// inBlock reports whether the activation is one of a catch block.
func (a *activation) inBlock() bool { return a.block != nil || a.cxxFunction.block }

// noted is the state noted in the frame, or for it where the tables give the
// note no place.
func (a *activation) noted() int32 {
	if a.packed {
		if state, ok := cxxOf(a.c).notes[a.own]; ok {
			return state
		}
		return helpUnset
	}
	return int32(a.c.ReadUint(win.Ptr(a.frame+uint64(int64(a.unwindHelp))), 4))
}

func (a *activation) note(state int32) {
	if a.packed {
		s := cxxOf(a.c)
		switch {
		case state == helpUnset:
			delete(s.notes, a.own)
		case s.notes == nil:
			s.notes = map[uint64]int32{a.own: state}
		default:
			s.notes[a.own] = state
		}
		return
	}
	a.c.WriteUint(win.Ptr(a.frame+uint64(int64(a.unwindHelp))), 4, uint64(uint32(state)))
}

// end is the state that the end of the activation unwinds to.
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
		action, object := win.Ptr(a.base+uint64(u.action)), a.frame+uint64(u.object)
		switch {
		case u.action == 0:
		case u.kind == destroyObject:
			a.c.CallGuest(action, object)
		case u.kind == destroyPointed:
			a.c.CallGuest(action, a.c.ReadUint(win.Ptr(object), 8))
		default:
			a.c.CallGuest(action, 0, a.frame)
		}
	}
}
