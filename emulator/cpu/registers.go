package cpu

/*
#include "engine.h"
*/
import "C"

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
	out := Registers{RIP: c.IP(), Flags: uint64(r.flags), MXCSR: uint64(r.mxcsr)}
	for i := range out.GPR {
		out.GPR[i] = uint64(r.gpr[i])
		for j := range out.XMM[i] {
			out.XMM[i][j] = byte(r.xmm[i][j])
		}
	}
	out.GPR[RAX], out.GPR[RSP] = c.Reg(RAX), c.Reg(RSP)
	return out
}

// SetRegisters sets them in one crossing.
func (c *CPU) SetRegisters(in *Registers) {
	r := C.st_registers{flags: C.uint64_t(in.Flags), mxcsr: C.uint64_t(in.MXCSR)}
	for i := range in.GPR {
		r.gpr[i] = C.uint64_t(in.GPR[i])
		for j := range in.XMM[i] {
			r.xmm[i][j] = C.uint8_t(in.XMM[i][j])
		}
	}
	C.st_write_all(c.e, &r)
	c.SetIP(in.RIP)
}
