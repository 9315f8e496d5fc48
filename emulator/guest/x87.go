package guest

import (
	"encoding/binary"

	"sidetrace/emulator/cpu"
)

// Offsets in the area of FXSAVE, as a CONTEXT has it: Intel's manual, volume 1,
// section 10.5.1. The last instruction and its operand are not kept.
const (
	fxStatus    = 2
	fxTags      = 4
	fxRegisters = 0x20
)

// top is which register ST(0) is.
func top(status uint16) int { return int(status >> 11 & 7) }

// storeX87 writes the registers of x87: in the order of the stack, with a bit
// for each that is not empty in the order of their own.
func storeX87(b []byte, x *cpu.X87) {
	le := binary.LittleEndian
	le.PutUint16(b, x.FPCW)
	le.PutUint16(b[fxStatus:], x.FPSW)
	b[fxTags] = 0
	for i := range x.FP {
		if x.FPTag>>(2*i)&3 != 3 {
			b[fxTags] |= 1 << i
		}
		copy(b[fxRegisters+16*i:], x.FP[(top(x.FPSW)+i)&7][:10])
	}
}

// loadX87 reads them. What kind of number one holds the processor finds out.
func loadX87(b []byte) (x cpu.X87) {
	le := binary.LittleEndian
	x.FPCW, x.FPSW = le.Uint16(b), le.Uint16(b[fxStatus:])
	for i := range x.FP {
		if b[fxTags]>>i&1 == 0 {
			x.FPTag |= 3 << (2 * i)
		}
		copy(x.FP[(top(x.FPSW)+i)&7][:10], b[fxRegisters+16*i:])
	}
	return x
}
