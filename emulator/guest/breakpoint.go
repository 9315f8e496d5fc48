package guest

import "sidetrace/emulator/cpu"

// Hardware breakpoints: the debug registers of a thread name up to four
// addresses. An instruction there raises an exception before it runs, each time
// unless the resume flag of the CONTEXT that led to it is set.

// enabled is where a breakpoint on execution is, if register n of the four is
// one; data reports one on accesses.
func enabled(d *[6]uint64, n int) (addr uint64, execute, data bool) {
	control := d[5]
	if control>>(2*n)&3 == 0 { // neither local nor global
		return 0, false, false
	}
	if kind := control >> (16 + 4*n) & 3; kind != 0 {
		return 0, false, true
	}
	return d[n], true, false
}

// SetDebug sets the debug registers Dr0 to Dr3, Dr6, Dr7.
func (t *Thread) SetDebug(d [6]uint64) {
	if d == t.debug {
		return
	}
	before := t.debug
	t.debug = d
	p := t.p
	for n := range 4 {
		if _, _, data := enabled(&d, n); data && (before[5] != d[5] || before[n] != d[n]) {
			p.gap("hardware breakpoints on data", "they do not stop the thread")
		}
	}
	p.setBreakpoints()
}

// setBreakpoints tells the processor where any thread has one. Whose it is, is
// seen when it stops.
func (p *Process) setBreakpoints() {
	var list []uint64
	for _, t := range p.threads {
		if t.state == threadEnded {
			continue
		}
		for n := range 4 {
			addr, ok, _ := enabled(&t.debug, n)
			if ok && !p.inStubs(addr) && len(list) < cpu.MaxBreakpoints {
				list = append(list, addr)
			}
		}
	}
	p.cpu.SetBreakpoints(list)
}

// inStubs reports whether an address is where calls of exports stop by
// themselves.
func (p *Process) inStubs(addr uint64) bool {
	return addr-SystemBase < p.system.Size
}

// broken raises the exception of a breakpoint of the thread at ip, and reports
// whether there was one that is not passed over.
func (t *Thread) broken(ip uint64) bool {
	if t.debug[5] == 0 {
		return false
	}
	if t.resume == ip {
		t.resume = 0
		return false
	}
	for n := range 4 {
		if addr, ok, _ := enabled(&t.debug, n); ok && addr == ip {
			c := t.Capture()
			c.RIP = ip
			c.EFlags &^= trapFlag
			c.Debug[4] = c.Debug[4]&^15 | 1<<n
			t.dispatch(&Record{Code: StatusSingleStep, Address: ip}, c)
			return true
		}
	}
	return false
}

// breakpoint handles a stop at a breakpoint of any thread. One that is another
// thread's, or passed over, is stepped over.
func (t *Thread) breakpoint(ip uint64) {
	if t.stepping == 0 && t.broken(ip) {
		return
	}
	p := t.p
	t.ownStep = p.cpu.Reg(cpu.EFLAGS)&trapFlag != 0
	t.stepping = ip
	p.cpu.Step(ip)
	p.cpu.SetReg(cpu.EFLAGS, p.cpu.Reg(cpu.EFLAGS)|trapFlag)
}

// stepped ends a step over a breakpoint, and reports whether it was all that the
// thread stopped for: whether that was the end of the step, and the guest is
// not stepping itself.
func (t *Thread) stepped(end bool) bool {
	if t.stepping == 0 {
		return false
	}
	p := t.p
	t.stepping = 0
	p.cpu.EndStep()
	if !t.ownStep {
		p.cpu.SetReg(cpu.EFLAGS, p.cpu.Reg(cpu.EFLAGS)&^trapFlag)
	}
	return end && !t.ownStep
}
