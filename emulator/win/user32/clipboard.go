package user32

import (
	"slices"
	"strings"

	"sidetrace/emulator/win"
)

var clipboardRows = win.Rows{
	win.Func0("CloseClipboard", closeClipboard),
	win.Func0("CountClipboardFormats", countClipboardFormats),
	win.Func0("EmptyClipboard", emptyClipboard),
	win.Func1("EnumClipboardFormats", enumClipboardFormats, "format"),
	win.Func1("GetClipboardData", getClipboardData, "uFormat"),
	win.Func0("GetClipboardSequenceNumber", getClipboardSequenceNumber),
	win.Func1("IsClipboardFormatAvailable", isClipboardFormatAvailable, "format"),
	win.Func1("OpenClipboard", openClipboard, "hWndNewOwner"),
	win.Func1("RegisterClipboardFormat{A,W}", registerClipboardFormat, "lpszFormat"),
	win.Func2("SetClipboardData", setClipboardData, "uFormat hMem"),
}

// clipboard is what programs have put on it; it starts empty.
type clipboard struct {
	open     bool
	formats  []uint32 // in the order they were put there
	data     map[uint32]win.Handle
	sequence uint32
	names    []string // registered, from registeredFirst on
}

const errClipboardClosed = 1418 // ERROR_CLIPBOARD_NOT_OPEN

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-openclipboard
func openClipboard(c *win.Call, hWndNewOwner win.Handle) (win.Bool, win.Error) {
	b := &of(c).board
	if b.open {
		return false, win.ErrAccessDenied
	}
	b.open = true
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-closeclipboard
func closeClipboard(c *win.Call) (win.Bool, win.Error) {
	b := &of(c).board
	if !b.open {
		return false, errClipboardClosed
	}
	b.open = false
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-emptyclipboard
func emptyClipboard(c *win.Call) (win.Bool, win.Error) {
	b := &of(c).board
	if !b.open {
		return false, errClipboardClosed
	}
	b.formats, b.data = nil, nil
	b.sequence++
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setclipboarddata
func setClipboardData(c *win.Call, uFormat win.DWORD, hMem win.Handle) (win.Handle, win.Error) {
	const most = 1 << 12
	b := &of(c).board
	f := uint32(uFormat)
	switch {
	case !b.open:
		return 0, errClipboardClosed
	case f == 0 || len(b.formats) >= most:
		return 0, win.ErrInvalidParameter
	}
	if b.data == nil {
		b.data = map[uint32]win.Handle{}
	}
	if !slices.Contains(b.formats, f) {
		b.formats = append(b.formats, f)
	}
	b.data[f] = hMem
	b.sequence++
	return hMem, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclipboarddata
func getClipboardData(c *win.Call, uFormat win.DWORD) (win.Handle, win.Error) {
	b := &of(c).board
	if !b.open {
		return 0, errClipboardClosed
	}
	return b.data[uint32(uFormat)], 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-isclipboardformatavailable
func isClipboardFormatAvailable(c *win.Call, format win.DWORD) (win.Bool, win.Error) {
	return win.Bool(slices.Contains(of(c).board.formats, uint32(format))), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-countclipboardformats
func countClipboardFormats(c *win.Call) (win.Int, win.Error) {
	return win.Int(len(of(c).board.formats)), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumclipboardformats
func enumClipboardFormats(c *win.Call, format win.DWORD) (win.DWORD, win.Error) {
	b := &of(c).board
	if !b.open {
		return 0, errClipboardClosed
	}
	i := 0
	if format != 0 {
		i = slices.Index(b.formats, uint32(format)) + 1
		if i == 0 {
			return 0, win.ErrInvalidParameter
		}
	}
	if i >= len(b.formats) {
		c.SetLastError(0)
		return 0, 0
	}
	return win.DWORD(b.formats[i]), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclipboardsequencenumber
func getClipboardSequenceNumber(c *win.Call) (win.DWORD, win.Error) {
	return win.DWORD(of(c).board.sequence), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-registerclipboardformatw
func registerClipboardFormat(c *win.Call, lpszFormat win.TStr) (win.DWORD, win.Error) {
	b := &of(c).board
	if lpszFormat.Text == "" {
		return 0, win.ErrInvalidName
	}
	i := slices.IndexFunc(b.names, func(n string) bool { return strings.EqualFold(n, lpszFormat.Text) })
	if i < 0 {
		if len(b.names) >= 0x3FFF {
			return 0, win.ErrNotEnoughMemory
		}
		i = len(b.names)
		b.names = append(b.names, lpszFormat.Text)
	}
	return win.DWORD(registeredFirst + i), 0
}
