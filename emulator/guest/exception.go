package guest

import (
	"fmt"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/trace"
)

// exception handles a stop that is neither a call nor the end of a turn.
func (p *Process) exception(t *Thread, stop *cpu.Stop) {
	if t.stepped(stop.Kind == cpu.Interrupt && stop.Vector == debugTrap) {
		return
	}
	switch stop.Kind {
	case cpu.Fault:
		p.fault(t, stop)
	case cpu.Interrupt:
		p.interrupt(t, stop)
	case cpu.InvalidInstruction:
		p.undefined(t, stop.IP)
	case cpu.Special:
		p.special(t, stop)
	case cpu.Syscall:
		t.count()
		p.api.Service(t, stop)
	default:
		p.fail(fmt.Errorf("the engine stopped for %s at %#x", stop.Kind, stop.IP))
	}
}

// Accesses of an access violation, its first parameter.
var accessCodes = map[cpu.Access]uint64{cpu.ReadAccess: 0, cpu.WriteAccess: 1, cpu.FetchAccess: 8}

var accessNames = map[uint64]string{0: "read", 1: "write", 8: "execute"}

// access is what an access violation or a guard page was hit by.
func (r *Record) access() (access string, target uint64) {
	if (r.Code == StatusAccessViolation || r.Code == StatusGuardPage || r.Code == StatusStackOverflow) && len(r.Info) == 2 {
		return accessNames[r.Info[0]], r.Info[1]
	}
	return "", 0
}

// fault raises an exception of the processor, at an instruction.
func (t *Thread) fault(code uint32, ip uint64, info ...uint64) {
	c := t.Capture()
	c.RIP = ip
	t.dispatch(&Record{Code: code, Address: ip, Info: info}, c)
}

func (p *Process) fault(t *Thread, stop *cpu.Stop) {
	code, grown := t.touch(stop.Address)
	if grown {
		return
	}
	access := accessCodes[stop.Access]
	if stop.Address == ^uint64(0) {
		access = 0 // not canonical: a general protection fault, which does not know
	}
	t.fault(code, stop.IP, access, stop.Address)
}

// touch says what an access that faults means: a guard page is raised once and
// is none after; the stack's own makes the stack grow.
func (t *Thread) touch(addr uint64) (code uint32, grown bool) {
	m := t.p.Mem
	info := m.Query(addr)
	if info.Protection&PageGuard == 0 {
		return StatusAccessViolation, false
	}
	if info.Allocation == t.stack {
		if t.fiber.growStack(addr) {
			return 0, true
		}
		if info.Protection = m.Query(addr).Protection; info.Protection&PageGuard == 0 {
			return StatusStackOverflow, false
		}
	}
	if _, err := m.Protect(pageDown(addr), PageSize, info.Protection&^PageGuard); err != nil {
		t.p.fail(err)
	}
	return StatusGuardPage, false
}

// Interrupts that Windows gives a meaning. The others are general protection
// faults in user mode.
const (
	divideError     = 0x00
	debugTrap       = 0x01
	breakpoint      = 0x03
	floatError      = 0x10
	alignmentCheck  = 0x11
	simdError       = 0x13
	fastFail        = 0x29
	assertion       = 0x2C
	debugService    = 0x2D
	systemCallOfOld = 0x2E
)

func (p *Process) interrupt(t *Thread, stop *cpu.Stop) {
	vector, ip := stop.Vector, stop.IP
	// An INT instruction has two bytes; of a fault, ip is the instruction.
	start := ip
	if b, err := p.Mem.View(ip-2, 2); err == nil && b[0] == 0xCD && int(b[1]) == vector {
		start = ip - 2
	}
	switch vector {
	case divideError:
		if start == ip {
			t.fault(p.divideCode(t), ip)
			return
		}
	case debugTrap:
		if start == ip {
			t.singleStep(ip)
			return
		}
	case breakpoint:
		t.fault(StatusBreakpoint, ip-1, 0) // whatever the instruction's length
		return
	case floatError:
		t.fault(StatusFloatInvalidOperation, ip)
		return
	case simdError:
		t.fault(simdCode(uint32(p.cpu.Reg(cpu.MXCSR))), ip)
		return
	case alignmentCheck:
		t.fault(StatusDatatypeMisalignment, ip)
		return
	case fastFail: // no handler is asked
		r := &Record{Code: StatusStackBufferOverrun, Flags: ExceptionNoncontinuable, Address: start, Info: []uint64{p.cpu.Reg(cpu.RCX)}}
		p.emitException(r)
		p.unhandled(t, r)
	case assertion:
		t.fault(StatusAssertionFailure, start)
		return
	case debugService:
		// Without a debugger it is a breakpoint; the byte behind is skipped.
		c := t.Capture()
		r := &Record{Code: StatusBreakpoint, Address: ip, Info: []uint64{c.GPR[cpu.RAX]}}
		c.RIP = ip + 1
		t.dispatch(r, c)
		return
	case systemCallOfOld:
		t.count()
		p.api.Service(t, stop)
		return
	}
	t.fault(StatusAccessViolation, start, 0, ^uint64(0))
}

