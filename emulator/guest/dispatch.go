package guest

import (
	"encoding/binary"
	"fmt"
	"slices"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest/unwind"
	"sidetrace/emulator/trace"
)

// This file asks the guest about exceptions, as KiUserExceptionDispatcher and
// RtlDispatchException do: vectored handlers, the language handlers of the
// frames on the stack, the filter for what nobody handles.

// The stack as the dispatcher finds it: the context, the record, and a machine
// frame that leads to where the exception was raised.
const (
	DispatcherFrame = 0x590 // from the dispatcher's stack pointer to the machine frame
	recordAt        = 0x4F0
	redZone         = 0x80
	dispatcherSize  = 0x5C0

	pointersAt = 0x10                 // below it: EXCEPTION_POINTERS,
	workAt     = pointersAt + 0x20    // a DISPATCHER_CONTEXT,
	walkAt     = workAt + 0x60        // and the context it leads to
	scratch    = walkAt + ContextSize // all of it
)

// Offsets in a DISPATCHER_CONTEXT.
const (
	dispatcherControlPC   = 0x00
	dispatcherContext     = 0x28
	dispatcherEstablisher = 0x18
	dispatcherScopeIndex  = 0x48
	dispatcherSizeBytes   = 0x50
)

// maxFrames bounds a walk up the stack.
const maxFrames = 1 << 16

// dispatch is an exception that the guest is being asked about.
type dispatch struct {
	t         *Thread
	record    *Record
	context   *Context // as it was raised
	sp        uint64   // of the dispatcher
	behaviour int      // its place in the trace; -1 for none
}

func (d *dispatch) contextAt() uint64  { return d.sp }
func (d *dispatch) recordAt() uint64   { return d.sp + recordAt }
func (d *dispatch) pointers() uint64   { return d.sp - pointersAt }
func (d *dispatch) dispatcher() uint64 { return d.sp - workAt - dispatcherSizeBytes }
func (d *dispatch) walk() uint64       { return d.sp - scratch }

// from is where handlers are called from.
func (d *dispatch) from() place {
	return place{d.t.p.system.Dispatcher, d.sp, d.sp - scratch}
}

// dispatch raises an exception in the guest. It returns when the guest goes on
// in the level that runs, with its registers set; it does not return when the
// guest goes on elsewhere, or ends.
func (t *Thread) dispatch(r *Record, c *Context) {
	d := &dispatch{t: t, record: r, context: c, behaviour: t.p.emitException(r)}
	if !d.push() {
		t.p.unhandled(t, r)
	}
	t.fiber.active = append(t.fiber.active, d)
	upper := t.p.cpu.Upper() // Windows keeps them behind the CONTEXT
	by, handler := d.ask()
	t = t.p.running // a handler may have moved the fiber to another thread
	d.t = t
	t.fiber.active = slices.DeleteFunc(t.fiber.active, func(x *dispatch) bool { return x == d })
	d.handled(by, handler)
	next := *c
	if err := t.p.LoadContext(d.contextAt(), &next); err != nil {
		t.p.unhandled(t, r)
	}
	t.p.cpu.SetUpper(upper)
	t.goOn(&next)
}

// push lays the exception out on the guest's stack and gives the processor to
// the dispatcher. It reports whether there was room.
func (d *dispatch) push() bool {
	t, p := d.t, d.t.p
	d.sp = (d.context.RSP() - redZone - dispatcherSize) &^ 15
	if len(t.fiber.levels) >= maxDepth-2 {
		return false
	}
	t.reachStack(d.sp - scratch)
	b, err := p.Mem.Writable(d.sp-scratch, scratch+dispatcherSize)
	if err != nil {
		return false
	}
	clear(b[:scratch])
	d.context.Store(b[scratch:])
	d.record.Store(b[scratch+recordAt : scratch+recordAt+RecordSize])
	le := binary.LittleEndian
	for i, v := range [...]uint64{d.context.RIP, 0x33, uint64(d.context.EFlags), d.context.RSP(), 0x2B} {
		le.PutUint64(b[scratch+DispatcherFrame+8*i:], v)
	}
	le.PutUint64(b[scratch-pointersAt:], d.recordAt())
	le.PutUint64(b[scratch-pointersAt+8:], d.contextAt())
	p.cpu.SetReg(cpu.EFLAGS, alwaysFlags)
	p.cpu.SetReg(cpu.RSP, d.sp)
	p.cpu.SetIP(p.system.Dispatcher)
	return true
}

