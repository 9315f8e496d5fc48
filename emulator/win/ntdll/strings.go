package ntdll

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf16"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var stringRows = win.Rows{
	win.Func3("RtlAnsiStringToUnicodeString", rtlAnsiStringToUnicodeString, "DestinationString SourceString AllocateDestinationString"),
	win.Func3("RtlCompareUnicodeString", rtlCompareUnicodeString, "String1 String2 CaseInSensitive"),
	win.Func3("RtlEqualUnicodeString", rtlEqualUnicodeString, "String1 String2 CaseInSensitive"),
	win.Func1("RtlFreeAnsiString", freeString, "AnsiString"),
	win.Func1("RtlFreeUnicodeString", freeString, "UnicodeString"),
	win.Func2("RtlInitAnsiString", rtlInitAnsiString, "DestinationString SourceString"),
	win.Func2("RtlInitString", rtlInitAnsiString, "DestinationString SourceString"),
	win.Func2("RtlInitUnicodeString", rtlInitUnicodeString, "DestinationString SourceString"),
	win.Func2("RtlInitUnicodeStringEx", rtlInitUnicodeStringEx, "DestinationString SourceString"),
	win.Func3("RtlUnicodeStringToAnsiString", rtlUnicodeStringToAnsiString, "DestinationString SourceString AllocateDestinationString"),
}

const (
	longestUnicode = 0xFFFC // bytes a UNICODE_STRING holds besides its terminator
	longestAnsi    = 0xFFFE // bytes an ANSI_STRING holds besides its terminator
)

// putString stores a UNICODE_STRING or ANSI_STRING.
func putString(c *win.Call, at win.Ptr, length, capacity int, buffer win.Ptr) {
	b := c.Buffer(at, win.CountedSize)
	if b == nil {
		return
	}
	clear(b)
	le.PutUint16(b, uint16(length))
	le.PutUint16(b[2:], uint16(capacity))
	le.PutUint64(b[win.CountedBuffer:], uint64(buffer))
}

// rtlInitAnsiString makes a counted string of a terminated one, which it
// points to. One that is too long is cut.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtlinitansistring
func rtlInitAnsiString(c *win.Call, DestinationString win.Ptr, SourceString win.AText) (win.Void, win.Error) {
	length, capacity := 0, 0
	if SourceString != 0 {
		text, err := c.Mem.CString(uint64(SourceString))
		if err != nil {
			c.Fail(err)
			return win.Void{}, 0
		}
		length = min(len(text), longestAnsi)
		capacity = length + 1
	}
	putString(c, DestinationString, length, capacity, win.Ptr(SourceString))
	return win.Void{}, 0
}

// rtlInitUnicodeString makes a counted string of a terminated one, which it
// points to. One that is too long is cut.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtlinitunicodestring
func rtlInitUnicodeString(c *win.Call, DestinationString win.Ptr, SourceString win.WText) (win.Void, win.Error) {
	n := unicodeLength(c, SourceString)
	if !c.Faulted() {
		initUnicode(c, DestinationString, SourceString, min(n, longestUnicode))
	}
	return win.Void{}, 0
}

// rtlInitUnicodeStringEx is RtlInitUnicodeString, but refuses text that is too
// long.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlinitunicodestring
func rtlInitUnicodeStringEx(c *win.Call, DestinationString win.Ptr, SourceString win.WText) (win.Status, win.Error) {
	n := unicodeLength(c, SourceString)
	if c.Faulted() {
		return 0, 0
	}
	if n > longestUnicode {
		return statusNameTooLong, 0
	}
	initUnicode(c, DestinationString, SourceString, n)
	return 0, 0
}

func initUnicode(c *win.Call, at win.Ptr, source win.WText, length int) {
	if source == 0 {
		putString(c, at, 0, 0, 0)
		return
	}
	putString(c, at, length, length+2, win.Ptr(source))
}

