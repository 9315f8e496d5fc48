package ntdll

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var rtlTextRows = win.Rows{
	win.Func2("RtlAppendUnicodeStringToString", rtlAppendUnicodeStringToString, "Destination Source"),
	win.Func2("RtlAppendUnicodeToString", rtlAppendUnicodeToString, "Destination Source"),
	win.Func2("RtlCopyUnicodeString", rtlCopyUnicodeString, "DestinationString SourceString"),
	win.Func2("RtlCreateUnicodeString", rtlCreateUnicodeString, "DestinationString SourceString"),
	win.Func2("RtlCreateUnicodeStringFromAsciiz", rtlCreateUnicodeStringFromAsciiz, "DestinationString SourceString"),
	win.Func1("RtlDowncaseUnicodeChar", rtlDowncaseUnicodeChar, "SourceCharacter"),
	win.Func3("RtlDuplicateUnicodeString", rtlDuplicateUnicodeString, "Flags SourceString DestinationString"),
	win.Func1("RtlEraseUnicodeString", rtlEraseUnicodeString, "String"),
	win.Func4("RtlHashUnicodeString", rtlHashUnicodeString, "String CaseInSensitive HashAlgorithm HashValue"),
	win.Func5("RtlMultiByteToUnicodeN", rtlMultiByteToUnicodeN, "UnicodeString MaxBytesInUnicodeString BytesInUnicodeString MultiByteString BytesInMultiByteString"),
	win.Func3("RtlMultiByteToUnicodeSize", rtlMultiByteToUnicodeSize, "BytesInUnicodeString MultiByteString BytesInMultiByteString"),
	win.Func3("RtlPrefixUnicodeString", rtlPrefixUnicodeString, "String1 String2 CaseInSensitive"),
	win.Func5("RtlUTF8ToUnicodeN", rtlUTF8ToUnicodeN, "UnicodeStringDestination UnicodeStringMaxByteCount UnicodeStringActualByteCount UTF8StringSource UTF8StringByteCount"),
	win.Func5("RtlUnicodeToMultiByteN", rtlUnicodeToMultiByteN, "MultiByteString MaxBytesInMultiByteString BytesInMultiByteString UnicodeString BytesInUnicodeString"),
	win.Func3("RtlUnicodeToMultiByteSize", rtlUnicodeToMultiByteSize, "BytesInMultiByteString UnicodeString BytesInUnicodeString"),
	win.Func5("RtlUnicodeToUTF8N", rtlUnicodeToUTF8N, "UTF8StringDestination UTF8StringMaxByteCount UTF8StringActualByteCount UnicodeStringSource UnicodeStringByteCount"),
	win.Func1("RtlUpcaseUnicodeChar", rtlUpcaseUnicodeChar, "SourceCharacter"),
	win.Func3("RtlUpcaseUnicodeString", rtlUpcaseUnicodeString, "DestinationString SourceString AllocateDestinationString"),
	win.Func3("RtlDowncaseUnicodeString", rtlDowncaseUnicodeString, "DestinationString SourceString AllocateDestinationString"),
	win.Func1("RtlUpperChar", rtlUpperChar, "Character"),
	win.Func3("RtlCompareString", rtlCompareString, "String1 String2 CaseInSensitive"),
	win.Func3("RtlEqualString", rtlEqualString, "String1 String2 CaseInSensitive"),
}

const statusSomeNotMapped win.Status = 0x00000107

// appendText adds bytes of text behind a counted string, whose buffer must
// have room. A terminator follows where there is room for one too.
func appendText(c *win.Call, at win.Ptr, text []byte) win.Status {
	length, room := c.ReadUint(at, 2), c.ReadUint(at+2, 2)
	buffer := win.Ptr(c.ReadUint(at+win.CountedBuffer, 8))
	if c.Faulted() {
		return 0
	}
	if length+uint64(len(text)) > room {
		return win.StatusBufferTooSmall
	}
	c.Write(buffer+win.Ptr(length), text)
	length += uint64(len(text))
	if length+2 <= room {
		c.WriteUint(buffer+win.Ptr(length), 2, 0)
	}
	c.WriteUint(at, 2, length)
	return 0
}

// rtlAppendUnicodeStringToString adds one string behind another.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlappendunicodestringtostring
func rtlAppendUnicodeStringToString(c *win.Call, Destination win.Ptr, Source win.UnicodeString) (win.Status, win.Error) {
	return appendText(c, Destination, append([]byte(nil), c.Counted(Source.Addr)...)), 0
}

