package guest

import "slices"

// Handle is a value the guest names a kernel object by.
type Handle uint64

// The pseudo handles of GetCurrentProcess and GetCurrentThread.
const (
	CurrentProcess Handle = ^Handle(0)
	CurrentThread  Handle = ^Handle(1)
)

// Object is anything a handle can stand for.
type Object interface {
	// Type is the object manager's name of the type: "Event", "File", "Key".
	Type() string
}

// Table hands out handles. Values are reused, the lowest first, as Windows
// does; they depend only on the order of opening and closing.
type Table struct {
	first   uint64
	step    uint64
	objects []Object
	free    int // no slot below is free
}

// NewTable returns a table whose handles are first, first+step, …
func NewTable(first, step uint64) *Table { return &Table{first: first, step: step} }

// Add gives an object a handle.
func (t *Table) Add(o Object) Handle {
	for t.free < len(t.objects) && t.objects[t.free] != nil {
		t.free++
	}
	if t.free == len(t.objects) {
		t.objects = append(t.objects, nil)
	}
	t.objects[t.free] = o
	t.free++
	return Handle(t.first + uint64(t.free-1)*t.step)
}

// Get returns the object of a handle, or nil.
func (t *Table) Get(h Handle) Object {
	if i, ok := t.index(h); ok {
		return t.objects[i]
	}
	return nil
}

// Close takes a handle back and returns its object, or nil if it is not open.
func (t *Table) Close(h Handle) Object {
	i, ok := t.index(h)
	if !ok {
		return nil
	}
	o := t.objects[i]
	t.objects[i] = nil
	t.free = min(t.free, i)
	return o
}

// Holds reports whether some handle stands for the object.
func (t *Table) Holds(o Object) bool { return slices.Contains(t.objects, o) }

// Len is the number of open handles.
func (t *Table) Len() int {
	n := 0
	for _, o := range t.objects {
		if o != nil {
			n++
		}
	}
	return n
}

func (t *Table) index(h Handle) (int, bool) {
	v := uint64(h) &^ 3 // the low two bits belong to the application
	if v < t.first || (v-t.first)%t.step != 0 {
		return 0, false
	}
	i := (v - t.first) / t.step
	if i >= uint64(len(t.objects)) || t.objects[i] == nil {
		return 0, false
	}
	return int(i), true
}

// Lookup finds the object of a handle if it is a T.
func Lookup[T Object](t *Table, h Handle) (T, bool) {
	o, ok := t.Get(h).(T)
	return o, ok
}
