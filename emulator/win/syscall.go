package win

import (
	"fmt"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// This file serves system calls by instructions: the guest's own SYSCALL or
// INT 2E, or those in the stubs of ntdll.dll that the guest jumps to. The
// number is in RAX and the first argument in R10; the others are where a
// function has them, the return address to the stub's caller being on top of
// the stack. The call is recorded as that of the service's export, marked as
// direct, with the place behind the instruction as its caller, or, where the
// instruction is ntdll's own, that which it returns to.

// Service handles a system call that the instruction before stop.IP made.
// SYSCALL leaves the address it returns to in RCX and the flags in R11.
func (d *Dispatcher) Service(t *guest.Thread, stop *cpu.Stop) {
	p := t.Process()
	if stub := d.lib.stubOf(uint32(p.CPU().Reg(cpu.RAX))); stub != 0 {
		d.enterStub(t, stub)
		return
	}
	ip, rsp := stop.IP, p.CPU().Reg(cpu.RSP)
	syscall := stop.Kind == cpu.Syscall
	result, back := d.service(t, p.CPU().Reg(cpu.RAX), ip, rsp)
	if !back {
		return
	}
	p.CPU().SetReg(cpu.RAX, result)
	p.CPU().SetReg(cpu.RSP, rsp)
	p.CPU().SetIP(ip)
	if syscall {
		p.CPU().SetReg(cpu.RCX, ip)
		p.CPU().SetReg(cpu.R11, p.CPU().Reg(cpu.EFLAGS))
	}
}

// enterService carries out the rest of a system service's stub from an offset
// on. The middle of one of its instructions is no place to be.
func (d *Dispatcher) enterService(t *guest.Thread, stop *cpu.Stop, number uint32, offset uint64) {
	p := t.Process()
	rax := p.CPU().Reg(cpu.RAX)
	switch offset {
	case 0: // nobody handles it
		p.CPU().SetReg(cpu.R10, stop.RCX)
		rax = uint64(number)
	case serviceEntered:
		rax = uint64(number)
	case serviceNumbered, serviceTested, serviceInstruction, serviceInstructionInt:
	case serviceReturn, serviceReturnInt, guest.StubReturn: // the last is where software exceptions are raised
		p.CPU().Return(rax)
		return
	default:
		t.Raise(&guest.AccessError{Address: stop.IP, Access: cpu.FetchAccess})
		return
	}
	result, back := d.service(t, rax, stop.ReturnAddress, stop.RSP)
	if back {
		p.CPU().SetReg(cpu.RAX, result)
		p.CPU().SetReg(cpu.RSP, stop.RSP+8)
		p.CPU().SetIP(stop.ReturnAddress)
	}
}

// service makes a system call and returns its result, or false if the
// processor is somewhere else now.
func (d *Dispatcher) service(t *guest.Thread, rax, caller, rsp uint64) (result uint64, back bool) {
	p := t.Process()
	number := uint32(rax)
	s := d.lib.service(number)
	c := d.take(t, s.export)
	c.Caller, c.rsp, c.direct = caller, rsp, true
	for i, r := range [...]cpu.Reg{cpu.R10, cpu.RDX, cpu.R8, cpu.R9} {
		c.slots[i] = p.CPU().Reg(r)
	}
	for i := range c.slots[4:] {
		c.slots[4+i], _ = p.Mem.ReadUint(rsp+0x28+8*uint64(i), 8) // not every service has so many
	}
	defer func() { d.free = append(d.free, c) }()
	if s.export != nil {
		result = d.invoke(c)
		return result, !c.gone
	}
	status, detail := StatusNotImplemented, "system service %#x without a handler: it returned STATUS_NOT_IMPLEMENTED"
	if s.name == "" {
		status, detail = StatusInvalidSystemService, "no system service %#x is known: it returned STATUS_INVALID_SYSTEM_SERVICE"
		s.name = fmt.Sprintf("system service %#x", number)
	}
	p.Recorder.Gap(trace.Gap{
		Kind: trace.GapAPI, Name: servicesDLL + "!" + s.name, Caller: p.Place(caller),
		Args:   []string{hex(c.slots[0]), hex(c.slots[1]), hex(c.slots[2]), hex(c.slots[3])},
		Detail: fmt.Sprintf(detail, number),
	})
	return status.Raw(), true
}

// service is the system service of a number; one without a name if there is
// none.
func (l *Library) service(number uint32) service {
	if uint64(number) < uint64(len(l.services)) {
		return l.services[number]
	}
	return service{}
}

// serviceAt finds the system service whose stub an address lies in.
func (l *Library) serviceAt(addr uint64) (number uint32, offset uint64, ok bool) {
	i := (addr - l.serviceStubs) / serviceSize
	if l.serviceStubs == 0 || i >= uint64(len(l.services)) {
		return 0, 0, false
	}
	return uint32(i), (addr - l.serviceStubs) % serviceSize, true
}
