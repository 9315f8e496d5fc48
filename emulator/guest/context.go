package guest

import (
	"encoding/binary"

	"sidetrace/emulator/cpu"
)

// ContextSize is the size in bytes of the CONTEXT structure on x86-64.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-context
const ContextSize = 1232

const (
	contextFlags  = 0x30
	contextMxCsr  = 0x34
	contextSegCs  = 0x38
	contextEFlags = 0x44
	contextRax    = 0x78 // sixteen registers in the order of their encoding
	contextRip    = 0xF8
	contextXmm    = 0x1A0
	contextFull   = 0x10000B // CONTEXT_AMD64 with control, integer and floating point
)

var contextOrder = [...]cpu.Reg{
	cpu.RAX, cpu.RCX, cpu.RDX, cpu.RBX, cpu.RSP, cpu.RBP, cpu.RSI, cpu.RDI,
	cpu.R8, cpu.R9, cpu.R10, cpu.R11, cpu.R12, cpu.R13, cpu.R14, cpu.R15,
}

// StoreContext stores the registers as they will be when the API call being
// handled has returned. b has [ContextSize] bytes.
func (t *Thread) StoreContext(b []byte) {
	c := t.p.cpu
	clear(b)
	binary.LittleEndian.PutUint32(b[contextFlags:], contextFull)
	binary.LittleEndian.PutUint32(b[contextMxCsr:], uint32(c.Reg(cpu.MXCSR)))
	for i, sel := range []uint16{0x33, 0x2B, 0x2B, 0x53, 0x2B, 0x2B} { // CS DS ES FS GS SS of user mode
		binary.LittleEndian.PutUint16(b[contextSegCs+2*i:], sel)
	}
	binary.LittleEndian.PutUint32(b[contextEFlags:], uint32(c.Reg(cpu.EFLAGS)))
	for i, r := range contextOrder {
		v := c.Reg(r)
		if r == cpu.RSP {
			v += 8
		}
		binary.LittleEndian.PutUint64(b[contextRax+8*i:], v)
	}
	binary.LittleEndian.PutUint64(b[contextRip:], t.caller())
	for i := range 16 {
		x := c.XMM(i)
		copy(b[contextXmm+16*i:], x[:])
	}
}
