package guest

import (
	"encoding/binary"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/trace"
)

// This file is the boundary between the stack of the guest and that of Go. A
// handler that calls guest code makes a level: a frame on the guest's stack,
// and a run loop on Go's.
//
// The rules are:
//
//   - A level's frame holds a machine frame (the place that called) above the
//     arguments and the return address. Return stubs have unwind data that
//     leads over it, so that whoever unwinds the guest's stack crosses levels
//     as any other frame.
//   - Guest code may leave levels behind by setting its stack pointer, with
//     exceptions, longjmp, NtContinue. Then Go's stack follows: a panic ends
//     the frames down to the run loop of the level that the new stack pointer
//     lies in. Deferred calls of handlers run; records of the calls that were
//     left say that they did not return.

// level is one nested call into the guest.
type level struct {
	sp         uint64 // of the return address
	call, from uint64 // Thread.Call, From and API, to be put back
	api        string
	kind       levelKind
	dispatcher uint64 // DISPATCHER_CONTEXT of the handler being called
}

type levelKind uint8

const (
	plainLevel   levelKind = iota
	guardedLevel           // exceptions end the call, and the caller hears of it
	handlerLevel           // a language handler is asked about an exception
	unwindLevel            // a language handler is told of an unwind
)

// Machine frames are what a processor pushes: RIP CS RFLAGS RSP SS.
const machineFrame = 40

// returnStubs is how many return stubs there are. Stub n is for frames of
// 4<<n arguments.
const returnStubs = 12

// ReturnStubs is what the system area holds of them; see [NewSystem].
const ReturnStubs = returnStubs

// place is where a call comes from, for the machine frame, and where its frame
// is put.
type place struct{ ip, sp, below uint64 }

func (t *Thread) here() place {
	rsp := t.p.cpu.Reg(cpu.RSP)
	return place{t.p.cpu.IP(), rsp, rsp}
}

// CallGuest calls a function of the guest with up to four register arguments
// and any number on the stack, and returns RAX. It may be used from handlers;
// registers a function preserves are preserved. It does not return when the
// guest leaves the call by other ways.
func (t *Thread) CallGuest(fn uint64, args ...uint64) uint64 {
	result, _ := t.callAt(level{}, t.here(), fn, args)
	return result
}

// CallOver is CallGuest that leaves alone n bytes below the stack pointer, in
// which a handler has put what it passes.
func (t *Thread) CallOver(n, fn uint64, args ...uint64) uint64 {
	from := t.here()
	from.below -= n
	result, _ := t.callAt(level{}, from, fn, args)
	return result
}

// Push puts data below the stack pointer, for [Thread.CallOver], and returns
// where it lies.
func (t *Thread) Push(data []byte) (uint64, error) {
	at := (t.p.cpu.Reg(cpu.RSP) - uint64(len(data))) &^ 15
	t.reachStack(at)
	return at, t.p.Mem.Write(at, data)
}

// TryGuest is CallGuest that ends with an exception nobody in the call
// handled, as calls of the loader do.
func (t *Thread) TryGuest(fn uint64, args ...uint64) (result uint64, exception uint32) {
	return t.callAt(level{kind: guardedLevel}, t.here(), fn, args)
}

