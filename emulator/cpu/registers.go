package cpu

/*
#include "engine.h"
#cgo noescape st_read_all
#cgo nocallback st_read_all
#cgo noescape st_write_all
#cgo nocallback st_write_all
*/
import "C"

import "unsafe"

// Registers is what an exception saves and sets of a processor at once. The
// rest of it, x87 and segments, stays where it is.
type Registers struct {
	GPR   [16]uint64 // in the order of [Reg]: RAX, RCX, … R15
	RIP   uint64
	Flags uint64 // EFLAGS
	MXCSR uint64
	XMM   [16][16]byte
}

// Registers reads them in one crossing.
func (c *CPU) Registers() Registers {
	var r C.st_registers
	C.st_read_all(c.e, &r)
	out := Registers{
		GPR: *(*[16]uint64)(unsafe.Pointer(&r.gpr)), RIP: c.IP(), Flags: uint64(r.flags), MXCSR: uint64(r.mxcsr),
		XMM: *(*[16][16]byte)(unsafe.Pointer(&r.xmm)),
	}
	out.GPR[RAX], out.GPR[RSP] = c.Reg(RAX), c.Reg(RSP)
	return out
}

// SetRegisters sets them in one crossing.
func (c *CPU) SetRegisters(in *Registers) {
	r := C.st_registers{flags: C.uint64_t(in.Flags), mxcsr: C.uint64_t(in.MXCSR)}
	*(*[16]uint64)(unsafe.Pointer(&r.gpr)) = in.GPR
	*(*[16][16]byte)(unsafe.Pointer(&r.xmm)) = in.XMM
	C.st_write_all(c.e, &r)
	c.SetIP(in.RIP)
}
