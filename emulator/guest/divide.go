package guest

import (
	"encoding/binary"

	"sidetrace/emulator/cpu"
)

// divideCode tells apart the two reasons for a divide error, as Windows does:
// by looking at the divisor.
func (p *Process) divideCode(t *Thread) uint32 {
	if v, ok := p.divisor(t.Capture()); ok && v != 0 {
		return StatusIntegerOverflow
	}
	return StatusIntegerDivideByZero
}

// divisor reads the operand of the DIV or IDIV at the instruction pointer.
func (p *Process) divisor(c *Context) (uint64, bool) {
	code := make([]byte, 16)
	for i := range code {
		b, err := p.Mem.View(c.RIP+uint64(i), 1)
		if err != nil {
			break
		}
		code[i] = b[0]
	}
	size, rex, segment, narrow, n := 4, byte(0), uint64(0), false, 0
	for ; n < 10; n++ {
		switch code[n] {
		case 0x66:
			size = 2
		case 0x67:
			narrow = true
		case 0x64:
			segment = p.cpu.Reg(cpu.FSBase)
		case 0x65:
			segment = p.cpu.Reg(cpu.GSBase)
		case 0x26, 0x2E, 0x36, 0x3E, 0xF0, 0xF2, 0xF3:
		default:
			goto opcode
		}
	}
opcode:
	if code[n]&0xF0 == 0x40 {
		rex = code[n]
		n++
	}
	switch {
	case code[n] == 0xF6:
		size = 1
	case code[n] != 0xF7:
		return 0, false
	case rex&8 != 0:
		size = 8
	}
	modrm := code[n+1]
	if modrm>>4&3 != 3 { // /6 and /7
		return 0, false
	}
	if modrm>>6 == 3 {
		r := int(modrm&7) | int(rex&1)<<3
		v := c.GPR[r]
		if size == 1 && rex == 0 && r >= 4 {
			v = c.GPR[r-4] >> 8 // AH CH DH BH
		}
		return v & (1<<(8*size) - 1), true
	}
	at := operand(c, code[n+1:], rex, c.RIP+uint64(n)+1)
	if narrow {
		at &= 1<<32 - 1
	}
	v, err := p.Mem.ReadUint(at+segment, size)
	return v, err == nil
}

// operand is the address a ModRM byte and what follows it stand for; at is
// where the byte lies.
func operand(c *Context, code []byte, rex byte, at uint64) uint64 {
	mod, rm := code[0]>>6, int(code[0]&7)
	n := 1
	address := uint64(0)
	none := false
	if rm == 4 {
		sib := code[1]
		n = 2
		if index := int(sib>>3&7) | int(rex>>1&1)<<3; index != 4 {
			address = c.GPR[index] << (sib >> 6)
		}
		rm = int(sib & 7)
		none = rm == 5 && mod == 0
	} else if rm == 5 && mod == 0 {
		return at + 5 + uint64(int32(binary.LittleEndian.Uint32(code[1:])))
	}
	if !none {
		address += c.GPR[rm|int(rex&1)<<3]
	}
	switch {
	case mod == 1:
		address += uint64(int8(code[n]))
	case mod == 2 || none:
		address += uint64(int32(binary.LittleEndian.Uint32(code[n:])))
	}
	return address
}
