package crt

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// cxxFrameHandler is the language handler of C++ functions. It looks for a
// catch block that takes the exception; when the function is left it destroys
// the objects that are alive.
//
// A catch block runs before the stack is given up, since the exception object
// may lie in the part that will be: see [guest.Thread.Consolidate].
func cxxFrameHandler(c *win.Call, ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext win.Ptr) (win.Int, win.Error) {
	h, ok := readHandled(c, ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext)
	if !ok {
		return exceptionContinueSearch, 0
	}
	if f, ok := readCxxFunction(c, h.base, win.Ptr(h.base+c.ReadUint(h.data, 4))); ok {
		f.handle(h)
	}
	return exceptionContinueSearch, 0
}

// cxxFrameHandler4 is the same for the packed tables of newer compilers.
func cxxFrameHandler4(c *win.Call, ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext win.Ptr) (win.Int, win.Error) {
	h, ok := readHandled(c, ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext)
	if !ok {
		return exceptionContinueSearch, 0
	}
	read := func(at uint64, size int) uint64 { return c.ReadUint(win.Ptr(at), size) }
	f, ok := readPackedFunction(read, h.base, h.base+c.ReadUint(h.data, 4), uint32(c.ReadUint(win.Ptr(h.entry), 4)))
	if ok && !c.Faulted() {
		f.c = c
		f.handle(h)
	}
	return exceptionContinueSearch, 0
}

// handle does what an exception, or an unwind, asks of a function.
func (f *cxxFunction) handle(h *handled) {
	c := f.c
	foreign := h.record.Code != cppException && h.record.Code != guest.StatusUnwindConsolidate && h.record.Code != guest.StatusLongJump
	if foreign && f.flags&cxxSynchronous != 0 {
		return
	}
	a := f.activate(h)
	switch {
	case c.Faulted():
	case h.unwinding():
		a.leave(h)
	case h.record.Code == cppException || foreign:
		a.search(h)
	}
}

// leave does what the end of an activation needs, or of a part of it where the
// unwind ends in it.
func (a *activation) leave(h *handled) {
	to := a.end()
	if h.targeted() && h.record.Code == guest.StatusLongJump {
		a.unwind(a.at(h.target))
		a.note(helpUnset)
		return
	}
	if h.targeted() {
		if h.record.Code != guest.StatusUnwindConsolidate || len(h.record.Info) != 4 {
			return // another language's target
		}
		to = int32(h.record.Info[2])
		a.unwind(to)
		return
	}
	a.unwind(to)
	if a.packed {
		a.note(helpUnset) // nobody comes back to this frame
	}
	if !a.inBlock() {
		return
	}
	// A catch block is left: its exception ends, unless it is thrown on.
	if a.block != nil {
		a.note(a.outer(a.block))
	}
	s := cxxOf(a.c)
	if n := len(s.caught); n > 0 && s.caught[n-1].frame == a.frame {
		e := s.caught[n-1]
		s.caught = s.caught[:n-1]
		s.publish(a.c)
		if s.flying.object != e.object {
			e.destroy(a.c)
		}
	}
}

// search looks for a catch block and, if there is one, goes there.
func (a *activation) search(h *handled) {
	e := a.exceptionOf(h)
	for i := range a.tries {
		t := &a.tries[i]
		if a.state < t.low || a.state > t.high || a.block != nil && !t.within(a.block) {
			continue
		}
		if h.record.Code != cppException {
			translateException(a.c, h)
		}
		for j := range t.catches {
			k := &t.catches[j]
			if typ, ok := a.takes(k, e); ok {
				a.catch(h, t, k, e, typ)
				return
			}
			if a.c.Faulted() {
				return
			}
		}
	}
	if a.flags&cxxNoexcept != 0 {
		_, _ = terminateProgram(a.c)
	}
}

// Adjectives of a catch, and properties of what can be caught.
const (
	catchReference  = 8
	catchQualifiers = 7
	throwQualifiers = 7

	catchableSimple      = 1
	catchableByReference = 2
	catchableVirtualBase = 4
)

// catchable is a CatchableType.
type catchable struct {
	properties        uint32
	typ               uint32
	member            int32 // PMD: where in the object the base is
	virtual, virtual2 int32
	size              uint32
	copy              uint32
}

// takes reports whether a catch block takes an exception, and as what; nil for
// catch (...).
func (a *activation) takes(k *cxxCatch, e *cxxException) (*catchable, bool) {
	name := ""
	if k.typ != 0 {
		name = string(cstring(a.c, a.base+uint64(k.typ)+typeName))
	}
	if name == "" {
		return nil, true
	}
	return e.as(a.c, name, k.adjectives)
}

