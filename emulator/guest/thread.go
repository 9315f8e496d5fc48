package guest

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"sidetrace/emulator/cpu"
)

// Thread is a guest thread: a coroutine that owns the processor while it runs.
// A handler that waits or calls guest code is straight-line Go in it.
type Thread struct {
	ID       uint32
	TEB      uint64
	ExitCode uint32
	Created  time.Duration // elapsed virtual time
	Finished time.Duration // the same, when it has ended
	Used     time.Duration // virtual time it had the processor for
	Priority int32         // relative to the process's; none has an effect
	Affinity uint64        // of the machine's processors; likewise
	Ideal    uint32        // processor; likewise
	Hidden   bool          // from debuggers
	Quiet    bool          // the modules are not told of it
	NoBoost  bool          // of its priority
	Name     string        // SetThreadDescription
	Call     uint64        // sequence number of the API call being handled; 0 outside of one
	From     uint64        // where it was made from: its return address
	API      string        // the name of its export

	p         *Process
	start     uint64
	parameter uint64
	main      bool
	stack     *Allocation // of the fiber that runs
	fiber     *Fiber      // that runs
	own       *Fiber      // that the thread was made with
	state     threadState
	tls       []uint64 // blocks of thread-local data, by TLS index
	suspended int
	wait      waiting
	apcs      []APC
	timers    []*Timer // that make calls of this thread
	owned     []*Mutex
	began     bool      // its coroutine has been started
	prepared  bool      // it has not, but has registers that were set for it
	inGuest   bool      // it pauses between two instructions, not within a call
	redirect  *Context  // to go on with after the call it is in
	detached  bool      // the modules have been told that it ends
	debug     [6]uint64 // Dr0 to Dr3, Dr6, Dr7
	resume    uint64    // where the breakpoint is passed over once; 0 for none
	stepping  uint64    // the breakpoint that is being stepped over; 0 for none
	ownStep   bool      // the guest steps, too
	switched  bool      // to another fiber: the scheduler goes on with that one
	disturbed bool      // guest code ran, or another thread did, since the last stop
}

type threadState uint8

const (
	threadReady threadState = iota
	threadWaiting
	threadEnded
)

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

// Processors is the affinity mask of the machine's two.
const Processors = 3

const (
	defaultStack = 1 << 20
	minimalStack = 64 << 10
	maximalStack = 256 << 20
	stackArea    = 0x0000_0050_0000_0000
	maxDepth     = 512 // nested calls of a thread into the guest
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
	if alive >= min(p.Config.Limits.Threads, maxTEBs) || len(p.threads) >= maxThreads {
		return nil, fmt.Errorf("%w: %d threads", ErrNoMemory, alive)
	}
	stack, low, err := p.newStack(reserve)
	if err != nil {
		return nil, err
	}
	t := &Thread{p: p, ID: p.nextID(), start: start, parameter: parameter, stack: stack, Created: p.Clock.Elapsed(), Affinity: Processors, main: len(p.threads) == 0}
	if suspended {
		t.suspended = 1
	}
	t.TEB = p.takeTEB()
	p.buildTEB(t, low)
	if t.own, err = p.newFiber(stack, low); err != nil {
		return nil, err
	}
	t.fiber, t.own.thread = t.own, t
	p.threads = append(p.threads, t)
	t.own.resume, t.own.cancel = iter.Pull(t.body)
	return t, nil
}

// newStack makes a stack and tells where its committed part begins. A reserve
// of 0 means the program's.
func (p *Process) newStack(reserve uint64) (*Allocation, uint64, error) {
	if reserve == 0 {
		reserve = p.stackReserve
	}
	reserve = min(max(pageUp(reserve), minimalStack), maximalStack)
	stack, err := p.Mem.Reserve(0, reserve, stackArea, RegionStack, PageReadWrite)
	if err != nil {
		return nil, 0, err
	}
	low, err := p.commitStack(stack, p.stackCommit)
	if err != nil {
		_ = p.Mem.Free(stack) // ours: cannot fail
	}
	return stack, low, err
}

const (
	maxThreads = 1 << 14                              // of a process over its life
	maxTEBs    = (looseOffset-tebOffset)/tebSize - 16 // at once; some are kept until the scheduler's turn
)

