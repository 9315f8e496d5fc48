package win

import (
	"unsafe"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Arg is a parameter type: it makes itself of the raw argument and says how
// the raw argument is printed.
type Arg[T any] interface {
	Decode(c *Call, slot uint64) T
	Format() trace.Format
}

// Scalars. Each keeps as many bits as its Windows type has.
type (
	DWORD  uint32 // DWORD, UINT, ULONG
	Int    int32  // int, LONG, BOOL where the number matters
	Size   uint64 // SIZE_T, size_t, ULONG_PTR
	Int64  int64  // LONGLONG, ptrdiff_t
	WORD   uint16 // WORD, WCHAR as a number
	BYTE   uint8  // BYTE, BOOLEAN
	Ptr    uint64 // any pointer that the handler follows itself
	Handle uint64 // HANDLE and its kin
	Hex    uint32 // flags
	Millis uint32 // a time-out in milliseconds

	Protect     uint32 // PAGE_*
	AllocType   uint32 // MEM_*
	FileAccess  uint32 // GENERIC_*, FILE_*
	Disposition uint32 // CREATE_ALWAYS, …
	HKEY        uint64 // registry key
	RegType     uint32 // REG_*
)

func (DWORD) Decode(_ *Call, s uint64) DWORD             { return DWORD(s) }
func (Int) Decode(_ *Call, s uint64) Int                 { return Int(s) }
func (Size) Decode(_ *Call, s uint64) Size               { return Size(s) }
func (Int64) Decode(_ *Call, s uint64) Int64             { return Int64(s) }
func (WORD) Decode(_ *Call, s uint64) WORD               { return WORD(s) }
func (BYTE) Decode(_ *Call, s uint64) BYTE               { return BYTE(s) }
func (Ptr) Decode(_ *Call, s uint64) Ptr                 { return Ptr(s) }
func (Handle) Decode(_ *Call, s uint64) Handle           { return Handle(s) }
func (Hex) Decode(_ *Call, s uint64) Hex                 { return Hex(s) }
func (Millis) Decode(_ *Call, s uint64) Millis           { return Millis(s) }
func (Protect) Decode(_ *Call, s uint64) Protect         { return Protect(s) }
func (AllocType) Decode(_ *Call, s uint64) AllocType     { return AllocType(s) }
func (FileAccess) Decode(_ *Call, s uint64) FileAccess   { return FileAccess(s) }
func (Disposition) Decode(_ *Call, s uint64) Disposition { return Disposition(s) }
func (HKEY) Decode(_ *Call, s uint64) HKEY               { return HKEY(s) }
func (RegType) Decode(_ *Call, s uint64) RegType         { return RegType(s) }

func (DWORD) Format() trace.Format       { return trace.Dec }
func (Int) Format() trace.Format         { return trace.Int }
func (Size) Format() trace.Format        { return trace.Hex }
func (Int64) Format() trace.Format       { return trace.Int64 }
func (WORD) Format() trace.Format        { return trace.Hex }
func (BYTE) Format() trace.Format        { return trace.Hex }
func (Ptr) Format() trace.Format         { return trace.Pointer }
func (Handle) Format() trace.Format      { return trace.Hex }
func (Hex) Format() trace.Format         { return trace.Hex }
func (Millis) Format() trace.Format      { return trace.Milliseconds }
func (Protect) Format() trace.Format     { return trace.PageProtection }
func (AllocType) Format() trace.Format   { return trace.AllocationType }
func (FileAccess) Format() trace.Format  { return trace.FileAccess }
func (Disposition) Format() trace.Format { return trace.FileDisposition }
func (HKEY) Format() trace.Format        { return trace.RegistryKey }
func (RegType) Format() trace.Format     { return trace.RegistryType }

// Guest is the handle as the object table takes it.
func (h Handle) Guest() guest.Handle { return guest.Handle(h) }

// Str is a string argument, decoded. Addr is 0 for a null pointer, for which
// Text is empty too.
type Str struct {
	Addr Ptr
	Text string
}

// Null reports whether the argument was a null pointer.
func (s Str) Null() bool { return s.Addr == 0 }

// The string types. Numbers below 64 KiB are atoms or resource identifiers and
// not followed.
type (
	AStr struct{ Str } // NUL-terminated, ANSI code page
	WStr struct{ Str } // NUL-terminated, UTF-16
	TStr struct{ Str } // AStr in the export's A version, WStr in its W version
)

func (AStr) Format() trace.Format { return trace.Text }
func (WStr) Format() trace.Format { return trace.Text }
func (TStr) Format() trace.Format { return trace.Text }

func (AStr) Decode(c *Call, s uint64) AStr { return AStr{c.decode(s, true)} }
func (WStr) Decode(c *Call, s uint64) WStr { return WStr{c.decode(s, false)} }
func (TStr) Decode(c *Call, s uint64) TStr { return TStr{c.decode(s, c.ANSI())} }

// decode reads a string and records it; the recorded copy serves the handler
// too, so that nothing is allocated for it.
func (c *Call) decode(slot uint64, ansi bool) Str {
	if slot < 0x10000 {
		return Str{Addr: Ptr(slot)}
	}
	var scratch [256]byte
	var text []byte
	var err error
	if ansi {
		var raw []byte
		if raw, err = c.Mem.CString(slot); err == nil {
			text = guest.AppendANSI(scratch[:0], raw)
		}
	} else {
		var raw []byte
		if raw, err = c.Mem.WString(slot); err == nil {
			text = guest.AppendUTF8(scratch[:0], raw)
		}
	}
	if err != nil {
		c.Fail(err)
		return Str{Addr: Ptr(slot)}
	}
	return Str{Addr: Ptr(slot), Text: c.Recorder.Run.Calls.Text(&c.open, c.arg, text)}
}

// Integer is what an [Out] parameter may point to.
type Integer interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int32 | ~int64
}

// Out is a pointer to a number the handler stores. Storing through a null
// pointer does nothing: where Windows refuses one, the handler has to ask
// Null.
type Out[T Integer] struct{ Addr Ptr }

func (Out[T]) Decode(_ *Call, s uint64) Out[T] { return Out[T]{Ptr(s)} }
func (Out[T]) Format() trace.Format            { return trace.Pointer }

// Null reports whether the argument was a null pointer.
func (o Out[T]) Null() bool { return o.Addr == 0 }

// Set stores v.
func (o Out[T]) Set(c *Call, v T) {
	if o.Addr != 0 {
		c.WriteUint(o.Addr, sizeOf[T](), uint64(v))
	}
}

// Get reads what is there now, 0 through a null pointer.
func (o Out[T]) Get(c *Call) T {
	if o.Addr == 0 {
		return 0
	}
	return T(c.ReadUint(o.Addr, sizeOf[T]()))
}

func sizeOf[T Integer]() int {
	var v T
	return int(unsafe.Sizeof(v))
}
