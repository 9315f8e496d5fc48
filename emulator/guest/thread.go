package guest

import (
	"fmt"
	"iter"
	"time"

	"sidetrace/emulator/cpu"
)

// Thread is a guest thread: a coroutine that owns the processor while it runs.
// A handler that waits or calls guest code is straight-line Go in it.
type Thread struct {
	ID       uint32
	TEB      uint64
	ExitCode uint32
	Call     uint64 // sequence number of the API call being handled; 0 outside of one

	p         *Process
	start     uint64
	parameter uint64
	main      bool
	stack     *Allocation
	context   *cpu.Context
	resume    func() (struct{}, bool) // runs the coroutine until it pauses
	cancel    func()
	yield     func(struct{}) bool
	state     threadState
	tls       []uint64 // blocks of thread-local data, by TLS index
	suspended int
	wait      waiting
	depth     int  // nested calls into the guest
	disturbed bool // guest code ran, or another thread did, since the last stop
}

type threadState uint8

const (
	threadReady threadState = iota
	threadWaiting
	threadEnded
)

// waiting is what a thread waits for.
type waiting struct {
	objects  []Waitable
	all      bool
	deadline time.Duration // elapsed virtual time; never if negative
	index    int           // of the object that ended it; -1 for the deadline
}

// unwound ends a guest thread: it is thrown from wherever the thread is and
// caught where its coroutine began.
type unwound struct{}

func (*Thread) Type() string                  { return "Thread" }
func (t *Thread) ready(*Thread) bool          { return t.state == threadEnded }
func (t *Thread) acquire(*Thread)             {}
func (t *Thread) Process() *Process           { return t.p }
func (t *Thread) Ended() bool                 { return t.state == threadEnded }
func (t *Thread) Start() uint64               { return t.start }
func (t *Thread) StackRange() (lo, hi uint64) { return t.stack.Base, t.stack.Base + t.stack.Size }

const (
	defaultStack = 1 << 20
	minimalStack = 64 << 10
	maximalStack = 256 << 20
	guardPages   = 3 // below the stack, never committed: where an overflow faults
	stackArea    = 0x0000_0050_0000_0000
	maxDepth     = 128 // nested calls of a thread into the guest
)

// NewThread makes a thread that will call start with one parameter. A reserve
// of 0 means the program's.
func (p *Process) NewThread(start, parameter, reserve uint64, suspended bool) (*Thread, error) {
	alive := 0
	for _, t := range p.threads {
		if t.state != threadEnded {
			alive++
		}
	}
	if alive >= p.Config.Limits.Threads || len(p.threads) >= maxThreads {
		return nil, fmt.Errorf("%w: %d threads", ErrNoMemory, alive)
	}
	if reserve == 0 {
		reserve = p.stackReserve
	}
	reserve = min(max(pageUp(reserve), minimalStack), maximalStack)
	stack, err := p.Mem.Reserve(0, reserve, stackArea, RegionStack, PageReadWrite)
	if err != nil {
		return nil, err
	}
	low := uint64(guardPages * PageSize)
	if err := p.Mem.Commit(stack.Base+low, stack.Size-low, PageReadWrite); err != nil {
		_ = p.Mem.Free(stack) // nothing is committed: cannot fail
		return nil, err
	}
	t := &Thread{p: p, ID: p.nextID(), start: start, parameter: parameter, stack: stack, main: len(p.threads) == 0}
	if suspended {
		t.suspended = 1
	}
	t.TEB = structuresBase + tebOffset + uint64(len(p.threads))*tebSize
	p.buildTEB(t, stack.Base+low)
	if t.context, err = p.cpu.NewContext(); err != nil {
		return nil, err
	}
	p.threads = append(p.threads, t)
	t.resume, t.cancel = iter.Pull(t.body)
	return t, nil
}

// maxThreads bounds the threads of a process over its life: each has its TEB.
const maxThreads = (looseOffset - tebOffset) / tebSize

func (p *Process) buildTEB(t *Thread, limit uint64) {
	s := &p.structs
	s.put(t.TEB+TEBStackBase, 8, t.stack.Base+t.stack.Size)
	s.put(t.TEB+TEBStackLimit, 8, limit)
	s.put(t.TEB+TEBSelf, 8, t.TEB)
	s.put(t.TEB+TEBClientID, 8, uint64(p.ID))
	s.put(t.TEB+TEBClientID+8, 8, uint64(t.ID))
	s.put(t.TEB+TEBPEB, 8, p.PEB())
	s.put(t.TEB+TEBStackBottom, 8, t.stack.Base)
}

