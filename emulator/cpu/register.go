package cpu

/*
#include "engine.h"
*/
import "C"

import "unsafe"

// Reg is a register of up to 64 bits.
type Reg uint8

// The general-purpose registers are in the order of their machine codes.
const (
	RAX Reg = iota
	RCX
	RDX
	RBX
	RSP
	RBP
	RSI
	RDI
	R8
	R9
	R10
	R11
	R12
	R13
	R14
	R15
	RIP
	EFLAGS
	GSBase
	FSBase
	MXCSR
	FPCW // x87 control word
	CS
	SS
	DS
	ES
	FS
	GS
	numRegs
)

var regIDs = [numRegs]C.int{
	C.UC_X86_REG_RAX, C.UC_X86_REG_RCX, C.UC_X86_REG_RDX, C.UC_X86_REG_RBX,
	C.UC_X86_REG_RSP, C.UC_X86_REG_RBP, C.UC_X86_REG_RSI, C.UC_X86_REG_RDI,
	C.UC_X86_REG_R8, C.UC_X86_REG_R9, C.UC_X86_REG_R10, C.UC_X86_REG_R11,
	C.UC_X86_REG_R12, C.UC_X86_REG_R13, C.UC_X86_REG_R14, C.UC_X86_REG_R15,
	C.UC_X86_REG_RIP, C.UC_X86_REG_EFLAGS, C.UC_X86_REG_GS_BASE, C.UC_X86_REG_FS_BASE,
	C.UC_X86_REG_MXCSR, C.UC_X86_REG_FPCW,
	C.UC_X86_REG_CS, C.UC_X86_REG_SS, C.UC_X86_REG_DS, C.UC_X86_REG_ES, C.UC_X86_REG_FS, C.UC_X86_REG_GS,
}

// Reg returns a register, narrower ones zero-extended. RIP costs nothing, nor
// do RSP after an API call and what SetReg has just set of RAX and RSP; the
// others cost a crossing.
func (c *CPU) Reg(r Reg) uint64 {
	switch {
	case r == RIP:
		return uint64(c.e.ip)
	case r == RAX && c.e.pending&C.ST_RAX != 0:
		return uint64(c.e.rax)
	case r == RSP && (c.e.pending|c.e.known)&C.ST_RSP != 0:
		return uint64(c.e.rsp)
	}
	return uint64(C.st_read(c.e, regIDs[r]))
}

// SetReg sets a register. RIP, RAX and RSP cost nothing, the others a crossing.
// Selectors are only remembered: the guest's memory is flat, with GSBase and
// FSBase.
func (c *CPU) SetReg(r Reg, value uint64) {
	switch r {
	case RIP:
		c.e.ip = C.uint64_t(value)
	case RAX:
		c.e.rax = C.uint64_t(value)
		c.e.pending |= C.ST_RAX
	case RSP:
		c.e.rsp = C.uint64_t(value)
		c.e.pending |= C.ST_RSP
	default:
		C.st_write(c.e, regIDs[r], C.uint64_t(value))
	}
}

// IP returns the address of the next instruction.
func (c *CPU) IP() uint64 { return uint64(c.e.ip) }

// SetIP sets the address of the next instruction.
func (c *CPU) SetIP(ip uint64) { c.e.ip = C.uint64_t(ip) }

// XMM returns register XMMi, i from 0 to 15.
func (c *CPU) XMM(i int) [16]byte {
	var v [16]byte
	C.uc_reg_read(c.e.uc, xmm(i), unsafe.Pointer(&v))
	return v
}

// SetXMM sets register XMMi, i from 0 to 15.
func (c *CPU) SetXMM(i int, v [16]byte) {
	C.uc_reg_write(c.e.uc, xmm(i), unsafe.Pointer(&v))
}

// Upper are the upper halves of the registers YMM0 to YMM15.
type Upper [16][16]byte

// Upper returns them.
func (c *CPU) Upper() Upper { return *(*Upper)(unsafe.Pointer(&c.e.upper)) }

// SetUpper sets them.
func (c *CPU) SetUpper(u Upper) { *(*Upper)(unsafe.Pointer(&c.e.upper)) = u }

func xmm(i int) C.int { return C.UC_X86_REG_XMM0 + C.int(uint(i)%16) }
