package guest

import (
	"fmt"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/trace"
)

// Exception codes.
//
// https://learn.microsoft.com/windows/win32/debug/getexceptioncode
const (
	StatusGuardPage             = 0x80000001
	StatusBreakpoint            = 0x80000003
	StatusSingleStep            = 0x80000004
	StatusAccessViolation       = 0xC0000005
	StatusIllegalInstruction    = 0xC000001D
	StatusIntegerDivideByZero   = 0xC0000094
	StatusPrivilegedInstruction = 0xC0000096
	StatusStackOverflow         = 0xC00000FD
	StatusStackBufferOverrun    = 0xC0000409
	statusInvalidSystemService  = 0xC000001C
)

var statusNames = map[uint32]string{
	StatusGuardPage:             "STATUS_GUARD_PAGE_VIOLATION",
	StatusBreakpoint:            "STATUS_BREAKPOINT",
	StatusSingleStep:            "STATUS_SINGLE_STEP",
	StatusAccessViolation:       "STATUS_ACCESS_VIOLATION",
	StatusIllegalInstruction:    "STATUS_ILLEGAL_INSTRUCTION",
	StatusIntegerDivideByZero:   "STATUS_INTEGER_DIVIDE_BY_ZERO",
	StatusPrivilegedInstruction: "STATUS_PRIVILEGED_INSTRUCTION",
	StatusStackOverflow:         "STATUS_STACK_OVERFLOW",
	StatusStackBufferOverrun:    "STATUS_STACK_BUFFER_OVERRUN",
}

// exception handles a stop that is neither a call nor the end of a turn.
func (p *Process) exception(t *Thread, stop *cpu.Stop) {
	switch stop.Kind {
	case cpu.Fault:
		p.fault(t, stop)
	case cpu.Interrupt:
		p.interrupt(t, stop)
	case cpu.InvalidInstruction:
		p.crash(t, StatusIllegalInstruction, stop.IP, "", 0)
	case cpu.Special:
		p.special(t, stop)
	case cpu.Syscall:
		number := p.cpu.Reg(cpu.RAX)
		p.Recorder.Gap(trace.Gap{Kind: trace.GapInstruction, Name: fmt.Sprintf("syscall %#x", number), Caller: p.Place(stop.IP), Detail: "direct system calls are not modelled"})
		p.cpu.SetReg(cpu.RAX, statusInvalidSystemService)
	default:
		p.fail(fmt.Errorf("the engine stopped for %s at %#x", stop.Kind, stop.IP))
	}
}

var accessNames = map[cpu.Access]string{cpu.ReadAccess: "read", cpu.WriteAccess: "write", cpu.FetchAccess: "execute"}

func (p *Process) fault(t *Thread, stop *cpu.Stop) {
	code := uint32(StatusAccessViolation)
	info := p.Mem.Query(stop.Address)
	switch {
	case info.Protection&PageGuard != 0:
		code = StatusGuardPage // raised once: the access clears the guard
		if _, err := p.Mem.Protect(pageDown(stop.Address), PageSize, info.Protection&^PageGuard); err != nil {
			p.fail(err)
		}
	case info.Allocation == t.stack && info.Protection == 0:
		code = StatusStackOverflow
	}
	p.crash(t, code, stop.IP, accessNames[stop.Access], stop.Address)
}

