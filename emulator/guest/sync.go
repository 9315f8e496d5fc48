package guest

import (
	"slices"
	"strings"
	"time"
)

// Waitable is an object that threads can wait for.
type Waitable interface {
	Object
	// ready reports whether a wait of t would be satisfied now.
	ready(t *Thread) bool
	// acquire takes what a satisfied wait takes: an auto-reset event is
	// reset, a mutex owned.
	acquire(t *Thread)
}

// Event is an event object.
type Event struct {
	Name   string
	Manual bool // stays set until it is reset
	Set    bool
}

// Mutex is a mutex object. It is abandoned when its owner ends.
type Mutex struct {
	Name      string
	owner     *Thread
	count     int
	Abandoned bool // its owner ended without releasing it
}

// Semaphore is a semaphore object.
type Semaphore struct {
	Name       string
	Count, Max int32
}

func (*Event) Type() string     { return "Event" }
func (*Mutex) Type() string     { return "Mutant" }
func (*Semaphore) Type() string { return "Semaphore" }

func (e *Event) ready(*Thread) bool { return e.Set }
func (e *Event) acquire(*Thread) {
	if !e.Manual {
		e.Set = false
	}
}

func (m *Mutex) ready(t *Thread) bool { return m.owner == nil || m.owner == t }
func (m *Mutex) acquire(t *Thread) {
	if m.owner = t; m.count == 0 {
		t.owned = append(t.owned, m)
	}
	m.count++
}

// Own makes t the owner of a new mutex.
func (m *Mutex) Own(t *Thread) { m.acquire(t) }

// Owned is how many times its owner has taken the mutex.
func (m *Mutex) Owned() int { return m.count }

// OwnedBy reports whether t owns the mutex.
func (m *Mutex) OwnedBy(t *Thread) bool { return m.owner == t }

// Release gives a mutex back once; false means that t does not own it.
func (m *Mutex) Release(t *Thread) bool {
	if m.owner != t {
		return false
	}
	if m.count--; m.count == 0 {
		m.owner = nil
		t.owned = slices.DeleteFunc(t.owned, func(x *Mutex) bool { return x == m })
	}
	return true
}

func (s *Semaphore) ready(*Thread) bool { return s.Count > 0 }
func (s *Semaphore) acquire(*Thread)    { s.Count-- }

// Release adds to a semaphore; false means that its maximum would be passed.
func (s *Semaphore) Release(n int32) (previous int32, ok bool) {
	if n <= 0 || n > s.Max-s.Count {
		return s.Count, false
	}
	previous = s.Count
	s.Count += n
	return previous, true
}

// Files and standard streams are read and written at once: waiting for them
// never takes time.

func (*File) ready(*Thread) bool    { return true }
func (*File) acquire(*Thread)       {}
func (*Console) ready(*Thread) bool { return true }
func (*Console) acquire(*Thread)    {}

// Condition is something to wait for that no handle stands for: a lock in the
// guest's memory, work for a thread.
type Condition struct {
	What  func() string        // for the report of a deadlock
	Holds func(t *Thread) bool // whether a wait of t would be satisfied now
	Take  func(t *Thread)      // what a satisfied wait takes; may be nil
	Next  func() time.Duration // when it will hold by itself, negative for never; may be nil
}

func (*Condition) Type() string           { return "Condition" }
func (c *Condition) ready(t *Thread) bool { return c.Holds(t) }
func (c *Condition) acquire(t *Thread) {
	if c.Take != nil {
		c.Take(t)
	}
}

func (c *Condition) next() time.Duration {
	if c.Next == nil {
		return -1
	}
	return c.Next()
}

// Ready reports whether a wait of t for the object would be satisfied now.
func Ready(o Waitable, t *Thread) bool { return o.ready(t) }

// Acquire takes what a satisfied wait takes.
func Acquire(o Waitable, t *Thread) { o.acquire(t) }

// Due is when the object becomes signalled by itself, negative for never.
func Due(o Waitable) time.Duration {
	if o, ok := o.(timed); ok {
		return o.next()
	}
	return -1
}

// Pulse sets an event for those who wait for it now: all of them, or the first
// one if the event resets itself.
func (p *Process) Pulse(e *Event) {
	e.Set = true
	p.Signal()
	e.Set = false
}

// Names is the directory of named objects. Names compare without case; the
// "Local\" prefix names the same directory as none.
type Names struct {
	objects map[string]Object
	foreign map[string]bool // held by other programs too
}

func objectKey(name string) string {
	key := strings.ToLower(name)
	return strings.TrimPrefix(key, `local\`)
}

// Get returns the object of that name, or nil.
func (n *Names) Get(name string) Object { return n.objects[objectKey(name)] }

// Set names an object.
func (n *Names) Set(name string, o Object) {
	if n.objects == nil {
		n.objects = map[string]Object{}
	}
	n.objects[objectKey(name)] = o
}

// setForeign names an object that other programs hold: it stays.
func (n *Names) setForeign(name string, o Object) {
	n.Set(name, o)
	if n.foreign == nil {
		n.foreign = map[string]bool{}
	}
	n.foreign[objectKey(name)] = true
}

// Remove takes the object of a name out of the directory, once its last handle
// is closed.
func (n *Names) Remove(name string) {
	if key := objectKey(name); !n.foreign[key] {
		delete(n.objects, key)
	}
}
