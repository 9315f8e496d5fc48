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
// rest of it, the segments, stays where it is.
type Registers struct {
	GPR   [16]uint64 // in the order of [Reg]: RAX, RCX, … R15
	RIP   uint64
	Flags uint64 // EFLAGS
	MXCSR uint64
	XMM   [16][16]byte
	X87
}

// X87 are the registers of x87.
type X87 struct {
	FPCW, FPSW, FPTag uint16      // control, status, and tag words; the latter with two bits for a register
	FP                [8][16]byte // the registers themselves, in their own order and not the stack's, ten bytes each
}

// Registers reads them in one crossing.
func (c *CPU) Registers() Registers {
	var r C.st_registers
	C.st_read_all(c.e, &r)
	out := Registers{
		GPR: *(*[16]uint64)(unsafe.Pointer(&r.gpr)), RIP: c.IP(), Flags: uint64(r.flags), MXCSR: uint64(r.mxcsr),
		XMM: *(*[16][16]byte)(unsafe.Pointer(&r.xmm)),
		X87: X87{uint16(r.fpcw), uint16(r.fpsw), uint16(r.fptag), *(*[8][16]byte)(unsafe.Pointer(&r.fp))},
	}
	out.GPR[RAX], out.GPR[RSP] = c.Reg(RAX), c.Reg(RSP)
	return out
}

// SetRegisters sets them in one crossing.
func (c *CPU) SetRegisters(in *Registers) {
	r := C.st_registers{
		flags: C.uint64_t(in.Flags), mxcsr: C.uint64_t(in.MXCSR),
		fpcw: C.uint64_t(in.FPCW), fpsw: C.uint64_t(in.FPSW), fptag: C.uint64_t(in.FPTag),
	}
	*(*[8][16]byte)(unsafe.Pointer(&r.fp)) = in.FP
	*(*[16]uint64)(unsafe.Pointer(&r.gpr)) = in.GPR
	*(*[16][16]byte)(unsafe.Pointer(&r.xmm)) = in.XMM
	C.st_write_all(c.e, &r)
	c.SetIP(in.RIP)
}