func (p *Process) interrupt(t *Thread, stop *cpu.Stop) {
	switch stop.Vector {
	case 0:
		p.crash(t, StatusIntegerDivideByZero, stop.IP, "", 0)
	case 1:
		p.crash(t, StatusSingleStep, stop.IP, "", 0)
	case 3:
		p.crash(t, StatusBreakpoint, stop.IP-1, "", 0)
	case 0x29: // __fastfail: no handler is asked
		p.crash(t, StatusStackBufferOverrun, stop.IP-2, "", 0)
	case 0x2D: // a debugger's service; without one it is a breakpoint
		p.crash(t, StatusBreakpoint, stop.IP-2, "", 0)
	default:
		if stop.Vector == 0x2E { // the system call of old, which Windows still has
			p.Recorder.Gap(trace.Gap{Kind: trace.GapInstruction, Name: fmt.Sprintf("int 0x2e %#x", p.cpu.Reg(cpu.RAX)), Caller: p.Place(stop.IP), Detail: "direct system calls are not modelled"})
		}
		// INT n without a gate for user mode, or a fault of another kind: both
		// are general protection faults, at the instruction.
		at := stop.IP
		if b, err := p.Mem.View(at-2, 2); err == nil && b[0] == 0xCD && int(b[1]) == stop.Vector {
			at -= 2
		}
		p.crash(t, StatusAccessViolation, at, "read", ^uint64(0))
	}
}

// special carries out instructions the engine would do in its own way, or
// raises what Windows raises for them in user mode.
func (p *Process) special(t *Thread, stop *cpu.Stop) {
	in := stop.Instruction
	next := stop.IP + uint64(in.Length)
	switch in.Class {
	case cpu.RDTSC, cpu.RDTSCP:
		ticks := uint64(p.Clock.SinceBoot().Nanoseconds()) * timestampPerMicrosecond / 1000
		p.cpu.SetReg(cpu.RAX, ticks&0xFFFFFFFF)
		p.cpu.SetReg(cpu.RDX, ticks>>32)
		if in.Class == cpu.RDTSCP {
			p.cpu.SetReg(cpu.RCX, 0)
		}
		// Reading the counter takes time; a loop that waits for it must end.
		p.Clock.Advance(CallTime)
		p.cpu.SetIP(next)
	case cpu.Privileged:
		p.crash(t, StatusPrivilegedInstruction, stop.IP, "", 0)
	default:
		p.Recorder.Gap(trace.Gap{Kind: trace.GapInstruction, Name: fmt.Sprintf("%s % x", in.Class, in.Bytes[:in.Length]), Caller: p.Place(stop.IP), Detail: "the processor model does not have this instruction"})
		p.crash(t, StatusIllegalInstruction, stop.IP, "", 0)
	}
}

// timestampPerMicrosecond is the frequency of the time-stamp counter: 1.99 GHz.
const timestampPerMicrosecond = 1992

// Raise raises an exception for a handler that found a guest pointer it cannot
// use, as the instruction in its place would have.
func (t *Thread) Raise(err *AccessError) {
	access := accessNames[err.Access]
	t.p.crash(t, StatusAccessViolation, t.p.cpu.IP(), access, err.Address)
}

// RaiseCode raises a software exception.
func (t *Thread) RaiseCode(code uint32) { t.p.crash(t, code, t.p.cpu.IP(), "", 0) }

// crash ends the process with an exception that nobody handles. Handlers of
// the guest are not called: where it has any, that is a gap.
func (p *Process) crash(t *Thread, code uint32, ip uint64, access string, target uint64) {
	place, module := fmt.Sprintf("%#x", ip), ""
	if m := p.ModuleAt(ip); m != nil {
		module = p.Place(ip)
		place = module
		if m.System == nil && len(m.Image.Unwind) > 0 {
			p.Recorder.Gap(trace.Gap{Kind: trace.GapBehaviour, Name: "structured exception handling", Caller: place, Detail: "the guest's exception handlers are not called"})
		}
	}
	name := statusNames[code]
	p.Emit(trace.Exception{Code: code, Name: name, Address: ip, Module: module, Access: access, Target: target})
	if name == "" {
		name = fmt.Sprintf("exception %#x", code)
	}
	detail := fmt.Sprintf("%s at %s", name, place)
	if access != "" {
		detail += fmt.Sprintf(", %s of %#x", access, target)
	}
	p.Emit(trace.Exit{Code: code, Reason: "exception"})
	p.halt(trace.Stop{Reason: trace.StopException, Detail: detail, ExitCode: code})
}
