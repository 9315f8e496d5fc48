package unwind

import "encoding/binary"

// The rules are: an epilogue is at most one "add rsp, n" or "lea rsp,
// [frame+n]", then pops, then a return or a jump out of the function. Nothing
// else begins with these and ends so. What has not run yet is carried out on
// the context.
//
// https://learn.microsoft.com/cpp/build/prolog-and-epilog#epilog-code

// maxEpilog bounds the instructions of an epilogue: no more than sixteen
// registers can be popped.
const maxEpilog = 18

// epilog reports whether pc is in an epilogue, and undoes the rest of the
// frame if it is.
func epilog(m Memory, base, pc uint64, fn Function, info info, c *Context, saved *Saved) (bool, error) {
	if info.version == 2 && !info.inEpilog(pc-base, fn) {
		return false, nil
	}
	after := *c
	restored := Saved{}
	at := pc
	for n := range maxEpilog {
		code := instruction(m, at)
		if code == nil {
			return false, nil
		}
		rex := byte(0)
		op := code
		if op[0]&0xF0 == 0x40 {
			rex, op = op[0], op[1:]
		}
		length := uint64(len(code) - len(op))
		switch {
		case n == 0 && rex == 0x48 && op[0] == 0x83 && op[1] == 0xC4: // add rsp, imm8
			after.GPR[rsp] += uint64(int8(op[2]))
			length += 3
		case n == 0 && rex == 0x48 && op[0] == 0x81 && op[1] == 0xC4: // add rsp, imm32
			after.GPR[rsp] += uint64(int32(binary.LittleEndian.Uint32(op[2:])))
			length += 6
		case n == 0 && rex&0xFE == 0x48 && op[0] == 0x8D && info.register != 0: // lea rsp, [frame+disp]
			size, ok := lea(op, rex, info.register, &after)
			if !ok {
				return false, nil
			}
			length += size
		case op[0]&0xF8 == 0x58 && rex&0xFE == 0x40 || op[0]&0xF8 == 0x58 && rex == 0: // pop
			if err := pop(m, int(op[0]&7)|int(rex&1)<<3, &after, &restored); err != nil {
				return false, nil
			}
			length++
		case returns(op, rex), jumpsOut(base, at, length, fn, info, op, rex):
			if err := Leaf(m, &after); err != nil {
				return false, nil
			}
			*c, *saved = after, restored
			return true, nil
		default:
			return false, nil
		}
		at += length
	}
	return false, nil
}

// longestEpilog is the length of the longest instruction looked at.
const longestEpilog = 8

// instruction returns the bytes at an address, padded with zeros to what is
// looked at, or nil if there are none.
func instruction(m Memory, at uint64) []byte {
	code := make([]byte, longestEpilog)
	if b, err := m.View(at, longestEpilog); err == nil {
		copy(code, b)
		return code
	}
	for i := range code {
		b, err := m.View(at+uint64(i), 1)
		if err != nil {
			if i == 0 {
				return nil
			}
			break
		}
		code[i] = b[0]
	}
	return code
}

// lea sets RSP as "lea rsp, [frame+disp]" does.
func lea(op []byte, rex byte, register int, c *Context) (length uint64, ok bool) {
	mod, reg, rm := op[1]>>6, op[1]>>3&7, int(op[1]&7)|int(rex&1)<<3
	if reg != rsp || rm != register || rm&7 == rsp {
		return 0, false
	}
	switch mod {
	case 1:
		c.GPR[rsp] = c.GPR[rm] + uint64(int8(op[2]))
		return 3, true
	case 2:
		c.GPR[rsp] = c.GPR[rm] + uint64(int32(binary.LittleEndian.Uint32(op[2:])))
		return 6, true
	}
	return 0, false
}

// returns reports whether an instruction is a return.
func returns(op []byte, rex byte) bool {
	return op[0] == 0xC3 || op[0] == 0xC2 || rex == 0 && op[0] == 0xF3 && op[1] == 0xC3
}

// jumpsOut reports whether an instruction is a jump to another function: a
// direct one whose target is outside of this one or its beginning, or one
// through memory or a register with a REX prefix, as compilers mark it.
func jumpsOut(base, at, prefix uint64, fn Function, info info, op []byte, rex byte) bool {
	var target uint64
	switch {
	case op[0] == 0xEB:
		target = at + prefix + 2 + uint64(int8(op[1]))
	case op[0] == 0xE9:
		target = at + prefix + 5 + uint64(int32(binary.LittleEndian.Uint32(op[1:])))
	case op[0] == 0xFF && op[1] == 0x25:
		return true
	default:
		return op[0] == 0xFF && rex&0xF8 == 0x48 && op[1]&0x38 == 0x20
	}
	offset := target - base
	return offset < uint64(fn.Begin) || offset >= uint64(fn.End) || offset == uint64(fn.Begin) && info.flags&chained == 0
}

// inEpilog looks an address up in the list of epilogues that version 2 has.
func (i *info) inEpilog(rva uint64, fn Function) bool {
	size := uint64(0)
	for slot := 0; 2*slot < len(i.codes); slot++ {
		b := i.codes[2*slot:]
		if b[1]&15 != epilogOrXMM {
			break // they come first
		}
		if slot == 0 {
			// The first says how long they are, and whether one is at the end.
			size = uint64(b[0])
			if start := uint64(fn.End) - size; b[1]>>4&1 != 0 && rva >= start && rva < start+size {
				return true
			}
			continue
		}
		back := uint64(b[0]) | uint64(b[1]>>4)<<8
		if start := uint64(fn.End) - back; back != 0 && rva >= start && rva < start+size {
			return true
		}
	}
	return false
}
