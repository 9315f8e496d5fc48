package guest

import (
	"errors"
	"fmt"

	"sidetrace/emulator/cpu"
)

// special carries out instructions the engine would do in its own way, or
// raises what Windows raises for them in user mode.
func (p *Process) special(t *Thread, stop *cpu.Stop) {
	in := stop.Instruction
	next := stop.IP + uint64(in.Length)
	switch in.Class {
	case cpu.RDTSC, cpu.RDTSCP:
		ticks := p.timestamp()
		p.cpu.SetReg(cpu.RAX, ticks&0xFFFFFFFF)
		p.cpu.SetReg(cpu.RDX, ticks>>32)
		if in.Class == cpu.RDTSCP {
			p.cpu.SetReg(cpu.RCX, 0)
		}
		// Reading the counter takes time; a loop that waits for it must end.
		p.Clock.Advance(CallTime)
		p.cpu.SetIP(next)
	case cpu.RDRAND, cpu.RDSEED:
		o := operandsOf(in)
		p.setRegister(o.rm(), o.size, p.Random.Uint64())
		p.cpu.SetReg(cpu.EFLAGS, p.cpu.Reg(cpu.EFLAGS)&^arithmeticFlags|carryFlag)
		p.cpu.SetIP(next)
	case cpu.Table:
		p.storeTable(t, stop)
	case cpu.Segment:
		p.loadSegment(t, stop)
	case cpu.Far:
		p.far(t, stop)
	case cpu.IRET:
		p.interruptReturn(t, stop)
	case cpu.Privileged:
		t.fault(StatusPrivilegedInstruction, stop.IP)
	case cpu.Undefined, cpu.XGETBV: // as CPUID says
		t.fault(StatusIllegalInstruction, stop.IP)
	default:
		p.gap(fmt.Sprintf("%s % x", in.Class, in.Bytes[:in.Length]), "the processor model does not have this instruction")
		t.fault(StatusIllegalInstruction, stop.IP)
	}
}

// timestampPerMicrosecond is the frequency of the time-stamp counter: 1.992 GHz,
// as CPUID says.
const timestampPerMicrosecond = 1992

func (p *Process) timestamp() uint64 {
	return uint64(p.Clock.SinceBoot().Nanoseconds()) * timestampPerMicrosecond / 1000
}

const (
	carryFlag       = 0x001
	arithmeticFlags = 0x8D5 // OF SF ZF AF PF CF
)

// operands is what an instruction says of its operands.
type operands struct {
	rex, modrm byte
	opcode     byte // the last of its opcode bytes
	size       int  // of the operand, in bytes
}

// operandsOf looks at the prefixes and bytes of an instruction with or without
// ModRM, of the one-byte map or map 0F.
func operandsOf(in cpu.Instruction) operands {
	o := operands{size: 4}
	code := in.Bytes[:in.Length]
	for ; len(code) > 1; code = code[1:] {
		switch b := code[0]; {
		case b == 0x66:
			o.size = 2
		case b>>4 == 4:
			o.rex = b
		case b == 0x26, b == 0x2E, b == 0x36, b == 0x3E, b == 0x64, b == 0x65, b == 0x67, b >= 0xF0 && b <= 0xF3:
		default:
			if b == 0x0F {
				code = code[1:]
			}
			o.opcode = code[0]
			if in.ModRM > 0 {
				o.modrm = in.Bytes[in.ModRM]
			}
			if o.rex&8 != 0 {
				o.size = 8
			}
			return o
		}
	}
	o.opcode = code[0]
	if o.rex&8 != 0 {
		o.size = 8
	}
	return o
}

func (o operands) memory() bool   { return o.modrm < 0xC0 }
func (o operands) extension() int { return int(o.modrm >> 3 & 7) }
func (o operands) reg() cpu.Reg   { return cpu.Reg(o.modrm>>3&7 | o.rex<<1&8) }
func (o operands) rm() cpu.Reg    { return cpu.Reg(o.modrm&7 | o.rex<<3&8) }

// setRegister writes a register as an instruction with that operand size does.
func (p *Process) setRegister(r cpu.Reg, size int, v uint64) {
	switch size {
	case 2:
		v = p.cpu.Reg(r)&^0xFFFF | v&0xFFFF
	case 4:
		v &= 0xFFFFFFFF
	}
	p.cpu.SetReg(r, v)
}

// inaccessible raises what an instruction meets whose operand cannot be
// accessed.
func (t *Thread) inaccessible(ip uint64, err *AccessError) {
	code, grown := t.touch(err.Address)
	if !grown { // else it runs again
		t.fault(code, ip, accessCodes[err.Access], err.Address)
	}
}

