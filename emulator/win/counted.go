package win

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Pointers to counted strings, which the native API takes instead of
// terminated ones. Addr is that of the structure.
//
// https://learn.microsoft.com/windows/win32/api/subauth/ns-subauth-unicode_string
type (
	UnicodeString struct{ Str } // PUNICODE_STRING
	AnsiString    struct{ Str } // PANSI_STRING
)

// CountedSize is the size of a UNICODE_STRING or ANSI_STRING: length and
// capacity in bytes, as words, and a pointer at CountedBuffer.
const (
	CountedSize   = 16
	CountedBuffer = 8
)

func (UnicodeString) Format() trace.Format { return trace.Text }
func (AnsiString) Format() trace.Format    { return trace.Text }

func (UnicodeString) Decode(c *Call, s uint64) UnicodeString {
	var scratch [256]byte
	return UnicodeString{c.decodeCounted(s, guest.AppendUTF8(scratch[:0], c.Counted(Ptr(s))))}
}

func (AnsiString) Decode(c *Call, s uint64) AnsiString {
	var scratch [256]byte
	return AnsiString{c.decodeCounted(s, guest.AppendANSI(scratch[:0], c.Counted(Ptr(s))))}
}

func (c *Call) decodeCounted(slot uint64, text []byte) Str {
	if slot == 0 || c.fault != nil {
		return Str{Addr: Ptr(slot)}
	}
	return Str{Addr: Ptr(slot), Text: c.Recorder.Run.Calls.Text(&c.open, c.arg, text)}
}

// Counted returns the bytes of the counted string whose structure is at p, to
// be read only; none for a null pointer or after a fault.
func (c *Call) Counted(p Ptr) []byte {
	if p == 0 {
		return nil
	}
	b := c.Bytes(p, CountedSize)
	if b == nil {
		return nil
	}
	length := binary.LittleEndian.Uint16(b)
	return c.Bytes(Ptr(binary.LittleEndian.Uint64(b[CountedBuffer:])), uint64(length))
}
