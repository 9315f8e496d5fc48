package win

import (
	"encoding/binary"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest"
)

// This file is about what the stub of an export says to code that reads it. The
// engine stops at its start and never runs it, but where the guest has written
// to its page, or has copied it somewhere, it runs as the code it is: so it is
// a system call, as the stubs of ntdll.dll are, of a number that no service has.
// A hook's trampoline, which has the first instructions of the stub and jumps
// back to the rest, comes to the handler that way; and these instructions lie
// where those of ntdll.dll do, in pieces that can be moved.

const (
	stubEntered  = 0x03 // from here on R10 is RCX,
	stubNumber   = 0x04
	stubNumbered = 0x08 // and RAX the number
)

var stubCode = [guest.StubSize]byte{
	0x4C, 0x8B, 0xD1, // mov r10, rcx
	0xB8, 0, 0, 0, 0, // mov eax, number
	0x0F, 0x05, // syscall
	0xC3,       // ret: guest.StubReturn
	0xCC, 0xC3, // int3; ret: guest.StubBreak, what DbgBreakPoint is
	0xCC, 0xCC, 0xCC, // int3
}

// stubCalls is the number of the first stub's system call. Windows' own numbers
// have 14 bits.
const stubCalls = 0x4000_0000

// fillStubs writes the stubs that begin at an address, system services first.
func fillStubs(text []byte, services []service, at uint64) {
	number := uint32(stubCalls + (at-guest.SystemBase)/guest.StubSize)
	for n := copy(text, serviceStubs(services)); n < len(text); n += guest.StubSize {
		copy(text[n:], stubCode[:])
		binary.LittleEndian.PutUint32(text[n+stubNumber:], number+uint32(n/guest.StubSize))
	}
}

// stubOf finds the stub whose system call has a number; 0 if none has.
func (l *Library) stubOf(number uint32) uint64 {
	if at := uint64(number-stubCalls) * guest.StubSize; number >= stubCalls && at < l.System.Size {
		return guest.SystemBase + at
	}
	return 0
}

// enterStub makes the call of a stub, the rest of which is being run somewhere
// else or from its middle: the stack is as it was when the stub was entered.
func (d *Dispatcher) enterStub(t *guest.Thread, stub uint64) {
	c := t.Process().CPU()
	stop := cpu.Stop{
		Kind: cpu.APICall, IP: stub,
		RCX: c.Reg(cpu.RCX), RDX: c.Reg(cpu.RDX), R8: c.Reg(cpu.R8), R9: c.Reg(cpu.R9), RSP: c.Reg(cpu.RSP),
	}
	mem := t.Process().Mem
	stop.ReturnAddress, _ = mem.ReadUint(stop.RSP, 8)
	for i := range stop.Stack {
		stop.Stack[i], _ = mem.ReadUint(stop.RSP+0x28+8*uint64(i), 8) // not every function has so many
	}
	c.SetIP(stub)
	d.Dispatch(t, &stop)
}
