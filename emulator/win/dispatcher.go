package win

import (
	"fmt"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Dispatcher routes the calls of one process to the handlers of a library.
type Dispatcher struct {
	lib  *Library
	free []*Call // reused, one for each depth of nesting
}

// NewDispatcher makes the dispatcher of one process.
func NewDispatcher(l *Library) *Dispatcher { return &Dispatcher{lib: l} }

// Dispatch handles the call that stop describes.
func (d *Dispatcher) Dispatch(t *guest.Thread, stop *cpu.Stop) {
	p := t.Process()
	e := d.lib.export(stop.IP)
	if e == nil {
		d.elsewhere(t, stop)
		return
	}
	c := d.take(t, e)
	c.slots[0], c.slots[1], c.slots[2], c.slots[3] = stop.RCX, stop.RDX, stop.R8, stop.R9
	copy(c.slots[4:], stop.Stack[:])
	c.Caller, c.rsp = stop.ReturnAddress, stop.RSP
	result := d.invoke(c)
	if !c.T.Redirected() && !c.gone {
		if c.T.Disturbed() { // c.T: a fiber may have come to another thread
			p.CPU().SetReg(cpu.RAX, result)
			p.CPU().SetReg(cpu.RSP, c.rsp+8)
			p.CPU().SetIP(c.Caller)
		} else {
			p.CPU().Return(result)
		}
	}
	d.free = append(d.free, c)
}

func (d *Dispatcher) take(t *guest.Thread, e *Export) *Call {
	n := len(d.free)
	if n == 0 {
		return &Call{Process: t.Process(), T: t, export: e, dispatcher: d}
	}
	c := d.free[n-1]
	d.free = d.free[:n-1]
	c.Process, c.T, c.export, c.fault, c.gone, c.direct = t.Process(), t, e, nil, false, false
	return c
}

// invoke records a call and runs its handler.
func (d *Dispatcher) invoke(c *Call) uint64 {
	p, t, e := c.Process, c.T, c.export
	t.Disturbed() // what happened before the call does not count
	seq := p.Recorder.Next()
	c.open = p.Recorder.Run.Calls.Begin(seq, p.Clock.Elapsed(), t.ID, c.Caller, e.id)
	if c.direct {
		c.open.Direct()
	}
	call, from, api := t.Call, t.From, t.API
	t.Call, t.From, t.API = seq, c.Caller, e.trace.Name
	result := e.Row.invoke(c)
	t = c.T
	t.Call, t.From, t.API = call, from, api
	if c.fault != nil {
		t.Call = seq
		d.rewind(c)
		t.Raise(c.fault)
		t = p.Thread()
		t.Call = call
		c.gone = true
		return 0
	}
	c.open.End(result, t.LastError())
	return result
}

// rewind puts the processor back to the beginning of the export's stub, with
// the arguments it was called with.
func (d *Dispatcher) rewind(c *Call) {
	p := c.CPU()
	if p.Reg(cpu.RSP) != c.rsp { // a call made by another handler: see Invoke
		return
	}
	for i, r := range [...]cpu.Reg{cpu.RCX, cpu.RDX, cpu.R8, cpu.R9} {
		p.SetReg(r, c.slots[i])
	}
}

// elsewhere is a call of an export without a handler, a jump into the middle
// of a stub, or the execution of what is no code.
func (d *Dispatcher) elsewhere(t *guest.Thread, stop *cpu.Stop) {
	p := t.Process()
	if number, offset, ok := d.lib.serviceAt(stop.IP); ok {
		d.enterService(t, stop, number, offset)
		return
	}
	switch stop.IP % guest.StubSize {
	case stubEntered, stubNumbered:
		d.enterStub(t, stop.IP&^(guest.StubSize-1))
		return
	case guest.StubReturn, guest.StubBreak + 1:
		p.CPU().Return(p.CPU().Reg(cpu.RAX)) // a RET: software exceptions are raised at the first, breakpoints before the second
		return
	case guest.StubBreak:
		t.RaiseBreak()
		return
	}
	export := p.Unhandled(stop.IP)
	if export == nil {
		t.Raise(&guest.AccessError{Address: stop.IP, Access: cpu.FetchAccess})
		return
	}
	if at := p.RealCode(t, export.DLL, export.Name); at != 0 {
		p.CPU().SetIP(at)
		return
	}
	p.Recorder.Gap(trace.Gap{
		Kind: trace.GapAPI, Name: export.DLL + "!" + export.Name, Caller: p.Place(stop.ReturnAddress),
		Args:   []string{hex(stop.RCX), hex(stop.RDX), hex(stop.R8), hex(stop.R9)},
		Detail: "no handler: it returned 0 with ERROR_CALL_NOT_IMPLEMENTED",
	})
	t.SetLastError(uint32(ErrCallNotImplemented))
	p.CPU().Return(0)
}

func hex(v uint64) string { return fmt.Sprintf("%#x", v) }

// Invoke makes an API call on behalf of the guest, for handlers that stand for
// guest code: it is recorded and handled like any other, with the same caller
// as the call being handled. The export is named as in "kernel32.dll!Sleep".
func (c *Call) Invoke(dll, name string, args ...uint64) (uint64, Error) {
	d := c.dispatcher
	e := d.lib.lookup(dll, name)
	if e == nil {
		panic(fmt.Sprintf("win: no handler for %s!%s", dll, name))
	}
	inner := d.take(c.T, e)
	inner.slots = [len(inner.slots)]uint64{}
	copy(inner.slots[:], args)
	inner.Caller, inner.rsp = c.Caller, c.rsp
	disturbed := c.T.Disturbed()
	result := d.invoke(inner)
	if inner.gone {
		c.T.Abort() // an exception was handled, and not here
	}
	if disturbed || c.T.Disturbed() {
		c.T.Disturb()
	}
	d.free = append(d.free, inner)
	return result, Error(c.T.LastError())
}
