package shlwapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sidetrace/emulator/win"
)

var numberRows = win.Rows{
	win.Func4("HashData", hashData, "pbData cbData pbHash cbHash"),
	win.Func3("StrFormatByteSize64A", strFormatByteSize, "qdw pszBuf cchBuf"),
	win.Func3("StrFormatByteSizeA", strFormatByteSize32, "dw pszBuf cchBuf"),
	win.Func3("StrFormatByteSizeW", strFormatByteSize, "qdw pszBuf cchBuf"),
	win.Func3("StrFormatKBSize{A,W}", strFormatKBSize, "qdw pszBuf cchBuf"),
	win.Func1("StrToInt{A,W}", strToInt, "pszSrc"),
	win.Func3("StrToInt64Ex{A,W}", strToInt64Ex, "pszString dwFlags pllRet"),
	win.Func3("StrToIntEx{A,W}", strToIntEx, "pszString dwFlags piRet"),
}

// strToInt reads a decimal number with its sign; anything else is 0.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strtointw
func strToInt(c *win.Call, pszSrc win.TStr) (win.Int, win.Error) {
	text := pszSrc.Text
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return 0, 0
	}
	n, _ := number(text, false)
	return win.Int(n), 0
}

// strToIntEx skips blanks and reads hexadecimal numbers too, if asked to.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strtointexw
func strToIntEx(c *win.Call, pszString win.TStr, dwFlags win.Hex, piRet win.Out[int32]) (win.Bool, win.Error) {
	n, ok := number(strings.TrimLeft(pszString.Text, " \t\n\v\f\r"), dwFlags&stifSupportHex != 0)
	if ok {
		piRet.Set(c, int32(n))
	}
	return win.Bool(ok), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strtoint64exw
func strToInt64Ex(c *win.Call, pszString win.TStr, dwFlags win.Hex, pllRet win.Out[int64]) (win.Bool, win.Error) {
	n, ok := number(strings.TrimLeft(pszString.Text, " \t\n\v\f\r"), dwFlags&stifSupportHex != 0)
	if ok {
		pllRet.Set(c, n)
	}
	return win.Bool(ok), 0
}

const stifSupportHex = 1 // STIF_SUPPORT_HEX

// number reads the digits at the start of a text. What does not fit wraps.
func number(text string, hex bool) (n int64, ok bool) {
	sign := int64(1)
	if rest, minus := strings.CutPrefix(text, "-"); minus {
		text, sign = rest, -1
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	base := int64(10)
	if hex && len(text) > 2 && strings.EqualFold(text[:2], "0x") {
		text, base = text[2:], 16
	}
	for _, r := range text {
		digit, err := strconv.ParseInt(string(r), int(base), 8)
		if err != nil {
			break
		}
		n, ok = n*base+digit, true
	}
	return sign * n, ok
}

// strFormatByteSize writes a size with three digits and its unit: 1.00 KB.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strformatbytesizew
func strFormatByteSize(c *win.Call, qdw win.Int64, pszBuf win.Ptr, cchBuf win.DWORD) (win.Ptr, win.Error) {
	return store(c, pszBuf, cchBuf, byteSize(int64(qdw))), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strformatbytesizea
func strFormatByteSize32(c *win.Call, dw win.DWORD, pszBuf win.Ptr, cchBuf win.DWORD) (win.Ptr, win.Error) {
	return store(c, pszBuf, cchBuf, byteSize(int64(dw))), 0
}

func byteSize(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d bytes", n)
	}
	// In thousandths of the unit, cut and not rounded.
	unit := 0
	for n>>10 >= 1024 && unit < 5 {
		n >>= 10
		unit++
	}
	whole, rest := n>>10, n&1023
	name := []string{"KB", "MB", "GB", "TB", "PB", "EB"}[unit]
	switch {
	case whole >= 100:
		return fmt.Sprintf("%d %s", whole, name)
	case whole >= 10:
		return fmt.Sprintf("%d.%d %s", whole, rest*10>>10, name)
	}
	return fmt.Sprintf("%d.%02d %s", whole, rest*100>>10, name)
}

// strFormatKBSize writes a size in kilobytes, a part of one as a whole, with
// commas between thousands.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strformatkbsizew
func strFormatKBSize(c *win.Call, qdw win.Int64, pszBuf win.Ptr, cchBuf win.DWORD) (win.Ptr, win.Error) {
	digits := strconv.FormatUint((uint64(qdw)+1023)>>10, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return store(c, pszBuf, cchBuf, digits+" KB"), 0
}

// store cuts a text that does not fit. NULL says that there was no room at all.
func store(c *win.Call, buffer win.Ptr, size win.DWORD, s string) win.Ptr {
	if buffer == 0 || size == 0 {
		return 0
	}
	chars := ascii(s)
	write(c, buffer, chars[:min(len(chars), int(size)-1)])
	return buffer
}

// hashData is Pearson's hash, with a permutation of its own. Each byte of the
// hash starts as its number, and the data is taken from its end.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-hashdata
func hashData(c *win.Call, pbData win.Ptr, cbData win.DWORD, pbHash win.Ptr, cbHash win.DWORD) (win.Status, win.Error) {
	if pbData == 0 || pbHash == 0 {
		return win.ResultInvalidArg, 0
	}
	data, hash := c.Bytes(pbData, uint64(cbData)), c.Buffer(pbHash, uint64(cbHash))
	if c.Faulted() || uint64(len(data))*uint64(len(hash)) > maxHashing {
		return win.ResultInvalidArg, 0
	}
	for i := range hash {
		hash[i] = byte(i)
		for _, b := range slices.Backward(data) {
			hash[i] = permutation[hash[i]^b]
		}
	}
	return win.ResultOK, 0
}

// maxHashing bounds the work of one call.
const maxHashing = 1 << 24

// permutation is the one of shlwapi.dll: the one-byte hashes of all bytes.
const permutation = "" +
	"\x01\x0e\x6e\x19\x61\xae\x84\x77\x8a\xaa\x7d\x76\x1b\xe9\x8c\x33\x57\xc5\xb1\x6b\xea\xa9\x38\x44\x1e\x07\xad\x49\xbc\x28\x24\x41" +
	"\x31\xd5\x68\xbe\x39\xd3\x94\xdf\x30\x73\x0f\x02\x43\xba\xd2\x1c\x0c\xb5\x67\x46\x16\x3a\x4b\x4e\xb7\xa7\xee\x9d\x7c\x93\xac\x90" +
	"\xb0\xa1\x8d\x56\x3c\x42\x80\x53\x9c\xf1\x4f\x2e\xa8\xc6\x29\xfe\xb2\x55\xfd\xed\xfa\x9a\x85\x58\x23\xce\x5f\x74\xfc\xc0\x36\xdd" +
	"\x66\xda\xff\xf0\x52\x6a\x9e\xc9\x3d\x03\x59\x09\x2a\x9b\x9f\x5d\xa6\x50\x32\x22\xaf\xc3\x64\x63\x1a\x96\x10\x91\x04\x21\x08\xbd" +
	"\x79\x40\x4d\x48\xd0\xf5\x82\x7a\x8f\x37\x69\x86\x1d\xa4\xb9\xc2\xc1\xef\x65\xf2\x05\xab\x7e\x0b\x4a\x3b\x89\xe4\x6c\xbf\xe8\x8b" +
	"\x06\x18\x51\x14\x7f\x11\x5b\x5c\xfb\x97\xe1\xcf\x15\x62\x71\x70\x54\xe2\x12\xd6\xc7\xbb\x0d\x20\x5e\xdc\xe0\xd4\xf7\xcc\xc4\x2b" +
	"\xf9\xec\x2d\xf4\x6f\xb6\x99\x88\x81\x5a\xd9\xca\x13\xa5\xe7\x47\xe6\x8e\x60\xe3\x3e\xb3\xf6\x72\xa2\x35\xa0\xd7\xcd\xb4\x2f\x6d" +
	"\x2c\x26\x1f\x95\x87\x00\xd8\x34\x3f\x17\x25\x45\x27\x75\x92\xb8\xa3\xc8\xde\xeb\xf8\xf3\xdb\x0a\x98\x83\x7b\xe5\xcb\x4c\x78\xd1"