// protection raises a general protection fault: an access violation that does
// not know its address.
func (t *Thread) protection(ip uint64) { t.fault(StatusAccessViolation, ip, 0, ^uint64(0)) }

// load reads an operand of an instruction, or raises its fault.
func (t *Thread) load(ip, addr uint64, size int) (uint64, bool) {
	v, err := t.p.Mem.ReadUint(addr, size)
	return v, t.accessed(ip, err)
}

// store writes one.
func (t *Thread) store(ip, addr uint64, size int, v uint64) bool {
	return t.accessed(ip, t.p.Mem.WriteUint(addr, size, v))
}

func (t *Thread) accessed(ip uint64, err error) bool {
	if err == nil {
		return true
	}
	var access *AccessError
	if errors.As(err, &access) {
		t.inaccessible(ip, access)
	} else {
		t.protection(ip)
	}
	return false
}

// What the instructions that show system registers give. The processor has no
// UMIP; the tables are where they may be in a running system.
const (
	gdtBase, gdtLimit = 0xFFFFF804_6F8D_0FB0, 0x57
	idtBase, idtLimit = 0xFFFFF804_6F8C_E000, 0xFFF
	taskRegister      = 0x40
	controlRegister   = 0x80050033 // CR0
)

// storeTable is SGDT, SIDT, SLDT, STR and SMSW.
func (p *Process) storeTable(t *Thread, stop *cpu.Stop) {
	o := operandsOf(stop.Instruction)
	value := uint64(0) // SLDT
	switch table := o.opcode == 0x01; {
	case table && o.extension() < 2:
		base, limit := uint64(gdtBase), uint64(gdtLimit)
		if o.extension() == 1 {
			base, limit = idtBase, idtLimit
		}
		if !t.store(stop.IP, stop.Operand+2, 8, base) || !t.store(stop.IP, stop.Operand, 2, limit) {
			return
		}
		p.cpu.SetIP(stop.IP + uint64(stop.Instruction.Length))
		return
	case table:
		value = controlRegister
	case o.extension() == 1:
		value = taskRegister
	}
	if !o.memory() {
		p.setRegister(o.rm(), o.size, value)
	} else if !t.store(stop.IP, stop.Operand, 2, value&0xFFFF) {
		return
	}
	p.cpu.SetIP(stop.IP + uint64(stop.Instruction.Length))
}

// Selectors of Windows' descriptor table, without their privilege level.
const (
	code32Selector = 0x20
	dataSelector   = 0x28
	code64Selector = 0x30
	tebSelector    = 0x50
	userLevel      = 3
)

// segmentRegisters are in the order of their machine codes.
var segmentRegisters = [...]cpu.Reg{cpu.ES, cpu.CS, cpu.SS, cpu.DS, cpu.FS, cpu.GS}

// loadableSelector says whether user mode may load a selector into a segment register.
func loadableSelector(segment cpu.Reg, selector uint64) bool {
	switch selector &^ 3 {
	case 0, code32Selector, code64Selector:
		return segment != cpu.SS
	case dataSelector, tebSelector:
		return segment != cpu.SS || selector&3 == userLevel
	}
	return false
}

// loadSegment is MOV to a segment register, POP FS and GS, LSS, LFS and LGS. All
// segments are flat; a load gives FS or GS the base 0, and so takes the TEB away.
func (p *Process) loadSegment(t *Thread, stop *cpu.Stop) {
	o := operandsOf(stop.Instruction)
	var (
		segment  cpu.Reg
		selector uint64
		ok       = true
		finish   = func() {}
	)
	switch o.opcode {
	case 0x8E:
		if e := o.extension(); e >= len(segmentRegisters) || segmentRegisters[e] == cpu.CS {
			t.fault(StatusIllegalInstruction, stop.IP)
			return
		}
		segment = segmentRegisters[o.extension()]
		if o.memory() {
			selector, ok = t.load(stop.IP, stop.Operand, 2)
		} else {
			selector = p.cpu.Reg(o.rm()) & 0xFFFF
		}
	case 0xA1, 0xA9:
		segment = cpu.FS
		if o.opcode == 0xA9 {
			segment = cpu.GS
		}
		rsp, size := p.cpu.Reg(cpu.RSP), 8
		if o.size == 2 {
			size = 2
		}
		selector, ok = t.load(stop.IP, rsp, 2)
		finish = func() { p.cpu.SetReg(cpu.RSP, rsp+uint64(size)) }
	default:
		if !o.memory() {
			t.fault(StatusIllegalInstruction, stop.IP)
			return
		}
		segment = map[byte]cpu.Reg{0xB2: cpu.SS, 0xB4: cpu.FS, 0xB5: cpu.GS}[o.opcode]
		var offset uint64
		if offset, ok = t.load(stop.IP, stop.Operand, o.size); ok {
			selector, ok = t.load(stop.IP, stop.Operand+uint64(o.size), 2)
		}
		finish = func() { p.setRegister(o.reg(), o.size, offset) }
	}
	if !ok {
		return
	}
	if !loadableSelector(segment, selector) {
		t.protection(stop.IP)
		return
	}
	finish()
	p.cpu.SetReg(segment, selector)
	switch segment {
	case cpu.FS:
		p.cpu.SetReg(cpu.FSBase, 0)
	case cpu.GS:
		p.cpu.SetReg(cpu.GSBase, 0)
	}
	p.cpu.SetIP(stop.IP + uint64(stop.Instruction.Length))
}

