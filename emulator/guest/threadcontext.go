package guest

import "sidetrace/emulator/cpu"

// Registers is what the thread's registers will be when it runs on.
func (t *Thread) Registers() *Context {
	if t.redirect != nil {
		kept := *t.redirect
		return &kept
	}
	var c *Context
	t.onProcessor(false, func() { c = t.Capture() })
	return c
}

// SetRegisters has the thread go on with other registers. One that has not
// begun begins with them, one that is in a call goes on with them after it.
func (t *Thread) SetRegisters(c *Context) {
	switch {
	case t.state == threadEnded:
	case t.began && !t.inGuest && t != t.p.running:
		t.redirect = c
	default:
		t.onProcessor(true, func() { t.apply(c) })
	}
}

// onProcessor lets f read, or change, the processor's registers while they are
// the thread's.
func (t *Thread) onProcessor(change bool, f func()) {
	p := t.p
	if t == p.running {
		f()
		return
	}
	check := func(err error) {
		if err != nil {
			p.fail(err)
		}
	}
	kept, err := p.cpu.NewContext()
	check(err)
	defer kept.Free()
	if t.began || t.prepared {
		check(p.cpu.Restore(t.fiber.context))
	} else {
		// As Windows shows it: it will go through RtlUserThreadStart.
		p.begin(t, t.stack)
		p.cpu.SetReg(cpu.RCX, t.start)
		p.cpu.SetReg(cpu.RDX, t.parameter)
		p.cpu.SetIP(p.userThreadStart())
	}
	f()
	if change {
		check(p.cpu.Save(t.fiber.context))
		t.prepared = true
	}
	check(p.cpu.Restore(kept))
	p.running.disturbed = true
}

// userThreadStart is the address of RtlUserThreadStart.
func (p *Process) userThreadStart() uint64 {
	if m := p.moduleByPath(Join(SystemDirectory, "ntdll.dll")); m != nil {
		return p.Resolve(m, Export{Name: "RtlUserThreadStart"})
	}
	return 0
}

// callStart calls the thread's function, or goes where another thread has set
// its registers to.
func (t *Thread) callStart() uint32 {
	p := t.p
	if t.prepared {
		if err := p.cpu.Restore(t.own.context); err != nil {
			p.fail(err)
		}
		p.cpu.SetReg(cpu.GSBase, t.TEB)
		if p.cpu.IP() != p.userThreadStart() {
			f := t.fiber
			f.levels = append(f.levels, level{sp: p.cpu.Reg(cpu.RSP)})
			for !f.runLevel(len(f.levels)) {
			}
			return uint32(p.cpu.Reg(cpu.RAX))
		}
		t.start, t.parameter = p.cpu.Reg(cpu.RCX), p.cpu.Reg(cpu.RDX)
	}
	return uint32(t.CallGuest(t.start, t.parameter))
}

// Redirected has the guest go on with the registers that another thread has
// set while this one was in a call, and reports whether any did.
func (t *Thread) Redirected() bool {
	c := t.redirect
	if c == nil {
		return false
	}
	t.redirect = nil
	t.goOn(c)
	return true
}
