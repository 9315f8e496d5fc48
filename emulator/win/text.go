package win

import (
	"bytes"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Pointers to text that the handler follows itself, because the text may be
// long, need not end, or lie in memory that cannot be read: what is to be
// accessed is the function's own rule. The trace shows the beginning, where
// there is one. Handlers that want the whole string take an [AStr] or [WStr].
type (
	AText Ptr // ANSI code page
	WText Ptr // UTF-16
	TText Ptr // AText in the export's A version, WText in its W version
)

// excerpt is how many characters of a text the trace shows.
const excerpt = 64

func (AText) Format() trace.Format { return trace.Text }
func (WText) Format() trace.Format { return trace.Text }
func (TText) Format() trace.Format { return trace.Text }

func (AText) Decode(c *Call, s uint64) AText {
	b := c.glance(s, excerpt)
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	var scratch [3 * excerpt]byte
	c.show(b != nil, guest.AppendANSI(scratch[:0], b))
	return AText(s)
}

func (WText) Decode(c *Call, s uint64) WText {
	b := c.glance(s, 2*excerpt)
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 && b[i+1] == 0 {
			b = b[:i]
			break
		}
	}
	var scratch [3 * excerpt]byte
	c.show(b != nil, guest.AppendUTF8(scratch[:0], b))
	return WText(s)
}

func (TText) Decode(c *Call, s uint64) TText {
	if c.ANSI() {
		return TText(AText(0).Decode(c, s))
	}
	return TText(WText(0).Decode(c, s))
}

// glance returns up to n readable bytes at addr; nil if there are none.
func (c *Call) glance(addr uint64, n int) []byte {
	if b, err := c.Mem.View(addr, n); err == nil {
		return b
	}
	if rest := int(-addr & (guest.PageSize - 1)); rest > 0 && rest < n {
		if b, err := c.Mem.View(addr, rest); err == nil {
			return b
		}
	}
	return nil
}

func (c *Call) show(readable bool, text []byte) {
	if readable {
		c.Recorder.Run.Calls.Text(&c.open, c.arg, text)
	}
}

// Raw and Failure make them results too: functions that return a place in the
// text they were given.
func (p AText) Raw() uint64   { return uint64(p) }
func (p WText) Raw() uint64   { return uint64(p) }
func (AText) Failure() uint64 { return 0 }
func (WText) Failure() uint64 { return 0 }
