package ntdll

import (
	"hash/crc32"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var rtlNumberRows = win.Rows{
	win.Stub("DbgPrint", win.Status(0), "Format"),
	win.Stub("DbgPrintEx", win.Status(0), "ComponentId Level Format"),
	win.Func3("RtlCharToInteger", rtlCharToInteger, "String Base Value"),
	win.Func3("RtlClearBits", rtlClearBits, "BitMapHeader StartingIndex NumberToClear"),
	win.Func3("RtlComputeCrc32", rtlComputeCrc32, "PartialCrc Buffer Length"),
	win.Func3("RtlFindClearBitsAndSet", rtlFindClearBitsAndSet, "BitMapHeader NumberToFind HintIndex"),
	win.Func2("RtlGUIDFromString", rtlGUIDFromString, "GuidString Guid"),
	win.Func3("RtlInitializeBitMap", rtlInitializeBitMap, "BitMapHeader BitMapBuffer SizeOfBitMap"),
	win.Func3("RtlIntegerToUnicodeString", rtlIntegerToUnicodeString, "Value Base String"),
	win.Func2("RtlIpv4AddressToStringA", rtlIpv4AddressToStringA, "Addr S"),
	win.Func2("RtlIpv4AddressToStringW", rtlIpv4AddressToStringW, "Addr S"),
	win.Func1("RtlNumberOfSetBits", rtlNumberOfSetBits, "BitMapHeader"),
	win.Func3("RtlSetBits", rtlSetBits, "BitMapHeader StartingIndex NumberToSet"),
	win.Func2("RtlStringFromGUID", rtlStringFromGUID, "Guid GuidString"),
	win.Func2("RtlSecondsSince1970ToTime", rtlSecondsSince1970ToTime, "ElapsedSeconds Time"),
	win.Func2("RtlTestBit", rtlTestBit, "BitMapHeader BitNumber"),
	win.Func2("RtlTimeFieldsToTime", rtlTimeFieldsToTime, "TimeFields Time"),
	win.Func2("RtlTimeToSecondsSince1970", rtlTimeToSecondsSince1970, "Time ElapsedSeconds"),
	win.Func2("RtlTimeToTimeFields", rtlTimeToTimeFields, "Time TimeFields"),
	win.Func3("RtlUnicodeStringToInteger", rtlUnicodeStringToInteger, "String Base Value"),
}

// rtlComputeCrc32 is the checksum of ZIP archives, carried on from a part.
func rtlComputeCrc32(c *win.Call, PartialCrc win.Hex, Buffer win.Ptr, Length win.DWORD) (win.Hex, win.Error) {
	return win.Hex(crc32.Update(uint32(PartialCrc), crc32.IEEETable, c.Bytes(Buffer, uint64(Length)))), 0
}

// integer reads a number as C does, with a prefix where no base is given.
func integer(text string, base win.DWORD) (uint32, bool) {
	text = strings.TrimLeft(text, " \t\r\n\v\f")
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(strings.TrimPrefix(text, "-"), "+")
	if base == 0 {
		base = 10
		for prefix, b := range map[string]win.DWORD{"0x": 16, "0o": 8, "0b": 2} { // at most one begins the text
			if rest, ok := strings.CutPrefix(text, prefix); ok {
				text, base = rest, b
				break
			}
		}
	}
	if base != 2 && base != 8 && base != 10 && base != 16 {
		return 0, false
	}
	v := uint32(0)
	for _, r := range text {
		d, err := strconv.ParseUint(string(r), int(base), 8)
		if err != nil {
			break
		}
		v = v*uint32(base) + uint32(d)
	}
	if negative {
		v = -v
	}
	return v, true
}

// rtlCharToInteger reads a number.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtlchartointeger
func rtlCharToInteger(c *win.Call, String win.AStr, Base win.DWORD, Value win.Out[uint32]) (win.Status, win.Error) {
	v, ok := integer(String.Text, Base)
	if !ok {
		return win.StatusInvalidParameter, 0
	}
	Value.Set(c, v)
	return 0, 0
}

func rtlUnicodeStringToInteger(c *win.Call, String win.UnicodeString, Base win.DWORD, Value win.Out[uint32]) (win.Status, win.Error) {
	v, ok := integer(String.Text, Base)
	if !ok {
		return win.StatusInvalidParameter, 0
	}
	Value.Set(c, v)
	return 0, 0
}

// rtlIntegerToUnicodeString writes a number, in capitals.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlintegertounicodestring
func rtlIntegerToUnicodeString(c *win.Call, Value, Base win.DWORD, String win.Ptr) (win.Status, win.Error) {
	if Base == 0 {
		Base = 10
	}
	if Base != 2 && Base != 8 && Base != 10 && Base != 16 {
		return win.StatusInvalidParameter, 0
	}
	return convert(c, String, guest.UTF16(strings.ToUpper(strconv.FormatUint(uint64(Value), int(Base)))), 2, false), 0
}

// guidText writes an identifier as {00000000-0000-0000-0000-000000000000}.
func guidText(b []byte) string {
	hex := func(v uint64, digits int) string {
		s := strings.ToUpper(strconv.FormatUint(v, 16))
		return strings.Repeat("0", digits-len(s)) + s
	}
	s := "{" + hex(uint64(le.Uint32(b)), 8) + "-" + hex(uint64(le.Uint16(b[4:])), 4) + "-" + hex(uint64(le.Uint16(b[6:])), 4) + "-"
	for i, x := range b[8:16] {
		if i == 2 {
			s += "-"
		}
		s += hex(uint64(x), 2)
	}
	return s + "}"
}

// rtlStringFromGUID writes an identifier into a new buffer.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlstringfromguid
func rtlStringFromGUID(c *win.Call, Guid, GuidString win.Ptr) (win.Status, win.Error) {
	b := c.Bytes(Guid, 16)
	if b == nil {
		return 0, 0
	}
	return convert(c, GuidString, guest.UTF16(guidText(b)), 2, true), 0
}

// rtlGUIDFromString reads an identifier.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlguidfromstring
func rtlGUIDFromString(c *win.Call, GuidString win.UnicodeString, Guid win.Ptr) (win.Status, win.Error) {
	s := GuidString.Text
	if len(s) != 38 || s[0] != '{' || s[37] != '}' || s[9] != '-' || s[14] != '-' || s[19] != '-' || s[24] != '-' {
		return win.StatusInvalidParameter, 0
	}
	digits := strings.ReplaceAll(s[1:37], "-", "")
	var b []byte
	for i := 0; i+2 <= len(digits); i += 2 {
		v, err := strconv.ParseUint(digits[i:i+2], 16, 8)
		if err != nil {
			return win.StatusInvalidParameter, 0
		}
		b = append(b, byte(v))
	}
	if len(b) != 16 {
		return win.StatusInvalidParameter, 0
	}
	b[0], b[1], b[2], b[3] = b[3], b[2], b[1], b[0]
	b[4], b[5], b[6], b[7] = b[5], b[4], b[7], b[6]
	c.Write(Guid, b)
	return 0, 0
}

// rtlIpv4AddressToStringA writes an address and gives the text's end.
//
// https://learn.microsoft.com/windows/win32/api/ip2string/nf-ip2string-rtlipv4addresstostringa
func rtlIpv4AddressToStringA(c *win.Call, Addr, S win.Ptr) (win.Ptr, win.Error) {
	b := c.Bytes(Addr, 4)
	if b == nil {
		return 0, 0
	}
	text := guest.ANSI(netip.AddrFrom4([4]byte(b)).String())
	c.Write(S, text)
	return S + win.Ptr(len(text)-1), 0
}

func rtlIpv4AddressToStringW(c *win.Call, Addr, S win.Ptr) (win.Ptr, win.Error) {
	b := c.Bytes(Addr, 4)
	if b == nil {
		return 0, 0
	}
	text := guest.UTF16(netip.AddrFrom4([4]byte(b)).String())
	c.Write(S, text)
	return S + win.Ptr(len(text)-2), 0
}

// Bitmaps: the number of bits, and a pointer to them at 8.

// bitmap gives the bits of a RTL_BITMAP, to be changed.
func bitmap(c *win.Call, at win.Ptr) (bits []byte, size uint32) {
	const most = 1 << 28
	size = min(uint32(c.ReadUint(at, 4)), most)
	buffer := win.Ptr(c.ReadUint(at+8, 8))
	if c.Faulted() {
		return nil, 0
	}
	return c.Buffer(buffer, (uint64(size)+31)/32*4), size
}

// rtlInitializeBitMap describes a bitmap.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlinitializebitmap
func rtlInitializeBitMap(c *win.Call, BitMapHeader, BitMapBuffer win.Ptr, SizeOfBitMap win.DWORD) (win.Void, win.Error) {
	c.WriteUint(BitMapHeader, 4, uint64(SizeOfBitMap))
	c.WriteUint(BitMapHeader+8, 8, uint64(BitMapBuffer))
	return win.Void{}, 0
}

func change(c *win.Call, at win.Ptr, start, n win.DWORD, set bool) {
	bits, size := bitmap(c, at)
	if bits == nil || uint64(start)+uint64(n) > uint64(size) {
		return
	}
	for i := start; i < start+n; i++ {
		if set {
			bits[i/8] |= 1 << (i % 8)
		} else {
			bits[i/8] &^= 1 << (i % 8)
		}
	}
}

func rtlSetBits(c *win.Call, BitMapHeader win.Ptr, StartingIndex, NumberToSet win.DWORD) (win.Void, win.Error) {
	change(c, BitMapHeader, StartingIndex, NumberToSet, true)
	return win.Void{}, 0
}

func rtlClearBits(c *win.Call, BitMapHeader win.Ptr, StartingIndex, NumberToClear win.DWORD) (win.Void, win.Error) {
	change(c, BitMapHeader, StartingIndex, NumberToClear, false)
	return win.Void{}, 0
}

func rtlTestBit(c *win.Call, BitMapHeader win.Ptr, BitNumber win.DWORD) (win.BYTE, win.Error) {
	bits, size := bitmap(c, BitMapHeader)
	if bits == nil || uint32(BitNumber) >= size {
		return 0, 0
	}
	return win.BYTE(bits[BitNumber/8] >> (BitNumber % 8) & 1), 0
}

func rtlNumberOfSetBits(c *win.Call, BitMapHeader win.Ptr) (win.DWORD, win.Error) {
	bits, size := bitmap(c, BitMapHeader)
	n := win.DWORD(0)
	for i := uint32(0); bits != nil && i < size; i++ {
		n += win.DWORD(bits[i/8] >> (i % 8) & 1)
	}
	return n, 0
}

// rtlFindClearBitsAndSet finds a run of clear bits, from a hint on, and sets
// it.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfindclearbitsandset
func rtlFindClearBitsAndSet(c *win.Call, BitMapHeader win.Ptr, NumberToFind, HintIndex win.DWORD) (win.Hex, win.Error) {
	const none = 0xFFFFFFFF
	bits, size := bitmap(c, BitMapHeader)
	if bits == nil || uint32(NumberToFind) > size || NumberToFind == 0 {
		return none, 0
	}
	if uint32(HintIndex) >= size {
		HintIndex = 0
	}
	for _, from := range []uint32{uint32(HintIndex) &^ 7, 0} {
		run := uint32(0)
		for i := from; i < size; i++ {
			if bits[i/8]>>(i%8)&1 != 0 {
				run = 0
				continue
			}
			if run++; run == uint32(NumberToFind) {
				start := i + 1 - run
				change(c, BitMapHeader, win.DWORD(start), NumberToFind, true)
				return win.Hex(start), 0
			}
		}
	}
	return none, 0
}

// Times are 100 ns since 1601.

const secondsTo1970 = 11_644_473_600

func rtlSecondsSince1970ToTime(c *win.Call, ElapsedSeconds win.DWORD, Time win.Out[uint64]) (win.Void, win.Error) {
	Time.Set(c, (uint64(ElapsedSeconds)+secondsTo1970)*10_000_000)
	return win.Void{}, 0
}

// rtlTimeToSecondsSince1970 fails for times that 32 bits cannot hold.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtltimetosecondssince1970
func rtlTimeToSecondsSince1970(c *win.Call, Time, ElapsedSeconds win.Ptr) (win.BYTE, win.Error) {
	seconds := c.ReadUint(Time, 8) / 10_000_000
	if seconds < secondsTo1970 || seconds-secondsTo1970 > 0xFFFFFFFF {
		return 0, 0
	}
	c.WriteUint(ElapsedSeconds, 4, seconds-secondsTo1970)
	return 1, 0
}

// rtlTimeToTimeFields takes a time apart.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtltimetotimefields
func rtlTimeToTimeFields(c *win.Call, Time, TimeFields win.Ptr) (win.Void, win.Error) {
	v := c.ReadUint(Time, 8)
	t := time.Unix(int64(v/10_000_000)-secondsTo1970, int64(v%10_000_000)*100).UTC()
	b := c.Buffer(TimeFields, 16)
	if b == nil {
		return win.Void{}, 0
	}
	for i, f := range []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1e6, int(t.Weekday())} {
		le.PutUint16(b[2*i:], uint16(f))
	}
	return win.Void{}, 0
}

func rtlTimeFieldsToTime(c *win.Call, TimeFields, Time win.Ptr) (win.BYTE, win.Error) {
	b := c.Bytes(TimeFields, 16)
	if b == nil {
		return 0, 0
	}
	f := func(i int) int { return int(int16(le.Uint16(b[2*i:]))) }
	t := time.Date(f(0), time.Month(f(1)), f(2), f(3), f(4), f(5), f(6)*1e6, time.UTC)
	if f(0) < 1601 || int(t.Month()) != f(1) || t.Day() != f(2) || t.Hour() != f(3) || t.Minute() != f(4) || t.Second() != f(5) || f(6) < 0 || f(6) > 999 {
		return 0, 0
	}
	c.WriteUint(Time, 8, guest.FileTime(t))
	return 1, 0
}