// takeTEB gives a new thread the place of one that has ended, or the next.
func (p *Process) takeTEB() uint64 {
	if n := len(p.freeTEBs); n > 0 {
		at := p.freeTEBs[n-1]
		p.freeTEBs = p.freeTEBs[:n-1]
		clear(p.structs.host[at-structuresBase:][:tebSize])
		return at
	}
	p.tebs++
	return structuresBase + tebOffset + uint64(p.tebs-1)*tebSize
}

// reap gives back what threads had that have ended: stack, TEB, copies of
// thread-local data. It is called by the scheduler, on nobody's stack.
func (p *Process) reap() {
	for _, t := range p.ended {
		f := t.fiber
		f.cancel()
		f.context.Free()
		p.fibers = slices.DeleteFunc(p.fibers, func(x *Fiber) bool { return x == f })
		for _, block := range t.tls {
			if block != 0 {
				p.Heap.Free(block)
			}
		}
		t.tls = nil
		p.Mem.grow = nil
		if a := f.stack; p.Mem.Find(a.Base) == a {
			_ = p.Mem.Free(a) // ours, and nobody runs on it: cannot fail
		}
		if !p.exiting {
			p.freeTEBs = append(p.freeTEBs, t.TEB)
		}
	}
	p.ended = nil
}

func (p *Process) buildTEB(t *Thread, limit uint64) {
	s := &p.structs
	s.put(t.TEB+TEBStackBase, 8, t.stack.Base+t.stack.Size)
	s.put(t.TEB+TEBStackLimit, 8, limit)
	s.put(t.TEB+TEBFiber, 8, 0x1E00) // Version, which lies there until the thread becomes a fiber
	s.put(t.TEB+TEBSelf, 8, t.TEB)
	s.put(t.TEB+TEBClientID, 8, uint64(p.ID))
	s.put(t.TEB+TEBClientID+8, 8, uint64(t.ID))
	s.put(t.TEB+TEBPEB, 8, p.PEB())
	s.put(t.TEB+TEBStackBottom, 8, t.stack.Base)
}

// body is the coroutine.
func (t *Thread) body(yield func(struct{}) bool) {
	t.own.yield = yield
	defer t.own.end()
	p := t.p
	t.began = true
	p.begin(t, t.stack)
	if t.main {
		p.startProgram(t)
	} else {
		p.startThread(t)
	}
}

// begin sets the registers of a new processor, not those of the thread before,
// for code that starts on a stack.
func (p *Process) begin(t *Thread, stack *Allocation) {
	if err := p.cpu.Restore(p.fresh); err != nil {
		p.fail(err)
	}
	p.cpu.SetReg(cpu.GSBase, t.TEB)
	p.cpu.SetReg(cpu.RSP, stack.Base+stack.Size-0x100)
}

// ended is what is left to do when a thread has ended.
func (t *Thread) ended() {
	if t.state == threadEnded {
		return
	}
	t.Finished = t.p.Clock.Elapsed()
	t.state = threadEnded
	t.p.ended = append(t.p.ended, t)
	t.apcs, t.timers = nil, nil
	t.p.abandon(t)
	t.p.Signal()
}

// abandon gives up what an ended thread holds.
func (p *Process) abandon(t *Thread) {
	for _, m := range t.owned {
		m.owner, m.count, m.Abandoned = nil, 0, m != &p.loaderLock
	}
	t.owned = nil
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
	t.ended()
}

// pause gives the processor to the scheduler and returns when the thread is
// chosen again.
func (t *Thread) pause() {
	p, f := t.p, t.fiber
	t.disturbed = true
	if err := p.cpu.Save(f.context); err != nil {
		p.fail(err)
	}
	if !f.yield(struct{}{}) || t.state == threadEnded {
		panic(unwound{})
	}
	if err := p.cpu.Restore(f.context); err != nil {
		p.fail(err)
	}
}

// Yield lets other ready threads run first.
func (t *Thread) Yield() { t.pause() }

// Others reports whether another thread is ready to run.
func (t *Thread) Others() bool {
	t.p.Signal()
	for _, x := range t.p.threads {
		if x != t && x.state == threadReady && x.suspended == 0 {
			return true
		}
	}
	return false
}

// Suspended is how often the thread has been suspended.
func (t *Thread) Suspended() int { return t.suspended }

// SetStart changes what the thread seems to have started with.
func (t *Thread) SetStart(address uint64) { t.start = address }

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
		t.p.Signal()
	}
	return n
}