// unicodeLength is the length of terminated text, in bytes.
func unicodeLength(c *win.Call, text win.WText) int {
	if text == 0 {
		return 0
	}
	b, err := c.Mem.WString(uint64(text))
	if err != nil {
		c.Fail(err)
	}
	return len(b)
}

// rtlUnicodeStringToAnsiString encodes text in the ANSI code page.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtlunicodestringtoansistring
func rtlUnicodeStringToAnsiString(c *win.Call, DestinationString win.Ptr, SourceString win.UnicodeString, AllocateDestinationString win.BYTE) (win.Status, win.Error) {
	return convert(c, DestinationString, guest.ANSI(SourceString.Text), 1, AllocateDestinationString != 0), 0
}

// rtlAnsiStringToUnicodeString decodes text in the ANSI code page.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlansistringtounicodestring
func rtlAnsiStringToUnicodeString(c *win.Call, DestinationString win.Ptr, SourceString win.AnsiString, AllocateDestinationString win.BYTE) (win.Status, win.Error) {
	return convert(c, DestinationString, guest.UTF16(SourceString.Text), 2, AllocateDestinationString != 0), 0
}

// convert stores text, which ends with a terminator of unit bytes, in a
// counted string: in its buffer, or in a new one.
func convert(c *win.Call, at win.Ptr, text []byte, unit int, allocate bool) win.Status {
	const overflow win.Status = 0x80000005 // STATUS_BUFFER_OVERFLOW
	if len(text) > 0xFFFF {
		return statusInvalidParameter2
	}
	length := len(text) - unit
	if allocate {
		buffer := win.Ptr(c.Heap.Alloc(uint64(len(text))))
		if buffer == 0 {
			return win.StatusNoMemory
		}
		c.Write(buffer, text)
		putString(c, at, length, len(text), buffer)
		return 0
	}
	capacity := int(c.ReadUint(at+2, 2))
	buffer := win.Ptr(c.ReadUint(at+win.CountedBuffer, 8))
	if c.Faulted() {
		return 0
	}
	if capacity < len(text) {
		return overflow
	}
	c.Write(buffer, text)
	c.WriteUint(at, 2, uint64(length))
	return 0
}

// freeString gives back the buffer of a string that was converted and clears
// the structure.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtlfreeunicodestring
func freeString(c *win.Call, UnicodeString win.Ptr) (win.Void, win.Error) {
	buffer := c.ReadUint(UnicodeString+win.CountedBuffer, 8)
	if c.Faulted() || buffer == 0 {
		return win.Void{}, 0
	}
	if size, ok := c.Heap.Size(buffer); ok {
		c.Forget(buffer, size)
		c.Heap.Free(buffer)
	}
	clear(c.Buffer(UnicodeString, win.CountedSize))
	return win.Void{}, 0
}

// rtlEqualUnicodeString reports whether two strings are the same.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlequalunicodestring
func rtlEqualUnicodeString(c *win.Call, String1, String2 win.UnicodeString, CaseInSensitive win.BYTE) (win.Bool, win.Error) {
	return compare(String1.Text, String2.Text, CaseInSensitive != 0) == 0, 0
}

// rtlCompareUnicodeString tells which of two strings comes first, by their
// code units; the result's sign counts.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcompareunicodestring
func rtlCompareUnicodeString(c *win.Call, String1, String2 win.UnicodeString, CaseInSensitive win.BYTE) (win.Int, win.Error) {
	return win.Int(compare(String1.Text, String2.Text, CaseInSensitive != 0)), 0
}

func compare(a, b string, fold bool) int {
	return slices.CompareFunc(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)), func(x, y uint16) int {
		if fold {
			x, y = upper(x), upper(y)
		}
		return cmp.Compare(x, y)
	})
}

// upper is the simple upper case of a code unit, as RtlUpcaseUnicodeChar
// gives it.
func upper(u uint16) uint16 {
	if r := unicode.ToUpper(rune(u)); r <= 0xFFFF {
		return uint16(r)
	}
	return u
}
