package crt

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// cxxException is a C++ exception: an object and its ThrowInfo. Others have
// none.
type cxxException struct {
	object, info uint64
	base         uint64 // of the image that threw
	record       uint64
}

// caughtException is one whose catch block runs, in a function's frame.
type caughtException struct {
	cxxException
	frame uint64
}

// cxxThread is what is kept of a thread.
type cxxThread struct {
	caught     []caughtException
	notes      map[uint64]int32 // states of frames whose tables have no place for them
	flying     cxxException     // that unwinds the stack
	uncaught   int
	translator uint64
	terminator uint64
	slots      uint64 // guest memory of what __current_exception and its kin point to
}

type cxxKey struct{ thread uint32 }

func cxxOf(c *win.Call) *cxxThread {
	key := cxxKey{c.T.ID}
	s, _ := c.State[key].(*cxxThread)
	if s == nil {
		s = &cxxThread{}
		c.State[key] = s
	}
	return s
}

// slot is where the runtime keeps a word for programs to look at: the record
// of the current exception, its context, the number of exceptions that fly.
func (s *cxxThread) slot(c *win.Call, n int) win.Ptr {
	if s.slots == 0 {
		s.slots = c.Heap.Alloc(24)
		if s.slots != 0 {
			_ = c.Mem.Write(s.slots, make([]byte, 24)) // ours
		}
	}
	s.publish(c)
	return win.Ptr(s.slots + uint64(8*n))
}

// publish brings these words up to date.
func (s *cxxThread) publish(c *win.Call) {
	if s.slots == 0 {
		return
	}
	record := uint64(0)
	if n := len(s.caught); n > 0 {
		record = s.caught[n-1].record
	}
	var b [24]byte
	binary.LittleEndian.PutUint64(b[:], record)
	binary.LittleEndian.PutUint32(b[16:], uint32(s.uncaught))
	_ = c.Mem.Write(s.slots, b[:]) // ours
}

// exceptionOf is the exception that a handler is told of. One without an
// object is the current one, thrown again.
func (a *activation) exceptionOf(h *handled) *cxxException {
	if h.record.Code != cppException || len(h.record.Info) < 4 {
		return &cxxException{record: uint64(h.recordAt)}
	}
	e := &cxxException{object: h.record.Info[1], info: h.record.Info[2], base: h.record.Info[3], record: uint64(h.recordAt)}
	if e.info == 0 {
		if s := cxxOf(a.c); len(s.caught) > 0 {
			*e = s.caught[len(s.caught)-1].cxxException
		}
	}
	return e
}

// destroy calls the destructor of the exception's object.
func (e *cxxException) destroy(c *win.Call) {
	if e.info == 0 || e.object == 0 {
		return
	}
	if destructor := c.ReadUint(win.Ptr(e.info+4), 4); destructor != 0 && !c.Faulted() {
		c.CallGuest(win.Ptr(e.base+destructor), e.object)
	}
}

// cxxThrowException throws an object; without one the exception that was caught
// last is thrown again.
//
// https://learn.microsoft.com/cpp/c-runtime-library/cxxthrowexception
func cxxThrowException(c *win.Call, pExceptionObject, pThrowInfo win.Ptr) (win.Void, win.Error) {
	s := cxxOf(c)
	if pExceptionObject == 0 && pThrowInfo == 0 && len(s.caught) == 0 {
		return terminateProgram(c)
	}
	base := uint64(0)
	if m := c.ModuleAt(uint64(pThrowInfo)); m != nil {
		base = m.Base
	}
	s.uncaught++
	c.T.RaiseRecord(&guest.Record{Code: cppException, Flags: guest.ExceptionNoncontinuable, Info: []uint64{cxxMagic, uint64(pExceptionObject), uint64(pThrowInfo), base}})
	c.Gone()
	return win.Void{}, 0
}

// destructExceptionObject destroys the object of an exception's record.
func destructExceptionObject(c *win.Call, pExcept win.Ptr, fThrowNotAllowed win.Int) (win.Void, win.Error) {
	r, err := c.LoadRecord(uint64(pExcept))
	if err != nil {
		c.Fail(err)
		return win.Void{}, 0
	}
	if r.Code == cppException && len(r.Info) >= 4 {
		(&cxxException{object: r.Info[1], info: r.Info[2], base: r.Info[3]}).destroy(c)
	}
	return win.Void{}, 0
}

// uncaughtException tells whether the stack is being unwound for an exception.
//
// https://learn.microsoft.com/cpp/standard-library/exception-functions#uncaught_exception
func uncaughtException(c *win.Call) (win.BYTE, win.Error) {
	return win.BYTE(min(cxxOf(c).uncaught, 1)), 0
}

// uncaughtExceptions tells for how many.
func uncaughtExceptions(c *win.Call) (win.Int, win.Error) { return win.Int(cxxOf(c).uncaught), 0 }

func currentException(c *win.Call) (win.Ptr, win.Error)        { return cxxOf(c).slot(c, 0), 0 }
func currentExceptionContext(c *win.Call) (win.Ptr, win.Error) { return cxxOf(c).slot(c, 1), 0 }
func processingThrow(c *win.Call) (win.Ptr, win.Error)         { return cxxOf(c).slot(c, 2), 0 }

// setTerminate sets what terminate calls, and returns what it was.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-terminate-crt
func setTerminate(c *win.Call, termFunction win.Ptr) (win.Ptr, win.Error) {
	s := cxxOf(c)
	before := s.terminator
	s.terminator = uint64(termFunction)
	return win.Ptr(before), 0
}

// terminateProgram is terminate: the function set for it, then abort.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/terminate-crt
func terminateProgram(c *win.Call) (win.Void, win.Error) {
	if fn := cxxOf(c).terminator; fn != 0 {
		c.CallGuest(win.Ptr(fn))
	}
	return abort(c)
}

// setSeTranslator sets the function that makes C++ exceptions of others, and
// returns what it was.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-se-translator
func setSeTranslator(c *win.Call, seTransFunction win.Ptr) (win.Ptr, win.Error) {
	s := cxxOf(c)
	before := s.translator
	s.translator = uint64(seTransFunction)
	return win.Ptr(before), 0
}

// translateException calls that function for an exception that is none of C++. Where it
// throws one, it does not return.
func translateException(c *win.Call, h *handled) {
	fn := cxxOf(c).translator
	if fn == 0 {
		return
	}
	if at := pushPointers(c, h); at != 0 {
		c.T.CallOver(pointersSize, fn, uint64(h.record.Code), at)
	}
}
