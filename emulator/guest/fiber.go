package guest

import (
	"fmt"
	"iter"
	"slices"

	"sidetrace/emulator/cpu"
)

// Fiber is a stack and a set of registers that a thread can switch to. Every
// thread begins with one of its own. A fiber is a coroutine too, since handlers
// may be in the middle of calling guest code when it switches.
//
// https://learn.microsoft.com/windows/win32/procthread/fibers
type Fiber struct {
	Address uint64 // of its FIBER structure in the guest's memory; 0 before the thread was converted

	p         *Process
	start     uint64
	parameter uint64
	maker     string  // API that made it
	thread    *Thread // that runs it
	stack     *Allocation
	low       uint64 // where the committed part of the stack begins
	context   *cpu.Context
	resume    func() (struct{}, bool) // runs the coroutine until it pauses
	cancel    func()
	yield     func(struct{}) bool
	deleted   bool
	local     []uint64 // values of fiber-local storage

	levels    []level     // nested calls into the guest
	target    int         // depth of the level whose run loop Go's stack is being left for; 0 for none
	caught    uint32      // the exception that ended a guarded level; 0 for none
	active    []*dispatch // exceptions the guest is being asked about
	guarantee uint64      // bytes of stack kept for the handlers of an overflow

	// Of the thread, while the fiber does not run.
	call uint64
	from uint64
	api  string
}

// maxFibers bounds the fibers of a process, those of its threads among them.
const maxFibers = 4096

func (p *Process) newFiber(stack *Allocation, low uint64) (*Fiber, error) {
	if len(p.fibers) >= maxFibers {
		return nil, fmt.Errorf("%w: %d fibers", ErrNoMemory, maxFibers)
	}
	f := &Fiber{p: p, stack: stack, low: low}
	var err error
	if f.context, err = p.cpu.NewContext(); err != nil {
		return nil, err
	}
	p.fibers = append(p.fibers, f)
	return f, nil
}

// NewFiber makes a fiber that will call start with one parameter. A reserve of
// 0 means the program's.
func (p *Process) NewFiber(start, parameter, reserve uint64) (*Fiber, error) {
	stack, low, err := p.newStack(reserve)
	if err != nil {
		return nil, err
	}
	f, err := p.newFiber(stack, low)
	if err != nil {
		_ = p.Mem.Free(stack)
		return nil, err
	}
	f.start, f.parameter = start, parameter
	if p.running != nil {
		f.maker = p.running.API
	}
	f.resume, f.cancel = iter.Pull(f.body)
	return f, nil
}

// body is the coroutine of a fiber that a thread was not made with. When its
// function returns, the thread that runs it ends.
func (f *Fiber) body(yield func(struct{}) bool) {
	f.yield = yield
	defer f.end()
	p := f.p
	p.begin(p.running, f.stack)
	p.NoteCallback("fiber", f.maker, f.start, f.parameter)
	p.running.CallGuest(f.start, f.parameter)
	p.ExitThread(p.running, 1)
}

// end is deferred by every coroutine: the thread that runs the fiber ends with
// it, unless the fiber was deleted or the process is over.
func (f *Fiber) end() {
	switch r := recover().(type) {
	case nil, unwound:
	default:
		panic(r)
	}
	if f.thread != nil && f.thread.fiber == f && !f.deleted && !f.p.closed {
		f.thread.ended()
	}
}

// StackRange is the fiber's stack.
func (f *Fiber) StackRange() (lo, hi uint64) { return f.stack.Base, f.stack.Base + f.stack.Size }

// Fiber is the fiber that runs.
func (t *Thread) Fiber() *Fiber { return t.fiber }

// Thread is the thread that runs the fiber, or nil.
func (f *Fiber) Thread() *Thread { return f.thread }

// SwitchFiber lets another fiber run. It returns when the fiber that ran is
// switched to again, perhaps by another thread, which it tells.
func (t *Thread) SwitchFiber(to *Fiber) *Thread {
	p, from := t.p, t.fiber
	if to == from {
		return t
	}
	if err := p.cpu.Save(from.context); err != nil {
		p.fail(err)
	}
	t.leave()
	t.enter(to)
	t.switched = true
	if !from.yield(struct{}{}) || p.running.state == threadEnded {
		panic(unwound{})
	}
	t = p.running
	if err := p.cpu.Restore(from.context); err != nil {
		p.fail(err)
	}
	p.cpu.SetReg(cpu.GSBase, t.TEB)
	t.disturbed = true
	return t
}

// leave and enter exchange what belongs to the fiber that runs.
func (t *Thread) leave() {
	f := t.fiber
	f.call, f.from, f.api = t.Call, t.From, t.API
	f.thread = nil
}

func (t *Thread) enter(f *Fiber) {
	s := &t.p.structs
	t.Call, t.From, t.API = f.call, f.from, f.api
	f.thread, t.fiber, t.stack = t, f, f.stack
	s.put(t.TEB+TEBStackBase, 8, f.stack.Base+f.stack.Size)
	s.put(t.TEB+TEBStackLimit, 8, f.low)
	s.put(t.TEB+TEBStackBottom, 8, f.stack.Base)
	s.put(t.TEB+TEBFiber, 8, f.Address)
}

// DeleteFiber takes a fiber that does not run out of the world.
func (p *Process) DeleteFiber(f *Fiber) {
	f.deleted = true
	f.cancel()
	f.context.Free()
	p.fibers = slices.DeleteFunc(p.fibers, func(x *Fiber) bool { return x == f })
	_ = p.Mem.Free(f.stack) // ours, and nobody runs on it: cannot fail
}
