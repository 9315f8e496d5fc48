package cpu

/*
#include "engine.h"
*/
import "C"

import "fmt"

// Kind is why Run returned.
type Kind uint8

// The kinds of stop. Whatever is said about IP holds for [Stop.IP] and for
// [CPU.IP]: a Run without change continues there.
const (
	// APICall: the instruction at IP is in the stub range and has not run.
	APICall Kind = iota + 1
	// Fault: a page fault. IP is the faulting instruction, which has had no
	// effect; of a REP instruction the finished iterations have, and the
	// registers count them. For a fetch IP is the target.
	Fault
	// Interrupt: a software interrupt or a processor exception, in Vector.
	// IP is after an INT instruction, after the instruction that was
	// single-stepped, or at the instruction that raised the exception.
	Interrupt
	// InvalidInstruction: the instruction at IP is undefined (#UD).
	InvalidInstruction
	// Syscall: a SYSCALL instruction has run without effect; IP is after it.
	Syscall
	// NewCode: the block at IP, in a watched range, was freshly translated from
	// bytes that are not the known ones, and is about to run.
	NewCode
	// Limit: the limit of blocks or of translation is reached; the block at IP
	// has not run.
	Limit
	// Interrupted: Interrupt was called; the block at IP has not run.
	Interrupted
	// Special: the instruction at IP is of a Class the engine must not run, and
	// has not run. Emulate it and set IP after it, or raise its exception.
	Special
	// Breakpoint: the instruction at IP is one of [CPU.SetBreakpoints], and has
	// not run.
	Breakpoint
	// Failure: libunicorn gave up, with the reason in Err.
	Failure
)

var kindNames = [...]string{"none", "api call", "fault", "interrupt", "invalid instruction", "syscall",
	"new code", "limit", "interrupted", "special", "breakpoint", "failure"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Access is what a faulting instruction wanted to do.
type Access uint8

// The accesses that fault.
const (
	ReadAccess Access = iota + 1
	WriteAccess
	FetchAccess
)

func (a Access) String() string {
	switch a {
	case ReadAccess:
		return "read"
	case WriteAccess:
		return "write"
	case FetchAccess:
		return "fetch"
	}
	return fmt.Sprintf("Access(%d)", uint8(a))
}

// StackArgs is the number of stack arguments that come with an API call.
const StackArgs = C.ST_STACK_ARGS

// Stop is what ended a Run. Only the fields of its Kind have meaning.
type Stop struct {
	Kind Kind
	IP   uint64 // see Kind

	// APICall: arguments as at the stub's first instruction. Stack is from
	// RSP+0x28, the fifth argument onward; what cannot be read is 0.
	RCX, RDX, R8, R9, RSP, ReturnAddress uint64
	Stack                                [StackArgs]uint64

	// Fault: the first inaccessible byte, all ones if the address is not
	// canonical, and the size of the access, or of its part.
	Address  uint64
	Size     int
	Access   Access
	Unmapped bool // nothing is mapped there; otherwise the rights forbid it

	Vector      int         // Interrupt
	BlockSize   int         // NewCode: bytes of the block at IP
	Instruction Instruction // Special
	Operand     uint64      // Special: the address of its memory operand, if it has one
	Err         error       // Failure: an *Error
}

// copyStop brings Stop up to date. Fields of other kinds keep old values: an
// API call has no time for clearing them.
func (c *CPU) copyStop() *Stop {
	e, s := c.e, &c.stop
	s.Kind = Kind(e.kind)
	s.IP = uint64(e.ip)
	switch s.Kind {
	case APICall:
		s.RCX, s.RDX, s.R8, s.R9 = uint64(e.rcx), uint64(e.rdx), uint64(e.r8), uint64(e.r9)
		s.RSP = uint64(e.rsp)
		s.ReturnAddress = uint64(e.frame[0])
		for i := range s.Stack {
			s.Stack[i] = uint64(e.frame[5+i])
		}
	case Fault:
		s.Address = uint64(e.fault_address)
		s.Size = int(e.fault_size)
		s.Access = Access(e.fault_access)
		s.Unmapped = e.fault_unmapped != 0
	case Interrupt:
		s.Vector = int(e.vector)
	case NewCode:
		s.BlockSize = int(e.block_size)
	case Special:
		s.Operand = uint64(e.operand)
		s.Instruction = Instruction{Class: Class(e.instruction.class), Length: int(e.instruction.length), ModRM: int(e.instruction.modrm_at)}
		for i := range s.Instruction.Length {
			s.Instruction.Bytes[i] = byte(e.bytes[i])
		}
	case Failure:
		s.Err = &Error{Op: "run", Address: s.IP, Code: int(e.error), Text: C.GoString(e.failure)}
	}
	return s
}