// ask asks everybody, and returns who answered that the guest is to go on.
func (d *dispatch) ask() (by string, handler uint64) {
	if h := d.vectored(exceptionHandlers); h != 0 {
		d.vectored(continueHandlers)
		return trace.HandledVectored, h
	}
	if h := d.frames(); h != 0 {
		d.vectored(continueHandlers)
		return trace.HandledFrame, h
	}
	d.t.p.unhandled(d.t, d.record)
	return "", 0
}

// vectored calls a list of vectored handlers until one says that the guest is
// to go on, and returns that one.
func (d *dispatch) vectored(list int) uint64 {
	p := d.t.p
	// Handlers may add and remove others, and themselves.
	for _, v := range slices.Clone(p.vectored[list]) {
		if !slices.Contains(p.vectored[list], v) {
			continue
		}
		r, _ := d.t.callAt(level{}, d.from(), v.handler, []uint64{d.pointers()})
		if int32(r) == exceptionContinueExecute {
			return v.handler
		}
	}
	return 0
}

// frames asks the language handlers of the functions on the stack, and at the
// thread's beginning the filter for unhandled exceptions. It returns the
// handler after which the guest is to go on, or 0.
func (d *dispatch) frames() uint64 {
	t, p := d.t, d.t.p
	c := *d.context
	nested, scope := uint64(0), uint32(0)
	for range maxFrames {
		switch depth := t.crossing(c.RIP, c.RSP()); {
		case depth == 0:
		case t.fiber.levels[depth-1].kind == guardedLevel:
			d.handled(trace.HandledLoader, 0)
			t.unwindTo(&unwinding{record: d.recordAt(), guard: depth, start: t.unwindStart()})
		case t.fiber.levels[depth-1].kind == handlerLevel:
			// An exception in a handler: the frames that have been asked about
			// the first are asked again, and told so.
			d.flag(exceptionNestedCall, true)
			frame, err := p.Mem.ReadUint(t.fiber.levels[depth-1].dispatcher+dispatcherEstablisher, 8)
			if err != nil {
				return 0
			}
			nested = max(nested, frame)
		case t.fiber.levels[depth-1].kind == unwindLevel:
			var ok bool
			if scope, ok = t.collided(t.fiber.levels[depth-1].dispatcher, &c); !ok {
				return 0
			}
		case depth == 1:
			return d.filter()
		}
		pc := c.RIP
		e, f, ok := t.unwindFrame(unwind.ExceptionHandler, &c)
		if !ok || !t.onStack(f.Establisher) {
			d.flag(exceptionStackInvalid, true)
			return 0
		}
		if f.Handler != 0 {
			switch disposition := d.call(pc, e, f, &c, scope); disposition {
			case dispositionContinue:
				if d.flags()&ExceptionNoncontinuable != 0 {
					t.again(&Record{Code: StatusNoncontinuable, Flags: ExceptionNoncontinuable, Nested: d.recordAt()})
				}
				return f.Handler
			case dispositionSearch:
			case dispositionNested:
				d.flag(exceptionNestedCall, true)
			case dispositionCollided:
				if scope, ok = t.collided(d.dispatcher(), &c); !ok {
					return 0
				}
				continue
			default:
				t.again(&Record{Code: StatusInvalidDisposition, Flags: ExceptionNoncontinuable, Nested: d.recordAt()})
			}
		}
		scope = 0
		if nested != 0 && f.Establisher == nested {
			d.flag(exceptionNestedCall, false)
			nested = 0
		}
	}
	return 0
}

// call calls a language handler and returns its disposition.
func (d *dispatch) call(pc uint64, e Entry, f unwind.Frame, caller *Context, scope uint32) uint32 {
	t, p := d.t, d.t.p
	err := p.storeContext(d.walk(), caller)
	if err == nil {
		err = t.storeDispatcher(d.dispatcher(), pc, e, f, 0, d.walk(), scope)
	}
	if err != nil {
		p.unhandled(t, d.record)
	}
	r, _ := t.callAt(level{kind: handlerLevel, dispatcher: d.dispatcher()}, d.from(), f.Handler, []uint64{d.recordAt(), f.Establisher, d.contextAt(), d.dispatcher()})
	return uint32(r)
}