func rtlAppendUnicodeToString(c *win.Call, Destination win.Ptr, Source win.WStr) (win.Status, win.Error) {
	if Source.Null() {
		return 0, 0
	}
	b, err := c.Mem.WString(uint64(Source.Addr))
	if err != nil {
		c.Fail(err)
		return 0, 0
	}
	return appendText(c, Destination, append([]byte(nil), b...)), 0
}

// rtlCopyUnicodeString copies as much as there is room for.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcopyunicodestring
func rtlCopyUnicodeString(c *win.Call, DestinationString win.Ptr, SourceString win.UnicodeString) (win.Void, win.Error) {
	c.WriteUint(DestinationString, 2, 0)
	room := c.ReadUint(DestinationString+2, 2)
	text := append([]byte(nil), c.Counted(SourceString.Addr)...)
	if !c.Faulted() {
		appendText(c, DestinationString, text[:min(uint64(len(text)), room&^1)])
	}
	return win.Void{}, 0
}

// rtlCreateUnicodeString makes a counted string with a buffer of its own.
func rtlCreateUnicodeString(c *win.Call, DestinationString win.Ptr, SourceString win.WStr) (win.BYTE, win.Error) {
	if convert(c, DestinationString, guest.UTF16(SourceString.Text), 2, true) != 0 {
		return 0, 0
	}
	return 1, 0
}

func rtlCreateUnicodeStringFromAsciiz(c *win.Call, DestinationString win.Ptr, SourceString win.AStr) (win.BYTE, win.Error) {
	if convert(c, DestinationString, guest.UTF16(SourceString.Text), 2, true) != 0 {
		return 0, 0
	}
	return 1, 0
}

// rtlDuplicateUnicodeString copies a string into a buffer of its own, with a
// terminator if that is asked for.
func rtlDuplicateUnicodeString(c *win.Call, Flags win.DWORD, SourceString win.UnicodeString, DestinationString win.Ptr) (win.Status, win.Error) {
	const terminate, allocateEmpty = 1, 2
	text := append([]byte(nil), c.Counted(SourceString.Addr)...)
	switch {
	case c.Faulted():
		return 0, 0
	case SourceString.Null() || DestinationString == 0 || Flags > terminate|allocateEmpty || Flags == allocateEmpty:
		return win.StatusInvalidParameter, 0
	case len(text) == 0 && Flags&allocateEmpty == 0:
		putString(c, DestinationString, 0, 0, 0)
		return 0, 0
	}
	capacity := len(text)
	if Flags&terminate != 0 {
		capacity += 2
	}
	at := c.Heap.Alloc(uint64(capacity))
	if at == 0 {
		return win.StatusNoMemory, 0
	}
	c.Write(win.Ptr(at), append(text, 0, 0)[:capacity])
	putString(c, DestinationString, len(text), capacity, win.Ptr(at))
	return 0, 0
}

func rtlEraseUnicodeString(c *win.Call, String win.Ptr) (win.Void, win.Error) {
	room := c.ReadUint(String+2, 2)
	buffer := win.Ptr(c.ReadUint(String+win.CountedBuffer, 8))
	if !c.Faulted() {
		clear(c.Buffer(buffer, room))
		c.WriteUint(String, 2, 0)
	}
	return win.Void{}, 0
}

func units(b []byte) []uint16 {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = le.Uint16(b[2*i:])
	}
	return u
}

func fromUnits(u []uint16) []byte {
	b := make([]byte, 0, 2*len(u))
	for _, x := range u {
		b = le.AppendUint16(b, x)
	}
	return b
}

func lower(u uint16) uint16 {
	if r := unicode.ToLower(rune(u)); r <= 0xFFFF && !utf16.IsSurrogate(rune(u)) {
		return uint16(r)
	}
	return u
}

// rtlHashUnicodeString is the x65599 hash of the code units.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlhashunicodestring
func rtlHashUnicodeString(c *win.Call, String win.UnicodeString, CaseInSensitive win.BYTE, HashAlgorithm win.DWORD, HashValue win.Out[uint32]) (win.Status, win.Error) {
	const standard, x65599 = 0, 1
	if String.Null() || HashValue.Null() || HashAlgorithm != standard && HashAlgorithm != x65599 {
		return win.StatusInvalidParameter, 0
	}
	h := uint32(0)
	for _, u := range units(c.Counted(String.Addr)) {
		if CaseInSensitive != 0 {
			u = upper(u)
		}
		h = h*65599 + uint32(u)
	}
	HashValue.Set(c, h)
	return 0, 0
}

