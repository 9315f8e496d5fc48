package crt

import (
	"encoding/binary"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// A jmp_buf is a _JUMP_BUFFER: setjmp.h of the Windows SDK.
const (
	jumpFrame  = 0x00
	jumpIP     = 0x50
	jumpMXCSR  = 0x58
	jumpFPCW   = 0x5C
	jumpXMM6   = 0x60
	jumpLength = 0x100
)

// jumpRegisters are the integer registers, from offset 8 on. RSP and RIP are
// those the caller of setjmp has when it returns.
var jumpRegisters = [...]cpu.Reg{
	cpu.RBX, cpu.RSP, cpu.RBP, cpu.RSI, cpu.RDI, cpu.R12, cpu.R13, cpu.R14, cpu.R15, cpu.RIP,
}

// jumpRows are the functions behind the macro setjmp.
var jumpRows = win.Rows{
	win.Func2("__intrinsic_setjmp", setjmp, "env frame"),
	win.Func2("__intrinsic_setjmpex", setjmp, "env frame"),
	win.Func2("_setjmp", setjmp, "env frame"),
	win.Func2("_setjmpex", setjmp, "env frame"),
}

// setjmp saves the registers a function preserves.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/setjmp
func setjmp(c *win.Call, env, frame win.Ptr) (win.Int, win.Error) {
	b := c.Buffer(env, jumpLength)
	if c.Faulted() {
		return 0, 0
	}
	p := c.CPU()
	binary.LittleEndian.PutUint64(b[jumpFrame:], uint64(frame))
	for i, r := range jumpRegisters {
		v := p.Reg(r)
		switch r {
		case cpu.RSP:
			v += 8 // behind the return address
		case cpu.RIP:
			v = c.Caller
		}
		binary.LittleEndian.PutUint64(b[8+8*i:], v)
	}
	binary.LittleEndian.PutUint32(b[jumpMXCSR:], uint32(p.Reg(cpu.MXCSR)))
	binary.LittleEndian.PutUint32(b[jumpFPCW:], uint32(p.Reg(cpu.FPCW)))
	for i := range 10 {
		v := p.XMM(6 + i)
		copy(b[jumpXMM6+16*i:], v[:])
	}
	return 0, 0
}

// longjmp goes back to where setjmp was called, which returns value, or 1 in
// the place of 0. The frames left are told of it, where setjmp noted its own.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/longjmp
func longjmp(c *win.Call, env win.Ptr, value win.Int) (win.Void, win.Error) {
	b := c.Bytes(env, jumpLength)
	if c.Faulted() {
		return win.Void{}, 0
	}
	if value == 0 {
		value = 1
	}
	record := &guest.Record{Code: guest.StatusLongJump, Info: []uint64{uint64(env)}}
	if frame := binary.LittleEndian.Uint64(b[jumpFrame:]); frame != 0 {
		c.T.UnwindFor(frame, binary.LittleEndian.Uint64(b[jumpIP:]), record, uint64(uint32(value)))
		return win.Void{}, 0
	}
	next := c.T.CaptureCaller()
	next.GPR[cpu.RAX] = uint64(uint32(value))
	c.T.Jump(next, uint64(env))
	return win.Void{}, 0
}