// storeDispatcher writes a DISPATCHER_CONTEXT.
func (t *Thread) storeDispatcher(at, pc uint64, e Entry, f unwind.Frame, target, context uint64, scope uint32) error {
	var b [dispatcherSizeBytes]byte
	for i, v := range [...]uint64{pc, e.Base, e.At, f.Establisher, target, context, f.Handler, f.HandlerData, 0, uint64(scope)} {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
	return t.p.Mem.Write(at, b[:])
}

// collided takes over from an unwind that was under way when something was
// raised in the handler it called: c becomes the frame that was being unwound,
// which goes on where its scopes have not been left yet.
func (t *Thread) collided(dispatcher uint64, c *Context) (scope uint32, ok bool) {
	at, err := t.p.Mem.ReadUint(dispatcher+dispatcherContext, 8)
	if err == nil {
		err = t.p.LoadContext(at, c)
	}
	if err != nil {
		return 0, false
	}
	n, err := t.p.Mem.ReadUint(dispatcher+dispatcherScopeIndex, 4)
	return uint32(n), err == nil
}

// filter calls the filter for unhandled exceptions.
func (d *dispatch) filter() uint64 {
	f := d.t.p.UnhandledFilter
	if f == 0 {
		return 0
	}
	r, _ := d.t.callAt(level{}, d.from(), f, []uint64{d.pointers()})
	if int32(r) != exceptionContinueExecute {
		return 0
	}
	d.handled(trace.HandledFilter, f)
	return f
}

// flags are the record's, which handlers may have changed.
func (d *dispatch) flags() uint32 {
	v, err := d.t.p.Mem.ReadUint(d.recordAt()+recordFlags, 4)
	if err != nil {
		return d.record.Flags
	}
	return uint32(v)
}

func (d *dispatch) flag(bit uint32, on bool) {
	f := d.flags() &^ bit
	if on {
		f |= bit
	}
	_ = d.t.p.Mem.WriteUint(d.recordAt()+recordFlags, 4, uint64(f)) // was writable; if it no longer is, nobody reads it either
}

// again raises an exception about the handling of another one. It does not
// return.
func (t *Thread) again(r *Record) {
	r.Address = t.p.system.Dispatcher
	c := t.Capture()
	t.dispatch(r, c)
	t.Abort()
}

// onStack reports whether an address lies on the thread's stack, as its TEB
// has it, and is aligned as frames are.
func (t *Thread) onStack(frame uint64) bool {
	lo, hi := t.p.structs.get(t.TEB+TEBStackLimit), t.p.structs.get(t.TEB+TEBStackBase)
	return frame%8 == 0 && frame >= lo && frame < hi
}

// handled notes in the trace who handled an exception.
func (d *dispatch) handled(by string, handler uint64) {
	list := d.t.p.Recorder.Run.Behaviours
	if d.behaviour < 0 || d.behaviour >= len(list) || by == "" {
		return
	}
	e, ok := list[d.behaviour].Fields.(trace.Exception)
	if !ok || e.Handled {
		return
	}
	e.Handled, e.HandledBy = true, by
	if handler != 0 {
		e.Handler = d.t.p.Place(handler)
	}
	list[d.behaviour].Fields = e
}

// unhandled ends the process with an exception that nobody handled.
func (p *Process) unhandled(t *Thread, r *Record) {
	place := fmt.Sprintf("%#x", r.Address)
	if p.ModuleAt(r.Address) != nil {
		place = p.Place(r.Address)
	}
	name := r.name()
	if name == "" {
		name = fmt.Sprintf("exception %#x", r.Code)
	}
	detail := fmt.Sprintf("%s at %s", name, place)
	if access, target := r.access(); access != "" {
		detail += fmt.Sprintf(", %s of %#x", access, target)
	}
	p.notePatches()
	p.Emit(trace.Exit{Code: r.Code, Reason: "exception"})
	p.halt(trace.Stop{Reason: trace.StopException, Detail: detail, ExitCode: r.Code})
}