// singleStep is the trap behind an instruction that ran with the trap flag,
// which is off in what handlers see.
func (t *Thread) singleStep(ip uint64) {
	c := t.Capture()
	c.RIP = ip
	c.EFlags &^= trapFlag
	t.dispatch(&Record{Code: StatusSingleStep, Address: ip}, c)
}

// undefined raises what an instruction does that the engine does not know.
func (p *Process) undefined(t *Thread, ip uint64) {
	const icebp = 0xF1
	if b, err := p.Mem.View(ip, 1); err == nil && b[0] == icebp {
		t.singleStep(ip + 1)
		return
	}
	t.fault(StatusIllegalInstruction, ip)
}

// gap records something the processor or the kernel is not modelled to do.
func (p *Process) gap(name, detail string) {
	p.Recorder.Gap(trace.Gap{Kind: trace.GapInstruction, Name: name, Caller: p.Place(p.cpu.IP()), Detail: detail})
}

// Raise raises an exception for a handler that found a guest pointer it cannot
// use, as the instruction in its place would have: in the export's stub, which
// runs again if the guest goes on there. It returns when the guest goes on in
// the level that runs.
func (t *Thread) Raise(err *AccessError) {
	code, grown := t.touch(err.Address)
	if grown {
		return // the stub runs again
	}
	c := t.Capture()
	t.dispatch(&Record{Code: code, Address: c.RIP, Info: []uint64{accessCodes[err.Access], err.Address}}, c)
}

// RaiseCode raises a software exception out of a handler, and does not return.
func (t *Thread) RaiseCode(code uint32, info ...uint64) {
	t.RaiseRecord(&Record{Code: code, Info: info})
	t.Abort()
}

// RaiseRecord raises a software exception in the export being handled. The
// guest goes on, if it does, as if the call had returned. It returns when that
// is in the level that runs.
func (t *Thread) RaiseRecord(r *Record) {
	c := t.Capture()
	c.RIP += StubReturn
	r.Address = c.RIP
	t.dispatch(r, c)
}

// RaiseBreak raises a breakpoint at the INT3 of the export being handled, or at
// that the guest has come to. A handler takes the guest to the RET behind it.
func (t *Thread) RaiseBreak() {
	c := t.Capture()
	c.RIP = c.RIP&^(StubSize-1) + StubBreak
	t.dispatch(&Record{Code: StatusBreakpoint, Address: c.RIP, Info: []uint64{0}}, c)
}

// RaiseAt raises an exception with a context, and returns as [Thread.RaiseRecord].
func (t *Thread) RaiseAt(r *Record, c *Context) { t.dispatch(r, c) }

// RaiseLast raises an exception that has been refused by all handlers already:
// it ends the process.
func (t *Thread) RaiseLast(r *Record) {
	t.p.emitException(r)
	t.p.unhandled(t, r)
}

// StubReturn is where in an export's stub the RET is.
const StubReturn = 10

// StubBreak is where in it an INT3 is, with a RET behind it.
const StubBreak = 11

// emitException records that an exception was raised and returns its place
// among the behaviours, or -1.
func (p *Process) emitException(r *Record) int {
	module := ""
	if p.ModuleAt(r.Address) != nil {
		module = p.Place(r.Address)
	}
	access, target := r.access()
	p.Emit(trace.Exception{Code: r.Code, Name: r.name(), Address: r.Address, Module: module, Access: access, Target: target, Count: 1})
	return len(p.Recorder.Run.Behaviours) - 1
}
