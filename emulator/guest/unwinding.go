package guest

import (
	"encoding/binary"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest/unwind"
	"sidetrace/emulator/trace"
)

// unwinding is an unwind of the stack: every frame up to a target is told that
// it ends, and the guest goes on in the target.
type unwinding struct {
	frame  uint64         // of the target; 0 for all frames
	ip     uint64         // where the guest goes on
	record uint64         // address of the exception's record; 0 for one made here,
	made   *Record        // which is this, or that of an unwind without an exception
	value  uint64         // RAX there
	then   func(*Context) // done when all frames have been told; it sets where the guest goes on
	guard  int            // depth of the guarded level that is the target instead; 0 for none
	start  *Context
}

// Unwind is RtlUnwindEx: it does not return but where the target frame is not
// found by the stack's end, for want of a target.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlunwindex
func (t *Thread) Unwind(frame, ip, record, value uint64) {
	t.unwindTo(&unwinding{frame: frame, ip: ip, record: record, value: value, start: t.CaptureCaller()})
}

// UnwindFor is Unwind with a record that is not in memory.
func (t *Thread) UnwindFor(frame, ip uint64, r *Record, value uint64) {
	t.unwindTo(&unwinding{frame: frame, ip: ip, made: r, value: value, start: t.CaptureCaller()})
}

// unwindStart is the context of the handler of exceptions itself.
func (t *Thread) unwindStart() *Context { return t.Capture() }

// UnwindThen is an unwind for a handler that still has something to do on the
// stack as it was, when all frames above the target's have been told: to call a
// catch block. It sets in the context it is handed where the guest goes on.
func (t *Thread) UnwindThen(frame uint64, r *Record, then func(*Context)) {
	t.unwindTo(&unwinding{frame: frame, made: r, start: t.CaptureCaller(), then: then})
}

// unwindTo carries an unwind out.
func (t *Thread) unwindTo(u *unwinding) {
	p := t.p
	sp := t.workArea(u)
	flags := uint32(ExceptionUnwinding)
	if u.frame == 0 && u.guard == 0 {
		flags |= ExceptionExitUnwind
	}
	record, err := p.LoadRecord(u.record)
	if err != nil {
		t.raiseHere(StatusAccessViolation)
	}
	flags |= record.Flags

	c := *u.start
	scope := uint32(0)
	for range maxFrames {
		if depth := t.crossing(c.RIP, c.RSP()); depth != 0 {
			switch {
			case depth == u.guard:
				t.settle(u.record, c.RSP())
				t.apply(&c) // the registers that functions preserve, as they were at the call
				t.fiber.caught = record.Code
				t.leaveTo(depth)
			case t.fiber.levels[depth-1].kind == unwindLevel:
				var ok bool
				if scope, ok = t.collided(t.fiber.levels[depth-1].dispatcher, &c); !ok {
					t.raiseHere(StatusBadStack)
				}
				flags |= exceptionCollidedUnwind
			case depth == 1:
				t.exhausted(u, record)
				return
			}
		}
		current := c
		e, f, ok := t.unwindFrame(unwind.TerminationHandler, &c)
		if !ok || !t.onStack(f.Establisher) {
			t.raiseHere(StatusBadStack)
		}
		if u.frame != 0 && e.At != 0 && f.Establisher > u.frame {
			t.raiseHere(StatusInvalidUnwindTarget)
		}
		if f.Handler != 0 {
			if f.Establisher == u.frame {
				flags |= ExceptionTargetUnwind
				current.GPR[cpu.RAX] = u.value
			}
			disposition := t.tell(u, sp, flags, &current, e, f, scope)
			// A handler may set registers for the place where the guest goes on.
			if err := p.LoadContext(sp, &current); err != nil {
				t.raiseHere(StatusBadStack)
			}
			switch disposition {
			case dispositionSearch:
			case dispositionCollided:
				if scope, ok = t.collided(sp+ContextSize, &c); !ok {
					t.raiseHere(StatusBadStack)
				}
				flags |= exceptionCollidedUnwind
				continue
			default:
				t.raiseHere(StatusInvalidDisposition)
			}
			flags &^= exceptionCollidedUnwind | ExceptionTargetUnwind
		}
		scope = 0
		if e.At != 0 && f.Establisher == u.frame {
			if u.then != nil {
				u.then(&current)
				t = p.running
				t.settle(u.record, current.RSP())
				t.goOn(&current)
				t.Abort()
			}
			current.GPR[cpu.RAX] = u.value
			if record.Code != StatusUnwindConsolidate {
				current.RIP = u.ip
			}
			t.restore(&current, record, u.record)
			return
		}
	}
	t.raiseHere(StatusBadStack)
}

// tell calls the language handler of a frame that ends, and returns its
// disposition.
func (t *Thread) tell(u *unwinding, sp uint64, flags uint32, current *Context, e Entry, f unwind.Frame, scope uint32) uint32 {
	p := t.p
	dispatcher, context := sp+ContextSize, sp
	err := p.storeContext(context, current)
	if err == nil {
		err = t.storeDispatcher(dispatcher, current.RIP, e, f, u.ip, context, scope)
	}
	if err == nil {
		err = p.Mem.WriteUint(u.record+recordFlags, 4, uint64(flags))
	}
	if err != nil {
		t.raiseHere(StatusStackOverflow)
	}
	from := place{p.cpu.IP(), p.cpu.Reg(cpu.RSP), sp}
	r, _ := t.callAt(level{kind: unwindLevel, dispatcher: dispatcher}, from, f.Handler, []uint64{u.record, f.Establisher, context, dispatcher})
	return uint32(r)
}