func rtlUpcaseUnicodeChar(_ *win.Call, SourceCharacter win.WORD) (win.WORD, win.Error) {
	return win.WORD(upper(uint16(SourceCharacter))), 0
}

func rtlDowncaseUnicodeChar(_ *win.Call, SourceCharacter win.WORD) (win.WORD, win.Error) {
	return win.WORD(lower(uint16(SourceCharacter))), 0
}

// rtlUpperChar makes an ASCII letter capital.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlupperchar
func rtlUpperChar(_ *win.Call, Character win.BYTE) (win.BYTE, win.Error) {
	if Character >= 'a' && Character <= 'z' {
		Character -= 'a' - 'A'
	}
	return Character, 0
}

func changed(c *win.Call, at win.Ptr, source win.UnicodeString, allocate bool, change func(uint16) uint16) win.Status {
	u := units(c.Counted(source.Addr))
	for i := range u {
		u[i] = change(u[i])
	}
	text := fromUnits(u)
	if allocate {
		buffer := c.Heap.Alloc(uint64(max(len(text), 2)))
		if buffer == 0 {
			return win.StatusNoMemory
		}
		c.Write(win.Ptr(buffer), text)
		putString(c, at, len(text), len(text), win.Ptr(buffer))
		return 0
	}
	if c.ReadUint(at+2, 2) < uint64(len(text)) {
		return 0x80000005 // STATUS_BUFFER_OVERFLOW
	}
	c.Write(win.Ptr(c.ReadUint(at+win.CountedBuffer, 8)), text)
	c.WriteUint(at, 2, uint64(len(text)))
	return 0
}

// rtlUpcaseUnicodeString makes a string capital.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlupcaseunicodestring
func rtlUpcaseUnicodeString(c *win.Call, DestinationString win.Ptr, SourceString win.UnicodeString, AllocateDestinationString win.BYTE) (win.Status, win.Error) {
	return changed(c, DestinationString, SourceString, AllocateDestinationString != 0, upper), 0
}

func rtlDowncaseUnicodeString(c *win.Call, DestinationString win.Ptr, SourceString win.UnicodeString, AllocateDestinationString win.BYTE) (win.Status, win.Error) {
	return changed(c, DestinationString, SourceString, AllocateDestinationString != 0, lower), 0
}

// rtlPrefixUnicodeString tells whether one string begins another.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlprefixunicodestring
func rtlPrefixUnicodeString(c *win.Call, String1, String2 win.UnicodeString, CaseInSensitive win.BYTE) (win.BYTE, win.Error) {
	a, b := units(c.Counted(String1.Addr)), units(c.Counted(String2.Addr))
	if len(a) > len(b) {
		return 0, 0
	}
	for i, u := range a {
		if u != b[i] && (CaseInSensitive == 0 || upper(u) != upper(b[i])) {
			return 0, 0
		}
	}
	return 1, 0
}

func rtlCompareString(c *win.Call, String1, String2 win.AnsiString, CaseInSensitive win.BYTE) (win.Int, win.Error) {
	a, b := String1.Text, String2.Text
	if CaseInSensitive != 0 {
		a, b = strings.ToUpper(a), strings.ToUpper(b)
	}
	return win.Int(cmp.Compare(a, b)), 0
}

func rtlEqualString(c *win.Call, String1, String2 win.AnsiString, CaseInSensitive win.BYTE) (win.BYTE, win.Error) {
	if order, _ := rtlCompareString(c, String1, String2, CaseInSensitive); order != 0 {
		return 0, 0
	}
	return 1, 0
}

// cutTo stores at most room bytes, whole units of them.
func cutTo(c *win.Call, at win.Ptr, room win.DWORD, unit int, data []byte, stored win.Out[uint32]) {
	data = data[:min(len(data), int(room)/unit*unit)]
	c.Write(at, data)
	stored.Set(c, uint32(len(data)))
}