// as reports whether an exception can be caught by the type of a name, and as
// what.
func (e *cxxException) as(c *win.Call, name string, adjectives uint32) (*catchable, bool) {
	if e.info == 0 {
		return nil, false // no C++ exception: only catch (...) takes it
	}
	attributes := uint32(c.ReadUint(win.Ptr(e.info), 4))
	if attributes&throwQualifiers&^(adjectives&catchQualifiers) != 0 {
		return nil, false
	}
	list := win.Ptr(e.base + c.ReadUint(win.Ptr(e.info+12), 4))
	for i := range min(c.ReadUint(list, 4), maxCxx) {
		b := c.Bytes(win.Ptr(e.base+c.ReadUint(list+4+win.Ptr(4*i), 4)), 28)
		if b == nil {
			break
		}
		le := binary.LittleEndian
		t := &catchable{
			properties: le.Uint32(b), typ: le.Uint32(b[4:]), member: int32(le.Uint32(b[8:])), virtual: int32(le.Uint32(b[12:])),
			virtual2: int32(le.Uint32(b[16:])), size: le.Uint32(b[20:]), copy: le.Uint32(b[24:]),
		}
		if string(cstring(c, e.base+uint64(t.typ)+typeName)) == name && (t.properties&catchableByReference == 0 || adjectives&catchReference != 0) {
			return t, !c.Faulted()
		}
	}
	return nil, false
}

const typeName = 16 // in a TypeDescriptor

func cstring(c *win.Call, at uint64) []byte {
	b, err := c.Mem.CString(at)
	if err != nil {
		c.Fail(err)
	}
	return b
}

// adjust finds the base class in an object.
func (t *catchable) adjust(c *win.Call, object uint64) uint64 {
	at := object + uint64(int64(t.member))
	if t.virtual >= 0 {
		table := c.ReadUint(win.Ptr(object+uint64(t.virtual)), 8)
		at += uint64(int64(t.virtual)) + uint64(int64(int32(c.ReadUint(win.Ptr(table+uint64(int64(t.virtual2))), 4))))
	}
	return at
}

// initialise makes the object of a catch block of the exception.
func (a *activation) initialise(k *cxxCatch, e *cxxException, t *catchable) {
	if t == nil || k.object == 0 {
		return
	}
	t.copyTo(a.c, win.Ptr(a.frame+uint64(int64(k.object))), k.adjectives, e)
}

// copyTo makes what a catch declares of the exception.
func (t *catchable) copyTo(c *win.Call, to win.Ptr, adjectives uint32, e *cxxException) {
	switch {
	case adjectives&catchReference != 0:
		c.WriteUint(to, 8, t.adjust(c, e.object))
	case t.properties&catchableSimple != 0:
		_, _ = memmove(c, to, win.Ptr(e.object), win.Size(t.size))
		if p := c.ReadUint(to, 8); t.size == 8 && p != 0 {
			c.WriteUint(to, 8, t.adjust(c, p))
		}
	case t.copy == 0:
		_, _ = memmove(c, to, win.Ptr(t.adjust(c, e.object)), win.Size(t.size))
	case t.properties&catchableVirtualBase != 0:
		c.CallGuest(win.Ptr(e.base+uint64(t.copy)), uint64(to), t.adjust(c, e.object), 1)
	default:
		c.CallGuest(win.Ptr(e.base+uint64(t.copy)), uint64(to), t.adjust(c, e.object))
	}
}

// catch unwinds the stack to a try block, runs the catch block, and lets the
// function go on where that says. It does not return.
func (a *activation) catch(h *handled, t *cxxTry, k *cxxCatch, e *cxxException, typ *catchable) {
	c := a.c
	a.initialise(k, e, typ)
	if c.Faulted() {
		return
	}
	s := cxxOf(c)
	s.flying = *e
	record := &guest.Record{Code: guest.StatusUnwindConsolidate, Info: []uint64{0, a.frame, uint64(uint32(t.low)), uint64(h.recordAt)}}
	c.T.Handled(uint64(h.recordAt))
	c.T.UnwindThen(h.frame, record, func(target *guest.Context) {
		before := int32(helpUnset)
		if a.block != nil { // a catch block runs around this one
			before = a.outer(a.block)
		}
		a.note(a.outer(t))
		s.flying = cxxException{}
		s.caught = append(s.caught, caughtException{*e, a.frame})
		s.uncaught = max(s.uncaught-1, 0)
		s.publish(c)
		target.RIP = c.T.Consolidate(target, a.base+uint64(k.handler), a.base+uint64(k.handler), a.frame)
		if n := uint64(len(k.next)); n == 1 {
			target.RIP = a.base + uint64(k.next[0])
		} else if target.RIP < n {
			target.RIP = a.base + uint64(k.next[target.RIP])
		}
		if n := len(s.caught); n > 0 {
			e := s.caught[n-1]
			s.caught = s.caught[:n-1]
			e.destroy(c)
		}
		s.publish(c)
		a.note(before)
	})
}