// workArea takes room on the stack for what handlers are shown: a context, a
// DISPATCHER_CONTEXT, and a record where there is none. It returns its start.
func (t *Thread) workArea(u *unwinding) uint64 {
	p := t.p
	const size = ContextSize + dispatcherSizeBytes + RecordSize + 0x18
	sp := (p.cpu.Reg(cpu.RSP) - size) &^ 15
	t.reachStack(sp)
	b, err := p.Mem.Writable(sp, size)
	if err != nil {
		p.unhandled(t, &Record{Code: StatusStackOverflow, Address: p.cpu.IP()})
	}
	clear(b)
	if u.record == 0 {
		u.record = sp + ContextSize + dispatcherSizeBytes
		if u.made == nil {
			u.made = &Record{Code: StatusUnwind, Address: u.start.RIP}
		}
		u.made.Store(b[ContextSize+dispatcherSizeBytes:][:RecordSize])
	}
	return sp
}

// exhausted is an unwind that came to the beginning of the thread.
func (t *Thread) exhausted(u *unwinding, r *Record) {
	if u.frame != 0 {
		t.raiseHere(StatusInvalidUnwindTarget)
	}
	// An exit unwind: Windows raises the exception again for the debugger, and
	// ends the process.
	t.p.unhandled(t, r)
}

// raiseHere raises a status about an unwind. It does not return.
func (t *Thread) raiseHere(code uint32) {
	c := t.CaptureCaller()
	t.dispatch(&Record{Code: code, Flags: ExceptionNoncontinuable, Address: c.RIP}, c)
	t.Abort()
}

// Handled notes that the exception of a record has been handled by a frame.
func (t *Thread) Handled(record uint64) {
	for _, d := range t.fiber.active {
		if d.recordAt() == record {
			d.handled(trace.HandledFrame, 0)
		}
	}
}

// settle notes that the exception of a record has been handled by a frame, and
// that those have been whose dispatchers lie below the stack pointer with which
// the guest goes on.
func (t *Thread) settle(record, sp uint64) {
	kept := t.fiber.active[:0]
	for _, d := range t.fiber.active {
		left := d.sp <= sp && t.p.Mem.Find(d.sp) == t.p.Mem.Find(sp)
		if left || d.recordAt() == record {
			d.handled(trace.HandledFrame, 0)
		}
		if !left {
			kept = append(kept, d)
		}
	}
	t.fiber.active = kept
}

// Restore is RtlRestoreContext: the guest goes on with the registers of c. Two
// kinds of record change where: a longjmp's, which has the buffer, and that of
// a consolidated unwind, whose function says.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlrestorecontext
func (t *Thread) Restore(c *Context, record uint64) {
	if record == 0 {
		t.restore(c, nil, 0)
		return
	}
	r, err := t.p.LoadRecord(record)
	if err != nil {
		t.raiseHere(StatusAccessViolation)
	}
	t.restore(c, r, record)
}

func (t *Thread) restore(c *Context, r *Record, at uint64) {
	t.settle(at, c.RSP())
	switch {
	case r == nil || len(r.Info) == 0:
	case r.Code == StatusLongJump:
		if !t.p.loadJump(r.Info[0], c) {
			t.raiseHere(StatusAccessViolation)
		}
	case r.Code == StatusUnwindConsolidate:
		c.RIP = t.Consolidate(c, r.Info[0], at)
	}
	t.goOn(c)
	t.Abort()
}

// Jump lets the guest go on with the registers of a jmp_buf, without telling
// the frames left.
func (t *Thread) Jump(c *Context, buffer uint64) {
	t.restore(c, &Record{Code: StatusLongJump, Info: []uint64{buffer}}, 0)
}

// Consolidate calls a function that stands for what the frames above c did:
// who unwinds out of it comes to c. It is for handlers of languages whose catch
// blocks are functions that run before the stack is given up.
func (t *Thread) Consolidate(c *Context, fn uint64, args ...uint64) uint64 {
	from := t.here()
	from.ip, from.sp = c.RIP, c.RSP()
	// What unwinding out of the function does not restore is as in c.
	live := t.p.cpu.Registers()
	r := live
	r.GPR, r.XMM = c.GPR, c.XMM
	r.GPR[cpu.RSP] = live.GPR[cpu.RSP]
	t.p.cpu.SetRegisters(&r)
	result, _ := t.callAt(level{}, from, fn, args)
	return result
}

// A jmp_buf is a _JUMP_BUFFER: setjmp.h of the Windows SDK.
const (
	jumpMxCsr      = 0x58
	jumpFPCW       = 0x5C
	jumpXMM        = 0x60
	jumpBufferSize = 0x100
)

// jumpRegisters are its integer registers from offset 8 on, RIP behind them.
var jumpRegisters = [...]cpu.Reg{cpu.RBX, cpu.RSP, cpu.RBP, cpu.RSI, cpu.RDI, cpu.R12, cpu.R13, cpu.R14, cpu.R15}

func (p *Process) loadJump(at uint64, c *Context) bool {
	b, err := p.Mem.View(at, jumpBufferSize)
	if err != nil {
		return false
	}
	le := binary.LittleEndian
	for i, r := range jumpRegisters {
		c.GPR[r] = le.Uint64(b[8+8*i:])
	}
	c.RIP = le.Uint64(b[8+8*len(jumpRegisters):])
	c.MxCsr, c.FPCW = le.Uint32(b[jumpMxCsr:]), le.Uint16(b[jumpFPCW:])
	for i := range 10 {
		copy(c.XMM[6+i][:], b[jumpXMM+16*i:])
	}
	return true
}