// rtlMultiByteToUnicodeN decodes text in the ANSI code page.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlmultibytetounicoden
func rtlMultiByteToUnicodeN(c *win.Call, UnicodeString win.Ptr, MaxBytesInUnicodeString win.DWORD, BytesInUnicodeString win.Out[uint32], MultiByteString win.Ptr, BytesInMultiByteString win.DWORD) (win.Status, win.Error) {
	b := guest.UTF16(string(guest.AppendANSI(nil, c.Bytes(MultiByteString, uint64(BytesInMultiByteString)))))
	if !c.Faulted() {
		cutTo(c, UnicodeString, MaxBytesInUnicodeString, 2, b[:len(b)-2], BytesInUnicodeString)
	}
	return 0, 0
}

func rtlMultiByteToUnicodeSize(c *win.Call, BytesInUnicodeString win.Out[uint32], MultiByteString win.Ptr, BytesInMultiByteString win.DWORD) (win.Status, win.Error) {
	BytesInUnicodeString.Set(c, 2*uint32(BytesInMultiByteString))
	return 0, 0
}

// rtlUnicodeToMultiByteN encodes text in the ANSI code page.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodetomultibyten
func rtlUnicodeToMultiByteN(c *win.Call, MultiByteString win.Ptr, MaxBytesInMultiByteString win.DWORD, BytesInMultiByteString win.Out[uint32], UnicodeString win.Ptr, BytesInUnicodeString win.DWORD) (win.Status, win.Error) {
	b := guest.ANSI(string(guest.AppendUTF8(nil, c.Bytes(UnicodeString, uint64(BytesInUnicodeString)))))
	if !c.Faulted() {
		cutTo(c, MultiByteString, MaxBytesInMultiByteString, 1, b[:len(b)-1], BytesInMultiByteString)
	}
	return 0, 0
}

func rtlUnicodeToMultiByteSize(c *win.Call, BytesInMultiByteString win.Out[uint32], UnicodeString win.Ptr, BytesInUnicodeString win.DWORD) (win.Status, win.Error) {
	b := guest.ANSI(string(guest.AppendUTF8(nil, c.Bytes(UnicodeString, uint64(BytesInUnicodeString)))))
	BytesInMultiByteString.Set(c, uint32(len(b)-1))
	return 0, 0
}

// rtlUTF8ToUnicodeN decodes UTF-8; without a buffer it tells the size. What is
// no UTF-8 becomes the replacement character.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlutf8tounicoden
func rtlUTF8ToUnicodeN(c *win.Call, UnicodeStringDestination win.Ptr, UnicodeStringMaxByteCount win.DWORD, UnicodeStringActualByteCount win.Out[uint32], UTF8StringSource win.Ptr, UTF8StringByteCount win.DWORD) (win.Status, win.Error) {
	if UTF8StringSource == 0 {
		return statusInvalidParameter4, 0
	}
	source := c.Bytes(UTF8StringSource, uint64(UTF8StringByteCount))
	b := fromUnits(utf16.Encode([]rune(string(source))))
	bad := !utf8.Valid(source)
	return sized(c, UnicodeStringDestination, UnicodeStringMaxByteCount, UnicodeStringActualByteCount, 2, b, bad), 0
}

// rtlUnicodeToUTF8N encodes UTF-8; without a buffer it tells the size.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodetoutf8n
func rtlUnicodeToUTF8N(c *win.Call, UTF8StringDestination win.Ptr, UTF8StringMaxByteCount win.DWORD, UTF8StringActualByteCount win.Out[uint32], UnicodeStringSource win.Ptr, UnicodeStringByteCount win.DWORD) (win.Status, win.Error) {
	if UnicodeStringSource == 0 {
		return statusInvalidParameter4, 0
	}
	u := units(c.Bytes(UnicodeStringSource, uint64(UnicodeStringByteCount)))
	runes := utf16.Decode(u)
	bad := false
	for i, r := range utf16.Encode(runes) {
		bad = bad || r == 0xFFFD && (i >= len(u) || u[i] != 0xFFFD)
	}
	return sized(c, UTF8StringDestination, UTF8StringMaxByteCount, UTF8StringActualByteCount, 1, []byte(string(runes)), bad), 0
}

func sized(c *win.Call, at win.Ptr, room win.DWORD, actual win.Out[uint32], unit int, b []byte, bad bool) win.Status {
	if c.Faulted() {
		return 0
	}
	status := win.Status(0)
	if bad {
		status = statusSomeNotMapped
	}
	if at == 0 {
		actual.Set(c, uint32(len(b)))
		return status
	}
	if len(b) > int(room) {
		status = win.StatusBufferTooSmall
	}
	cutTo(c, at, room, unit, b, actual)
	return status
}
