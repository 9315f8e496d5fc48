package win

import (
	"errors"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Call is one API call being handled. The process is embedded: handlers reach
// its memory, files, handles and clock directly.
type Call struct {
	*guest.Process
	T *guest.Thread

	// Caller is the return address.
	Caller uint64

	dispatcher *Dispatcher
	export     *Export
	slots      [4 + cpu.StackArgs]uint64 // arguments as they were passed
	rsp        uint64
	open       trace.Open
	arg        int // argument being decoded
	fault      *guest.AccessError
	gone       bool // the handler set the guest's registers itself
	direct     bool // made by an instruction of the guest: see services.go
}

// Slot is the raw value of argument i, for variadic functions.
func (c *Call) Slot(i int) uint64 {
	if i < len(c.slots) {
		return c.slots[i]
	}
	return c.ReadUint(Ptr(c.rsp+8+8*uint64(i)), 8)
}

// ANSI reports whether the export called is the ANSI version.
func (c *Call) ANSI() bool { return c.export.ansi }

// Name is the export's name.
func (c *Call) Name() string { return c.export.trace.Name }

// DLL is the name of the DLL that exports it.
func (c *Call) DLL() string { return c.export.trace.DLL }

// Fail remembers a guest pointer that cannot be used: the guest gets the
// access violation once the handler returns. Other errors are programming
// errors of the handler and stop the run.
func (c *Call) Fail(err error) {
	var access *guest.AccessError
	if !errors.As(err, &access) {
		panic(err)
	}
	if c.fault == nil {
		c.fault = access
	}
}

// Faulted reports whether a guest pointer could not be used.
func (c *Call) Faulted() bool { return c.fault != nil }

// Bytes returns n bytes at p, to be read only; nil after a fault.
func (c *Call) Bytes(p Ptr, n uint64) []byte {
	b, err := c.Mem.View(uint64(p), length(n))
	if err != nil {
		c.Fail(err)
	}
	return b
}

// Buffer returns n bytes at p to be filled; nil after a fault.
func (c *Call) Buffer(p Ptr, n uint64) []byte {
	b, err := c.Mem.Writable(uint64(p), length(n))
	if err != nil {
		c.Fail(err)
	}
	return b
}

// length turns a guest's size into an int; one that no buffer can have becomes
// negative, which memory refuses.
func length(n uint64) int {
	if n > guest.HighestUserAddress {
		return -1
	}
	return int(n)
}

// Write copies data to p.
func (c *Call) Write(p Ptr, data []byte) {
	if err := c.Mem.Write(uint64(p), data); err != nil {
		c.Fail(err)
	}
}

// ReadUint reads an integer of size 1, 2, 4 or 8 bytes; 0 after a fault.
func (c *Call) ReadUint(p Ptr, size int) uint64 {
	v, err := c.Mem.ReadUint(uint64(p), size)
	if err != nil {
		c.Fail(err)
	}
	return v
}

// WriteUint writes an integer of size 1, 2, 4 or 8 bytes.
func (c *Call) WriteUint(p Ptr, size int, v uint64) {
	if err := c.Mem.WriteUint(uint64(p), size, v); err != nil {
		c.Fail(err)
	}
}

// AString reads a NUL-terminated ANSI string.
func (c *Call) AString(p Ptr) string {
	b, err := c.Mem.CString(uint64(p))
	if err != nil {
		c.Fail(err)
	}
	return string(guest.AppendANSI(nil, b))
}

// WString reads a NUL-terminated UTF-16 string.
func (c *Call) WString(p Ptr) string {
	b, err := c.Mem.WString(uint64(p))
	if err != nil {
		c.Fail(err)
	}
	return string(guest.AppendUTF8(nil, b))
}

// TString reads a string as the export's version has it.
func (c *Call) TString(p Ptr) string {
	if c.ANSI() {
		return c.AString(p)
	}
	return c.WString(p)
}

// Encode gives text with its terminator, as the export's version has it.
func (c *Call) Encode(s string) []byte {
	if c.ANSI() {
		return guest.ANSI(s)
	}
	return guest.UTF16(s)
}

// CharSize is 1 for an ANSI export and 2 for its wide version.
func (c *Call) CharSize() uint64 {
	if c.ANSI() {
		return 1
	}
	return 2
}

// SetLastError sets the thread's last error on success.
func (c *Call) SetLastError(e Error) { c.T.SetLastError(uint32(e)) }

// CallGuest calls a function of the guest and returns what it returns.
func (c *Call) CallGuest(fn Ptr, args ...uint64) uint64 { return c.T.CallGuest(uint64(fn), args...) }

// Gap records that something was asked for that the handler does not model.
// The verdict of a run that depends on what follows is inconclusive.
func (c *Call) Gap(detail string) {
	c.Recorder.Gap(trace.Gap{Kind: trace.GapBehaviour, Name: c.export.trace.DLL + "!" + c.Name() + ": " + detail, Caller: c.Place(c.Caller)})
}

// Gone says that the handler has set the guest's registers itself; the call
// does not return to its caller.
func (c *Call) Gone() { c.gone = true }
