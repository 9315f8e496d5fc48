package crt

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Dispositions of a language handler.
const (
	exceptionContinueExecution = 0
	exceptionContinueSearch    = 1
)

// handled is what a language handler is told: the function's frame and where
// in it control is. It is read from a DISPATCHER_CONTEXT and the record.
type handled struct {
	record      *guest.Record
	recordAt    win.Ptr
	context     win.Ptr // of the exception
	dispatcher  win.Ptr
	base        uint64 // of the image
	pc          uint32 // in the image
	target      uint32 // where an unwind goes on, in the image
	frame       uint64
	entry       uint64 // RUNTIME_FUNCTION
	caller      win.Ptr
	data        win.Ptr // language-specific data
	scope       uint32
	scopeAt     win.Ptr
	handlerAddr uint64
}

func readHandled(c *win.Call, record, frame, context, dispatcher win.Ptr) (*handled, bool) {
	r, err := c.LoadRecord(uint64(record))
	if err != nil {
		c.Fail(err)
		return nil, false
	}
	b := c.Bytes(dispatcher, 0x50)
	if b == nil {
		return nil, false
	}
	field := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	base := field(0x08)
	return &handled{
		record: r, recordAt: record, context: context, dispatcher: dispatcher,
		base: base, pc: uint32(field(0) - base), target: uint32(field(0x20) - base), frame: uint64(frame),
		entry: field(0x10), caller: win.Ptr(field(0x28)), handlerAddr: field(0x30), data: win.Ptr(field(0x38)),
		scope: uint32(field(0x48)), scopeAt: dispatcher + 0x48,
	}, true
}

func (h *handled) unwinding() bool { return h.record.Flags&guest.ExceptionUnwind != 0 }
func (h *handled) targeted() bool  { return h.record.Flags&guest.ExceptionTargetUnwind != 0 }

// scopeEntry is one __try: an entry of a SCOPE_TABLE. A __finally has no jump
// target.
type scopeEntry struct{ begin, end, handler, jump uint32 }

func (e scopeEntry) holds(pc uint32) bool { return pc >= e.begin && pc < e.end }

const maxScopes = 1 << 16

func readScopes(c *win.Call, at win.Ptr) []scopeEntry {
	n := c.ReadUint(at, 4)
	if n > maxScopes {
		return nil
	}
	b := c.Bytes(at+4, 16*n)
	if b == nil {
		return nil
	}
	list := make([]scopeEntry, n)
	le := binary.LittleEndian
	for i := range list {
		list[i] = scopeEntry{le.Uint32(b[16*i:]), le.Uint32(b[16*i+4:]), le.Uint32(b[16*i+8:]), le.Uint32(b[16*i+12:])}
	}
	return list
}

// cSpecificHandler is the language handler of functions with __try. When an
// exception looks for a handler it asks the filters around the place; when the
// function is left it runs the __finally blocks.
//
// https://learn.microsoft.com/windows/win32/devnotes/--c-specific-handler2
func cSpecificHandler(c *win.Call, ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext win.Ptr) (win.Int, win.Error) {
	h, ok := readHandled(c, ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext)
	if !ok {
		return exceptionContinueSearch, 0
	}
	scopes := readScopes(c, h.data)
	for i := int(h.scope); i < len(scopes); i++ {
		e := scopes[i]
		if !e.holds(h.pc) {
			continue
		}
		if h.unwinding() {
			if h.targeted() && (e.jump != 0 && h.target == e.jump || within(scopes, e, h.target)) {
				break // the unwind ends in this very block
			}
			if e.jump == 0 {
				c.WriteUint(h.scopeAt, 4, uint64(i+1)) // should something be raised in it, it is not run again
				c.CallGuest(win.Ptr(h.base+uint64(e.handler)), 1, h.frame)
			}
			continue
		}
		if e.jump == 0 {
			continue
		}
		switch r := filter(c, h, e); {
		case c.Faulted():
			return exceptionContinueSearch, 0
		case r < 0:
			return exceptionContinueExecution, 0
		case r > 0:
			c.T.Unwind(h.frame, h.base+uint64(e.jump), uint64(ExceptionRecord), uint64(h.record.Code))
		}
	}
	return exceptionContinueSearch, 0
}

// within reports whether an address lies in the block of an entry, of which
// there may be several pieces.
func within(scopes []scopeEntry, e scopeEntry, pc uint32) bool {
	for _, x := range scopes {
		if x.holds(pc) && x.handler == e.handler && x.jump == e.jump {
			return true
		}
	}
	return false
}

// filter is the value of a filter expression.
func filter(c *win.Call, h *handled, e scopeEntry) int32 {
	const executeHandler = 1
	if e.handler == executeHandler {
		return executeHandler
	}
	at := pushPointers(c, h)
	if at == 0 {
		return 0
	}
	return int32(c.T.CallOver(pointersSize, h.base+uint64(e.handler), at, h.frame))
}

// pointersSize is what EXCEPTION_POINTERS takes of the stack.
const pointersSize = 32

// pushPointers puts EXCEPTION_POINTERS below the stack pointer.
func pushPointers(c *win.Call, h *handled) uint64 {
	pointers := binary.LittleEndian.AppendUint64(nil, uint64(h.recordAt))
	pointers = binary.LittleEndian.AppendUint64(pointers, uint64(h.context))
	at, err := c.T.Push(pointers)
	if err != nil {
		c.Fail(err)
		return 0
	}
	return at
}

// resetstkoflw puts the guard page of the stack back after an overflow.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/resetstkoflw
func resetstkoflw(c *win.Call) (win.Int, win.Error) {
	if c.T.ResetStack() {
		return 1, 0
	}
	return 0, 0
}

// Exceptions that are signals in C, as _XcptFilter has them.
var signalOf = map[uint32]win.Int{
	guest.StatusAccessViolation: 11, guest.StatusIllegalInstruction: 4, guest.StatusPrivilegedInstruction: 4,
	0xC000008D: 8, 0xC000008E: 8, 0xC000008F: 8, guest.StatusFloatInvalidOperation: 8, 0xC0000091: 8, 0xC0000092: 8, 0xC0000093: 8,
}

// xcptFilter is the filter of the start-up code around main: an exception that
// is a signal in C goes to the function set for it, once.
//
// https://learn.microsoft.com/cpp/c-runtime-library/xcptfilter
func xcptFilter(c *win.Call, xcptnum win.Hex, pxcptinfoptrs win.Ptr) (win.Int, win.Error) {
	const continueExecution, continueSearch, executeHandler, die = -1, 0, 1, 5
	s := of(c)
	sig, ok := signalOf[uint32(xcptnum)]
	if !ok {
		return continueSearch, 0
	}
	switch fn := s.signals[sig]; fn {
	case sigDefault:
		return continueSearch, 0
	case sigIgnore:
		return continueExecution, 0
	case die:
		return executeHandler, 0
	default:
		s.signals[sig] = sigDefault
		c.CallGuest(win.Ptr(fn), uint64(sig))
		return continueExecution, 0
	}
}