// transfer goes to another code segment, if that is the one of 64-bit code.
func (p *Process) transfer(t *Thread, ip, selector uint64, finish func()) {
	switch selector &^ 3 {
	case code64Selector:
		finish()
	case code32Selector:
		p.gap("32-bit code", fmt.Sprintf("a far transfer to selector %#x: only 64-bit code is emulated", selector))
		t.fault(StatusIllegalInstruction, ip)
	default:
		t.protection(ip)
	}
}

// far is a far return, jump or call.
func (p *Process) far(t *Thread, stop *cpu.Stop) {
	o := operandsOf(stop.Instruction)
	rsp, size := p.cpu.Reg(cpu.RSP), uint64(o.size)
	at := rsp
	switch o.opcode {
	case 0xCA, 0xCB:
	case 0xFF:
		if !o.memory() {
			t.fault(StatusIllegalInstruction, stop.IP)
			return
		}
		at = stop.Operand
	default: // SYSENTER, which 64-bit Windows does not set up
		t.protection(stop.IP)
		return
	}
	target, ok := t.load(stop.IP, at, o.size)
	if !ok {
		return
	}
	selector, ok := t.load(stop.IP, at+size, 2)
	if !ok {
		return
	}
	if o.opcode != 0xFF && selector&3 != userLevel {
		t.protection(stop.IP)
		return
	}
	p.transfer(t, stop.IP, selector, func() {
		switch {
		case o.opcode == 0xFF && o.extension() == 3:
			if !t.store(stop.IP, rsp-size, o.size, p.cpu.Reg(cpu.CS)) || !t.store(stop.IP, rsp-2*size, o.size, stop.IP+uint64(stop.Instruction.Length)) {
				return
			}
			rsp -= 2 * size
		case o.opcode == 0xCA:
			n := stop.Instruction.Length
			rsp += uint64(stop.Instruction.Bytes[n-2]) | uint64(stop.Instruction.Bytes[n-1])<<8
			fallthrough
		case o.opcode == 0xCB:
			rsp += 2 * size
		}
		p.cpu.SetReg(cpu.RSP, rsp)
		p.cpu.SetIP(target)
	})
}

// interruptReturn is IRET, which user mode may use to go to user mode.
func (p *Process) interruptReturn(t *Thread, stop *cpu.Stop) {
	o := operandsOf(stop.Instruction)
	rsp := p.cpu.Reg(cpu.RSP)
	var frame [5]uint64 // RIP CS RFLAGS RSP SS
	for i := range frame {
		var ok bool
		if frame[i], ok = t.load(stop.IP, rsp+uint64(i*o.size), o.size); !ok {
			return
		}
	}
	if frame[1]&3 != userLevel || !loadableSelector(cpu.SS, frame[4]&0xFFFF) {
		t.protection(stop.IP)
		return
	}
	p.transfer(t, stop.IP, frame[1]&0xFFFF, func() {
		p.cpu.SetReg(cpu.EFLAGS, p.cpu.Reg(cpu.EFLAGS)&^userFlags|frame[2]&userFlags)
		p.cpu.SetReg(cpu.RSP, frame[3])
		p.cpu.SetIP(frame[0])
	})
}

// simdCode is the exception of an unmasked SIMD floating-point exception: the
// first of those that MXCSR shows and does not mask.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/control87-controlfp-control87-2
func simdCode(mxcsr uint32) uint32 {
	unmasked := mxcsr &^ (mxcsr >> 7) & 0x3F
	for i, code := range [...]uint32{StatusFloatInvalidOperation, StatusFloatDenormalOperand, StatusFloatDivideByZero, StatusFloatOverflow, StatusFloatUnderflow, StatusFloatInexactResult} {
		if unmasked>>i&1 != 0 {
			return code
		}
	}
	return StatusFloatInvalidOperation
}