// body is the coroutine.
func (t *Thread) body(yield func(struct{}) bool) {
	t.yield = yield
	p := t.p
	defer func() {
		t.state = threadEnded
		p.abandon(t)
		switch r := recover().(type) {
		case nil, unwound:
		default:
			panic(r)
		}
	}()
	// A new thread starts with the registers of a new processor, not with
	// those of the thread before it.
	if err := p.cpu.Restore(p.fresh); err != nil {
		p.fail(err)
	}
	p.cpu.SetReg(cpu.GSBase, t.TEB)
	p.cpu.SetReg(cpu.RSP, t.stack.Base+t.stack.Size-0x100)
	if t.main {
		p.startProgram(t)
	} else {
		p.startThread(t)
	}
}

// abandon gives up what an ended thread holds.
func (p *Process) abandon(t *Thread) {
	for _, m := range p.mutexes {
		if m.owner == t {
			m.owner, m.count, m.Abandoned = nil, 0, true
		}
	}
	if p.loaderLock.owner == t {
		p.loaderLock.owner, p.loaderLock.count = nil, 0
	}
}

// Exit ends the thread from within.
func (t *Thread) Exit(code uint32) {
	t.ExitCode = code
	panic(unwound{})
}

// Terminate ends another thread where it stands.
func (t *Thread) Terminate(code uint32) {
	if t.state == threadEnded {
		return
	}
	t.ExitCode = code
	if t == t.p.running {
		panic(unwound{})
	}
	t.state = threadEnded
	t.p.abandon(t)
}

// pause gives the processor to the scheduler and returns when the thread is
// chosen again.
func (t *Thread) pause() {
	p := t.p
	t.disturbed = true
	if err := p.cpu.Save(t.context); err != nil {
		p.fail(err)
	}
	if !t.yield(struct{}{}) || t.state == threadEnded {
		panic(unwound{})
	}
	if err := p.cpu.Restore(t.context); err != nil {
		p.fail(err)
	}
}

// Wait waits until one of the objects, or all of them, are signalled, or until
// the time-out has passed; a negative one never does. It reports which object
// ended the wait, or false for the time-out.
func (t *Thread) Wait(objects []Waitable, all bool, timeout time.Duration) (index int, ok bool) {
	t.wait = waiting{objects: objects, all: all, deadline: -1, index: -1}
	if timeout >= 0 {
		t.wait.deadline = t.p.Clock.Elapsed() + timeout
	}
	if !t.satisfied() {
		if timeout == 0 {
			return -1, false
		}
		t.state = threadWaiting
		t.pause()
	}
	return t.wait.index, t.wait.index >= 0
}

// Sleep lets virtual time pass; other threads run meanwhile. A negative
// duration is for ever.
func (t *Thread) Sleep(d time.Duration) {
	t.wait = waiting{deadline: -1, index: -1}
	if d >= 0 {
		t.wait.deadline = t.p.Clock.Elapsed() + d
	}
	t.state = threadWaiting
	t.pause()
}

// Yield lets other ready threads run first.
func (t *Thread) Yield() { t.pause() }

// satisfied takes the objects the thread waits for, if they are there.
func (t *Thread) satisfied() bool {
	w := &t.wait
	if len(w.objects) == 0 {
		return false
	}
	if w.all {
		for _, o := range w.objects {
			if !o.ready(t) {
				return false
			}
		}
		for _, o := range w.objects {
			o.acquire(t)
		}
		w.index = 0
		return true
	}
	for i, o := range w.objects {
		if o.ready(t) {
			o.acquire(t)
			w.index = i
			return true
		}
	}
	return false
}

// Suspend and Resume return the count before.
func (t *Thread) Suspend() int {
	t.suspended++
	if t == t.p.running {
		t.pause()
	}
	return t.suspended - 1
}

// Resume takes one suspension back.
func (t *Thread) Resume() int {
	n := t.suspended
	if n > 0 {
		t.suspended--
	}
	return n
}