// callAt calls a function of the guest. For a guarded level it reports the code
// of an exception that came out of it.
func (t *Thread) callAt(l level, from place, fn uint64, args []uint64) (result uint64, exception uint32) {
	p, f := t.p, t.fiber
	if len(f.levels) >= maxDepth {
		// Windows' own frames of a callback would have used the stack up long before.
		p.unhandled(t, &Record{Code: StatusStackOverflow, Address: p.cpu.IP()})
	}
	t.disturbed = true
	rsp, ip := p.cpu.Reg(cpu.RSP), p.cpu.IP()

	stub, slots := uint64(0), 4
	for ; slots < len(args); slots *= 2 {
		stub++
	}
	if stub >= returnStubs {
		p.halt(trace.Stop{Reason: trace.StopInternal, Detail: "too many arguments for a call into the guest"})
	}
	machine := (from.below - machineFrame) &^ 15
	frame := machine - uint64(8*slots)
	buf := make([]byte, 8*(slots+1)+machineFrame)
	le := binary.LittleEndian
	le.PutUint64(buf, p.system.ReturnStub+stub*StubSize)
	for i, a := range args {
		le.PutUint64(buf[8+8*i:], a)
	}
	for i, v := range [...]uint64{from.ip, 0x33, alwaysFlags, from.sp, 0x2B} {
		le.PutUint64(buf[8+8*slots+8*i:], v)
	}
	t.reachStack(frame - 8)
	if err := p.Mem.Write(frame-8, buf); err != nil {
		p.unhandled(t, &Record{Code: StatusStackOverflow, Address: ip})
	}
	for i, r := range [...]cpu.Reg{cpu.RCX, cpu.RDX, cpu.R8, cpu.R9} {
		if i < len(args) {
			p.cpu.SetReg(r, args[i])
		}
	}
	l.sp, l.call, l.from, l.api = frame-8, t.Call, t.From, t.API
	f.levels = append(f.levels, l)
	depth := len(f.levels)
	p.cpu.SetReg(cpu.RSP, l.sp)
	p.cpu.SetIP(fn)
	for !f.runLevel(depth) {
	}
	if f.caught != 0 {
		exception, f.caught = f.caught, 0
	}
	f.levels = f.levels[:depth-1]
	result = p.cpu.Reg(cpu.RAX)
	p.cpu.SetReg(cpu.RSP, rsp)
	p.cpu.SetIP(ip)
	return result, exception
}

// left is thrown to end the frames of Go above the run loop of a level, which
// is in Thread.target.
type left struct{}

// runLevel runs a level and reports whether it has ended; otherwise the guest
// has left the levels above it and goes on here.
func (f *Fiber) runLevel(depth int) (ended bool) {
	defer func() {
		if f.target != depth {
			return // the end of the call, or of more than this level
		}
		_ = recover() // a left
		f.target = 0
		ended = f.caught != 0
		f.levels = f.levels[:depth]
		t := f.p.running
		l := &f.levels[depth-1]
		t.Call, t.From, t.API = l.call, l.from, l.api
		t.disturbed = true
	}()
	f.p.running.run()
	return true
}

// leaveTo ends the frames of Go above the run loop of a level.
func (t *Thread) leaveTo(depth int) {
	t.fiber.target = depth
	panic(left{})
}

// levelOf is the depth of the level whose code has a stack pointer.
func (t *Thread) levelOf(sp uint64) int {
	n := len(t.fiber.levels)
	for ; n > 1; n-- {
		l := &t.fiber.levels[n-1]
		if sp <= l.sp+8 || t.p.Mem.Find(sp) != t.p.Mem.Find(l.sp) {
			break // within it, or on another stack, of which nothing is known
		}
	}
	return n
}

// goOn lets the guest go on with other registers. It returns when that is in
// the level that runs; else Go's frames down to the right one are ended.
func (t *Thread) goOn(c *Context) {
	t.apply(c)
	if depth := t.levelOf(c.RSP()); depth != len(t.fiber.levels) {
		t.leaveTo(depth)
	}
}

// Continue lets the guest go on with other registers, from a handler that then
// returns and says that the call is gone. Exceptions whose handlers it leaves
// are handled.
func (t *Thread) Continue(c *Context) {
	t.settle(0, c.RSP())
	t.goOn(c)
}

// Abort ends the API call being handled where it stands, after the registers
// have been set to go on elsewhere.
func (t *Thread) Abort() { t.leaveTo(len(t.fiber.levels)) }

// crossing finds the level that a walk up the stack comes out of: its return
// stub is at ip, and sp is what the stack pointer is there.
func (t *Thread) crossing(ip, sp uint64) (depth int) {
	if ip-t.p.system.ReturnStub >= returnStubs*StubSize {
		return 0
	}
	for n := len(t.fiber.levels); n > 0; n-- {
		if t.fiber.levels[n-1].sp+8 == sp {
			return n
		}
	}
	return 0
}
