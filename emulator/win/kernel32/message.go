package kernel32

import (
	"strconv"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var messageRows = win.Rows{
	win.Partial(win.Func7("FormatMessage{A,W}", formatMessage, "dwFlags lpSource dwMessageId dwLanguageId lpBuffer nSize Arguments"),
		"the system's commonest messages, in English"),
}

// Flags of FormatMessage; the low byte is the width of a line.
const (
	messageAllocate     = 0x0100
	messageIgnoreInsert = 0x0200
	messageFromString   = 0x0400
	messageFromModule   = 0x0800
	messageFromSystem   = 0x1000
	messageArray        = 0x2000
	messageWidth        = 0x00FF
	messageNoBreaks     = 0x00FF // FORMAT_MESSAGE_MAX_WIDTH_MASK: breaks of the text become blanks

	errMessageNotFound win.Error = 317 // ERROR_MR_MID_NOT_FOUND
	errLanguage        win.Error = 1815
)

// formatMessage makes text of a message and its inserts. A message comes from
// the caller, a module's message table or the system's.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-formatmessagew
func formatMessage(c *win.Call, dwFlags win.Hex, lpSource win.Ptr, dwMessageId, dwLanguageId win.DWORD, lpBuffer win.Ptr, nSize win.DWORD, Arguments win.Ptr) (win.DWORD, win.Error) {
	if lpBuffer == 0 || dwFlags&(messageFromString|messageFromModule|messageFromSystem) == 0 {
		return 0, win.ErrInvalidParameter
	}
	if dwFlags&messageAllocate != 0 {
		c.WriteUint(lpBuffer, 8, 0)
	}
	text, err := messageSource(c, dwFlags, lpSource, dwMessageId, dwLanguageId)
	if err != 0 || c.Faulted() {
		return 0, err
	}
	f := formatter{c: c, flags: dwFlags, arguments: Arguments}
	text, ok := f.format(text)
	switch {
	case c.Faulted():
		return 0, 0
	case !ok:
		return 0, win.ErrInvalidParameter
	}
	b := c.Encode(text)
	length := win.DWORD(uint64(len(b))/c.CharSize()) - 1
	if dwFlags&messageAllocate == 0 {
		if length >= nSize {
			return 0, win.ErrInsufficientBuffer
		}
		c.Write(lpBuffer, b)
		return length, 0
	}
	size := max(uint64(len(b)), uint64(min(nSize, guest.MaxString))*c.CharSize())
	at := c.Heap.Alloc(size)
	if at == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	c.Write(win.Ptr(at), b)
	c.WriteUint(lpBuffer, 8, at)
	return length, 0
}

func messageSource(c *win.Call, flags win.Hex, source win.Ptr, id, language win.DWORD) (string, win.Error) {
	if flags&messageFromString != 0 {
		return c.TString(source), 0
	}
	if flags&messageFromModule != 0 {
		m := module(c, win.Handle(source))
		if m == nil {
			return "", win.ErrModNotFound
		}
		if text, ok := moduleMessage(c, m, uint32(id)); ok {
			return text, 0
		}
		if flags&messageFromSystem == 0 {
			if len(m.Image.Resources) == 0 {
				return "", win.ErrResourceTypeNotFound
			}
			return "", errMessageNotFound
		}
	}
	const neutral = 0x3FF // of the primary language
	if l := language & neutral; l != 0 && l != languageEnglish&neutral {
		return "", errLanguage
	}
	const win32 = 0x8007_0000
	if id&0xFFFF_0000 == win32 {
		id &= 0xFFFF // an HRESULT of a Win32 error
	}
	if text, ok := systemMessages[win.Error(id)]; ok {
		return text + "\r\n", 0
	}
	return "", errMessageNotFound
}

// moduleMessage finds a message in the message table of a module.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-message_resource_data
func moduleMessage(c *win.Call, m *guest.Module, id uint32) (string, bool) {
	const messageTable = "11"
	for _, r := range m.Image.Resources {
		if r.Type != messageTable {
			continue
		}
		b := c.Bytes(win.Ptr(m.Base+uint64(r.RVA)), uint64(r.File.Size))
		if len(b) < 4 {
			continue
		}
		for i := 0; i < int(le.Uint32(b)) && 4+12*i+12 <= len(b); i++ {
			block := b[4+12*i:]
			low, high, at := le.Uint32(block), le.Uint32(block[4:]), uint64(le.Uint32(block[8:]))
			for n := low; id >= low && id <= high && at+4 <= uint64(len(b)); n++ {
				size := uint64(le.Uint16(b[at:]))
				if size < 4 || at+size > uint64(len(b)) {
					break
				}
				if n == id {
					text := b[at+4 : at+size]
					if le.Uint16(b[at+2:]) == 1 {
						return guest.FromUTF16(text), true
					}
					return string(guest.AppendANSI(nil, []byte(strings.TrimRight(string(text), "\x00")))), true
				}
				at += size
			}
		}
	}
	return "", false
}

// formatter replaces the escapes of a message.
type formatter struct {
	c         *win.Call
	flags     win.Hex
	arguments win.Ptr
	extra     int // arguments that widths given by "*" have used
}

// format reports false for an insert that has no argument.
func (f *formatter) format(text string) (string, bool) {
	var out strings.Builder
	width := int(f.flags & messageWidth)
	column := 0
	newline := func() { out.WriteString("\r\n"); column = 0 }
	for i := 0; i < len(text) && out.Len() <= guest.MaxString; {
		ch := text[i]
		i++
		switch {
		case ch == '\r' || ch == '\n':
			if ch == '\r' && i < len(text) && text[i] == '\n' {
				i++
			}
			if width != 0 {
				out.WriteByte(' ')
				column++
			} else {
				newline()
			}
			continue
		case ch != '%' || i == len(text):
			if width != 0 && width != messageNoBreaks && ch == ' ' {
				next := strings.IndexAny(text[i:], " \r\n")
				if next < 0 {
					next = len(text) - i
				}
				if column+1+next > width {
					newline()
					continue
				}
			}
			out.WriteByte(ch)
			column++
			continue
		}
		ch = text[i]
		i++
		switch {
		case ch == '0':
			return out.String(), true
		case ch >= '1' && ch <= '9' && f.flags&messageIgnoreInsert == 0:
			number := int(ch - '0')
			if i < len(text) && text[i] >= '0' && text[i] <= '9' {
				number = 10*number + int(text[i]-'0')
				i++
			}
			spec := "s"
			if i < len(text) && text[i] == '!' {
				end := strings.IndexByte(text[i+1:], '!')
				if end < 0 {
					return "", false
				}
				spec = text[i+1 : i+1+end]
				i += end + 2
			}
			s, ok := f.insert(number, spec)
			if !ok || f.c.Faulted() {
				return "", false
			}
			out.WriteString(s)
			column += len(s)
		case ch >= '1' && ch <= '9':
			out.WriteByte('%')
			out.WriteByte(ch)
			column += 2
		case ch == 'n':
			newline()
		case ch == 'r':
			out.WriteByte('\r')
		case ch == 't':
			out.WriteByte('\t')
			column++
		case ch == 'b':
			out.WriteByte(' ')
			column++
		default:
			out.WriteByte(ch)
			column++
		}
	}
	return out.String(), true
}

// argument is the nth of the inserts, counted from 0: in an array, or behind a
// va_list.
func (f *formatter) argument(n int) (uint64, bool) {
	if f.arguments == 0 {
		return 0, false
	}
	at := f.arguments
	if f.flags&messageArray == 0 {
		at = win.Ptr(f.c.ReadUint(at, 8))
	}
	return f.c.ReadUint(at+win.Ptr(8*n), 8), true
}

// insert formats one argument as printf would: text, characters and whole
// numbers.
func (f *formatter) insert(number int, spec string) (string, bool) {
	n := number - 1 + f.extra
	next := func() (uint64, bool) {
		v, ok := f.argument(n)
		n++
		return v, ok
	}
	left, zero, plus, alternate := false, false, false, false
	i := 0
flags:
	for ; i < len(spec); i++ {
		switch spec[i] {
		case '-':
			left = true
		case '0':
			zero = true
		case '+':
			plus = true
		case '#':
			alternate = true
		case ' ':
		default:
			break flags
		}
	}
	size := func() (int, bool) {
		if i < len(spec) && spec[i] == '*' {
			i++
			v, ok := next()
			f.extra++
			return int(int32(v)), ok
		}
		start := i
		for i < len(spec) && spec[i] >= '0' && spec[i] <= '9' {
			i++
		}
		v, _ := strconv.Atoi(spec[start:i])
		return v, true
	}
	width, ok := size()
	precision := -1
	if ok && i < len(spec) && spec[i] == '.' {
		i++
		precision, ok = size()
	}
	if !ok {
		return "", false
	}
	kind := spec[i:]
	wide, long := !f.c.ANSI(), false
	for strings.HasPrefix(kind, "I64") || strings.HasPrefix(kind, "ll") || strings.HasPrefix(kind, "I32") {
		long = !strings.HasPrefix(kind, "I32")
		kind = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(kind, "I64"), "ll"), "I32")
	}
	for len(kind) > 1 && strings.ContainsRune("hlwI", rune(kind[0])) {
		switch kind[0] {
		case 'h':
			wide = false
		case 'l', 'w':
			wide = true
		case 'I':
			long = true
		}
		kind = kind[1:]
	}
	v, ok := next()
	if !ok {
		return "", false
	}
	var s string
	switch kind {
	case "s", "S":
		if kind == "S" {
			wide = f.c.ANSI()
		}
		switch {
		case v == 0:
			s = "(null)"
		case wide:
			s = f.c.WString(win.Ptr(v))
		default:
			s = f.c.AString(win.Ptr(v))
		}
		if r := []rune(s); precision >= 0 && precision < len(r) {
			s = string(r[:precision])
		}
	case "c", "C":
		if wide == (kind == "c") {
			s = guest.FromUTF16([]byte{byte(v), byte(v >> 8)})
		} else {
			s = string(guest.AppendANSI(nil, []byte{byte(v)}))
		}
	default:
		if !long {
			v = uint64(uint32(v))
		}
		s, ok = integer(v, kind, long, plus, alternate, precision)
		if !ok {
			return "", false
		}
	}
	const widest = 4096
	width = max(min(width, widest), -widest)
	if width < 0 {
		left, width = true, -width
	}
	for pad := width - len([]rune(s)); pad > 0; pad-- {
		switch {
		case left:
			s += " "
		case zero && kind != "s":
			s = "0" + s
		default:
			s = " " + s
		}
	}
	return s, true
}

func integer(v uint64, kind string, long, plus, alternate bool, precision int) (string, bool) {
	sign, prefix, digits := "", "", ""
	switch kind {
	case "d", "i":
		n := int64(v)
		if !long {
			n = int64(int32(v))
		}
		if n < 0 {
			sign, n = "-", -n
		} else if plus {
			sign = "+"
		}
		digits = strconv.FormatUint(uint64(n), 10)
	case "u":
		digits = strconv.FormatUint(v, 10)
	case "o":
		digits = strconv.FormatUint(v, 8)
	case "x", "X", "p":
		digits = strconv.FormatUint(v, 16)
		if alternate && v != 0 {
			prefix = "0x"
		}
		if kind != "x" {
			digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
		}
	default:
		return "", false
	}
	if pad := min(precision, 512) - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	return sign + prefix + digits, true
}
