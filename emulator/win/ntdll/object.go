package ntdll

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// attributes is a pointer to OBJECT_ATTRIBUTES; the trace shows the name in
// it.
//
// https://learn.microsoft.com/windows/win32/api/ntdef/ns-ntdef-_object_attributes
type attributes struct {
	name win.UnicodeString
	root win.Handle
	open bool // OBJ_OPENIF: an object that exists is opened
}

// Layout of OBJECT_ATTRIBUTES.
const (
	attributesSize  = 48
	attributesRoot  = 8
	attributesName  = 16
	attributesFlags = 24
	objectOpenIf    = 0x80
)

func (attributes) Format() trace.Format { return trace.Text }

func (attributes) Decode(c *win.Call, s uint64) attributes {
	if s == 0 {
		return attributes{}
	}
	b := c.Bytes(win.Ptr(s), attributesSize)
	if b == nil {
		return attributes{}
	}
	a := attributes{root: win.Handle(le.Uint64(b[attributesRoot:])), open: le.Uint32(b[attributesFlags:])&objectOpenIf != 0}
	a.name = win.UnicodeString{}.Decode(c, le.Uint64(b[attributesName:]))
	return a
}

// Directories of named objects, in the object manager's name space, and what
// kernel32's names below them begin with.
var objectDirectories = []struct{ path, prefix string }{
	{`\Sessions\1\BaseNamedObjects\`, ""},
	{`\BaseNamedObjects\`, `Global\`},
}

// path turns the name into the one by which kernel32 knows the object; "" for
// an object without a name. Directories besides those of named objects do not
// exist; that of a root handle is taken for the session's.
func (a attributes) path() (string, win.Status) {
	name := a.name.Text
	switch {
	case name == "":
		return "", 0
	case a.root != 0:
		return name, 0
	case name[0] != '\\':
		return "", statusObjectPathSyntaxBad
	}
	for _, d := range objectDirectories {
		if len(name) >= len(d.path) && strings.EqualFold(name[:len(d.path)], d.path) {
			if name = name[len(d.path):]; name == "" {
				return "", statusObjectNameInvalid
			}
			return d.prefix + name, 0
		}
	}
	return "", statusObjectPathNotFound
}

// create makes an object or opens the one of its name, stores the handle and
// records the behaviour, if there is one.
func create[T guest.Object](c *win.Call, handle win.Out[uint64], a attributes, make func(name string) (T, win.Status), behaviour func(name string, existed bool) trace.Payload) win.Status {
	if !probe(c, handle.Addr, 8) {
		return 0
	}
	name, status := a.path()
	if status != 0 {
		return status
	}
	var o guest.Object
	if name != "" {
		o = c.Names.Get(name)
	}
	existed := o != nil
	if existed {
		if _, ok := o.(T); !ok {
			return statusObjectTypeMismatch
		}
		if status = statusObjectNameExists; !a.open {
			status = statusObjectNameCollision
		}
	} else {
		if o, status = make(name); status != 0 {
			return status
		}
		if name != "" {
			c.Names.Set(name, o)
		}
	}
	if behaviour != nil {
		c.Emit(behaviour(name, existed))
	}
	if status != statusObjectNameCollision {
		handle.Set(c, uint64(c.Handles.Add(o)))
	}
	return status
}

// open opens an object by name and stores the handle.
func open[T guest.Object](c *win.Call, handle win.Out[uint64], a attributes) win.Status {
	if !probe(c, handle.Addr, 8) {
		return 0
	}
	name, status := a.path()
	if status != 0 {
		return status
	}
	if name == "" {
		return win.StatusInvalidParameter
	}
	o := c.Names.Get(name)
	if o == nil {
		return statusObjectNameNotFound
	}
	if _, ok := o.(T); !ok {
		return statusObjectTypeMismatch
	}
	handle.Set(c, uint64(c.Handles.Add(o)))
	return 0
}

// object finds what a handle stands for.
func object[T guest.Object](c *win.Call, h win.Handle) (T, win.Status) {
	o := c.Handles.Get(h.Guest())
	t, ok := o.(T)
	switch {
	case o == nil:
		return t, win.StatusInvalidHandle
	case !ok:
		return t, statusObjectTypeMismatch
	}
	return t, 0
}

// Flags of a handle, as SetHandleInformation sets them. Inheritance has no
// effect, since children are not run.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-sethandleinformation
const (
	HandleInherit          = 1
	HandleProtectFromClose = 2
)

// flagsKey is where a handle's flags are kept.
type flagsKey struct{ win.Handle }

// HandleFlags is what is set of a handle's flags.
func HandleFlags(c *win.Call, h win.Handle) uint32 {
	flags, _ := c.State[flagsKey{h}].(uint32)
	return flags
}

// SetHandleFlags sets a handle's flags until it is closed.
func SetHandleFlags(c *win.Call, h win.Handle, flags uint32) { c.State[flagsKey{h}] = flags }

// Close closes a handle that is not protected, and what it stands for if that
// was the last. The pseudo handles are never opened or closed.
func Close(c *win.Call, h win.Handle) win.Status {
	if g := h.Guest(); g == guest.CurrentProcess || g == guest.CurrentThread {
		return 0
	}
	o := c.Handles.Get(h.Guest())
	switch {
	case o == nil:
		return win.StatusInvalidHandle
	case HandleFlags(c, h)&HandleProtectFromClose != 0:
		return statusHandleNotClosable
	}
	c.Handles.Close(h.Guest())
	delete(c.State, flagsKey{h})
	if c.Handles.Holds(o) {
		return 0
	}
	switch o := o.(type) {
	case interface{ Closed(c *win.Call) }: // another DLL's
		o.Closed(c)
	case *guest.File:
		if c.Files.Close(o) {
			c.Emit(trace.FileDelete{Path: o.Node.Path})
		}
	case *guest.Pipe:
		o.Close()
	case *guest.Event:
		c.Names.Remove(o.Name)
	case *guest.Mutex:
		c.Names.Remove(o.Name)
	case *guest.Semaphore:
		c.Names.Remove(o.Name)
	case *guest.Timer:
		o.Disarm()
		c.Names.Remove(o.Name)
	case *keyedEvent:
		c.Names.Remove(o.name)
	case *guest.Section:
		c.Names.Remove(o.Name)
		c.Mem.CloseSection(o)
	}
	return 0
}
