package guest

import (
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/trace"
)

// Dispatcher handles calls of system DLL exports: emulator/win.
type Dispatcher interface {
	// Dispatch handles the call that stop describes and leaves the processor
	// where the guest goes on.
	Dispatch(t *Thread, stop *cpu.Stop)
	// Service does the same for a system call by the guest's own instruction.
	Service(t *Thread, stop *cpu.Stop)
}

// run executes guest code until it comes to the return stub.
func (t *Thread) run() {
	p := t.p
	for {
		t = p.running // a fiber may have come to another thread
		stop := p.cpu.Run()
		switch stop.Kind {
		case cpu.APICall:
			if stop.IP-p.system.ReturnStub < returnStubs*StubSize {
				return
			}
			if t.stepping != 0 {
				t.stepped(false)
			}
			if t.broken(stop.IP) {
				continue
			}
			t.count()
			p.api.Dispatch(t, stop)
		case cpu.Limit:
			t.quantum()
		case cpu.NewCode:
			p.newCode(t, stop.IP, stop.BlockSize)
		case cpu.Breakpoint:
			t.breakpoint(stop.IP)
		case cpu.Interrupted:
			p.halt(trace.Stop{Reason: trace.StopWall, Detail: "cancelled"})
		case cpu.Failure:
			p.fail(stop.Err)
		default:
			p.exception(t, stop)
		}
	}
}

// quantum ends a turn on the processor, or the run when its budget is used up.
func (t *Thread) quantum() {
	p := t.p
	if p.spent() >= p.Config.Limits.Blocks {
		p.halt(trace.Stop{Reason: trace.StopBlocks, Detail: fmt.Sprintf("%d blocks and %d API calls executed, at %s%s", p.cpu.Blocks(), p.calls, p.Place(p.cpu.IP()), p.othersWait(t))})
	}
	if n := p.cpu.Translated(); n >= p.Config.Limits.translations() {
		p.halt(trace.Stop{Reason: trace.StopBlocks, Detail: fmt.Sprintf("%d instructions translated, of code that is written again and again, at %s%s", n, p.Place(p.cpu.IP()), p.othersWait(t))})
	}
	t.inGuest = true
	t.pause()
	t.inGuest = false
	if len(t.apcs) > 0 {
		t.special()
	}
}

// callBlocks is what an API call takes from the budget of blocks: about the
// real time of that many. A loop over a call that does nothing has few blocks.
const callBlocks = 100

// spent is how much of the budget of blocks is used up.
func (p *Process) spent() uint64 { return p.cpu.Blocks() + callBlocks*p.calls }

// Disturbed reports, once, whether guest code or another thread ran since a
// handler was entered, so that the processor no longer stands in its stub.
func (t *Thread) Disturbed() bool {
	d := t.disturbed
	t.disturbed = false
	return d
}

// Disturb makes the next Disturbed report true.
func (t *Thread) Disturb() { t.disturbed = true }

// LastError is the thread's last error code, kept in its TEB as on Windows.
func (t *Thread) LastError() uint32 {
	s := &t.p.structs
	return binary.LittleEndian.Uint32(s.host[t.TEB+TEBLastError-structuresBase:])
}

// SetLastError sets it.
func (t *Thread) SetLastError(code uint32) {
	s := &t.p.structs
	binary.LittleEndian.PutUint32(s.host[t.TEB+TEBLastError-structuresBase:], code)
}

// count takes the time of an API call, and its part of the budget.
func (t *Thread) count() {
	p := t.p
	p.Clock.Advance(CallTime)
	if p.calls++; p.spent() >= p.Config.Limits.Blocks {
		t.quantum()
	}
}
