package ntdll

import (
	"fmt"
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// The thread pool: workers are threads of the guest that start in ntdll, as on
// Windows, and are made when there is work and none of them is free. They see
// to timers and to registered waits as well; one of them stays free for that.
// A worker that has had nothing to do for a while ends.

// pool is a thread pool.
type pool struct {
	at      win.Ptr // 0 for the process's own
	tasks   []*task
	items   []*item // timers that are set, and waits
	free    int     // workers that wait for work, or are about to
	threads int
	most    int
}

// task is one call to make.
type task struct {
	of     *item
	result win.DWORD // of the wait
}

// item is what makes tasks: a work object, a timer, a wait.
type item struct {
	kind  string
	at    win.Ptr // its structure in the guest's memory; 0 for one that has none
	pool  *pool
	call  func(c *win.Call, i *instance, result win.DWORD)
	api   string // that has set the timer, for its sleep
	maker string // API that was handed the function
	fn    win.Ptr
	group *cleanupGroup

	context      win.Ptr
	finalization win.Ptr
	cancelled    win.Ptr // told when its group has taken calls back

	queued, running int
	closed          bool
	completion      []*guest.Event // set once it is closed and nothing runs

	set    bool // the timer, or the wait
	armed  bool // the timer has been set and not stopped; one that was due once still is
	timed  bool // the wait has a time-out
	due    time.Duration
	after  time.Duration // how long that was
	period time.Duration
	object guest.Waitable
	repeat bool // the wait is set again after each call
}

// linger is how long a worker stays without work.
const linger = 30 * time.Second

const defaultMost = 500 // TP's default maximum of workers

type poolKey struct{ at win.Ptr }

// poolOf finds a pool by its structure, 0 for the process's own.
func poolOf(c *win.Call, at win.Ptr) *pool {
	p, _ := c.State[poolKey{at}].(*pool)
	if p == nil {
		if at != 0 {
			c.Gap("the address is not a thread pool's")
			return poolOf(c, 0)
		}
		p = &pool{most: defaultMost}
		c.State[poolKey{}] = p
	}
	return p
}

// post adds a task and sees to it that there is a worker for it.
func (p *pool) post(c *win.Call, t *task) win.Status {
	const limit = 1 << 16
	if len(p.tasks) >= limit {
		return win.StatusNoMemory
	}
	p.add(t)
	return p.staff(c)
}

func (p *pool) add(t *task) {
	t.of.queued++
	p.tasks = append(p.tasks, t)
}

// staff makes a worker if there is something to do, or to look after, and
// nobody free for it.
func (p *pool) staff(c *win.Call) win.Status {
	if p.free > 0 || p.threads >= p.most || len(p.tasks) == 0 && len(p.items) == 0 {
		c.Signal()
		return 0
	}
	if _, err := c.NewThread(uint64(c.Stub("ntdll.dll", workerThread)), uint64(p.at), 0, false); err != nil {
		if p.threads > 0 {
			return 0 // those there are will do it
		}
		return win.StatusNoMemory
	}
	p.threads++
	p.free++
	return 0
}

const workerThread = "TppWorkerThread"

// tppWorkerThread does what is to be done and ends some time after the last.
func tppWorkerThread(c *win.Call, Pool win.Ptr) (win.DWORD, win.Error) {
	p, ok := c.State[poolKey{Pool}].(*pool)
	if !ok {
		return 0, 0
	}
	work := &guest.Condition{
		What:  func() string { return p.text() },
		Holds: func(t *guest.Thread) bool { p.fill(c.Process, t); return len(p.tasks) > 0 },
		Next:  p.next,
	}
	for !c.Faulted() {
		stay := linger
		if len(p.items) > 0 && p.free == 1 {
			stay = -1 // somebody has to look after them
		}
		if c.T.WaitFor(guest.Wait{Objects: []guest.Waitable{work}, Timeout: stay}) < 0 {
			if len(p.items) == 0 || p.free > 1 {
				break
			}
			continue
		}
		if len(p.tasks) == 0 {
			continue // another worker was quicker
		}
		t := p.tasks[0]
		p.tasks = p.tasks[1:]
		t.of.queued--
		t.of.running++
		p.free--
		p.staff(c)
		t.make(c)
		p.free++
	}
	p.free--
	p.threads--
	return 0, 0
}

func (p *pool) text() string {
	text := "work for the thread pool"
	for _, x := range p.items {
		if x.object != nil {
			text += ", " + guest.Describe(x.object)
		}
	}
	return text
}

// fill makes tasks of timers that are due and of waits that are over.
func (p *pool) fill(process *guest.Process, t *guest.Thread) {
	if len(p.items) == 0 {
		return
	}
	now := process.Clock.Elapsed()
	var due []*item
	for _, x := range p.items {
		switch {
		case x.object != nil && guest.Ready(x.object, t):
			guest.Acquire(x.object, t)
			x.set = false
			p.add(&task{of: x})
		case x.object != nil && x.timed && x.due <= now:
			x.set = false
			p.add(&task{of: x, result: win.DWORD(win.StatusTimeout)})
		case x.object == nil && x.due <= now:
			due = append(due, x)
		}
	}
	slices.SortStableFunc(due, func(a, b *item) int { return int(a.due - b.due) })
	for _, x := range due {
		p.add(&task{of: x})
		x.set = x.period > 0
		for x.set && x.due <= now {
			x.due += max(x.period, (now-x.due)/x.period*x.period)
		}
	}
	p.items = slices.DeleteFunc(p.items, func(x *item) bool { return !x.set })
}

// next is when a timer will be due or a wait over by itself.
func (p *pool) next() time.Duration {
	first := time.Duration(-1)
	sooner := func(due time.Duration) {
		if due >= 0 && (first < 0 || due < first) {
			first = due
		}
	}
	for _, x := range p.items {
		if x.object != nil {
			sooner(guest.Due(x.object))
		}
		if x.object == nil || x.timed {
			sooner(x.due)
		}
	}
	return first
}

// watch has the workers look after a timer or a wait.
func (p *pool) watch(c *win.Call, x *item) win.Status {
	x.set = true
	if !slices.Contains(p.items, x) {
		p.items = append(p.items, x)
	}
	return p.staff(c)
}

// unwatch ends that.
func (p *pool) unwatch(x *item) {
	x.set = false
	p.items = slices.DeleteFunc(p.items, func(y *item) bool { return y == x })
}

// make makes the call, and what it has asked for afterwards. A timer's time, or
// a wait's time-out, was a sleep.
func (t *task) make(c *win.Call) {
	x := t.of
	if x.api != "" && (x.object == nil || t.result != 0) && x.after > 0 {
		c.Emit(trace.Sleep{Milliseconds: x.after.Milliseconds(), API: x.api})
		x.after = 0
	}
	i := newInstance(c, x)
	c.NoteCallback("thread pool", x.maker, uint64(x.fn), uint64(x.context))
	x.call(c, i, t.result)
	if x.finalization != 0 {
		c.CallGuest(x.finalization, uint64(i.at), uint64(x.context))
	}
	i.end(c)
	if !i.apart {
		x.running--
	}
	if x.repeat && !x.closed {
		if x.timed {
			x.due = c.Clock.Elapsed() + x.period
		}
		x.pool.watch(c, x)
	}
	x.settle(c)
	c.Signal()
}

// settle does what was left for the end of the last call.
func (x *item) settle(c *win.Call) {
	if !x.closed || x.queued > 0 || x.running > 0 {
		return
	}
	for _, e := range x.completion {
		e.Set = true
	}
	x.completion = nil
	if x.at != 0 {
		delete(c.State, itemKey{x.at})
		c.Heap.Free(uint64(x.at))
		x.at = 0
	}
	if g := x.group; g != nil {
		g.members = slices.DeleteFunc(g.members, func(y *item) bool { return y == x })
	}
}

// cancel takes back the calls that have not begun.
func (x *item) cancel() {
	x.pool.tasks = slices.DeleteFunc(x.pool.tasks, func(t *task) bool { return t.of == x })
	x.queued = 0
}

// wait waits until no calls are left.
func (x *item) wait(c *win.Call) {
	c.T.WaitFor(guest.Wait{Timeout: -1, Objects: []guest.Waitable{&guest.Condition{
		What: func() string {
			return fmt.Sprintf("the callbacks of a %s, of which %d run and %d wait", x.kind, x.running, x.queued)
		},
		Holds: func(*guest.Thread) bool { return x.queued == 0 && x.running == 0 },
	}}})
}

// close ends an item; what has begun goes on.
func (x *item) close(c *win.Call) {
	x.closed = true
	x.pool.unwatch(x)
	x.settle(c)
}

type itemKey struct{ at win.Ptr }

// itemSize is the size of the opaque structures: the guest only needs their
// addresses to differ.
const itemSize = 64

// structure gives an item, or a pool, its address.
func structure(c *win.Call) (win.Ptr, win.Status) {
	at := c.Heap.Alloc(itemSize)
	if at == 0 {
		return 0, win.StatusNoMemory
	}
	clear(c.Buffer(win.Ptr(at), itemSize))
	return win.Ptr(at), 0
}

// keep gives an item its address.
func (x *item) keep(c *win.Call) (win.Ptr, win.Status) {
	at, status := structure(c)
	if status != 0 {
		return 0, status
	}
	x.at = at
	c.State[itemKey{at}] = x
	if x.group != nil {
		x.group.members = append(x.group.members, x)
	}
	return at, 0
}

// store stores the address of something that was just made.
func store(c *win.Call, out win.Out[uint64], make func() (win.Ptr, win.Status)) win.Status {
	if !probe(c, out.Addr, 8) {
		return 0
	}
	at, status := make()
	if status == 0 {
		out.Set(c, uint64(at))
	}
	return status
}

// itemOf finds an item of a kind by its address. What is none would crash on
// Windows, sooner or later.
func itemOf(c *win.Call, at win.Ptr, kind string) *item {
	x, ok := c.State[itemKey{at}].(*item)
	if !ok || x.kind != kind || x.closed {
		return nil
	}
	return x
}
