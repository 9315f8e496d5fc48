package user32

import (
	"time"

	"sidetrace/emulator/win"
)

// There is a user who moves the mouse now and then and presses no keys.

var inputRows = win.Rows{
	win.Stub("BlockInput", win.Bool(true), "fBlockIt"),
	win.Func1("GetAsyncKeyState", getKeyState, "vKey"),
	win.Stub("GetCapture", win.Handle(0), ""),
	win.Func1("GetCursorInfo", getCursorInfo, "pci"),
	win.Func1("GetCursorPos", getCursorPos, "lpPoint"),
	win.Stub("GetDoubleClickTime", win.DWORD(500), ""),
	win.Func1("GetKeyboardState", getKeyboardState, "lpKeyState"),
	win.Func1("GetKeyboardLayout", getKeyboardLayout, "idThread"),
	win.Func2("GetKeyboardLayoutList", getKeyboardLayoutList, "nBuff lpList"),
	win.Func1("GetKeyboardLayoutName{A,W}", getKeyboardLayoutName, "pwszKLID"),
	win.Func1("GetKeyboardType", getKeyboardType, "nTypeFlag"),
	win.Func1("GetKeyState", getKeyState, "nVirtKey"),
	win.Func1("GetLastInputInfo", getLastInputInfo, "plii"),
	win.Func1("GetPhysicalCursorPos", getCursorPos, "lpPoint"),
	win.Partial(win.Func4("keybd_event", keybdEvent, "bVk bScan dwFlags dwExtraInfo"), "nobody gets the key"),
	win.Func2("MapVirtualKey{A,W}", mapVirtualKey, "uCode uMapType"),
	win.Partial(win.Func5("mouse_event", mouseEvent, "dwFlags dx dy dwData dwExtraInfo"), "moves the cursor; nobody gets clicks"),
	win.Stub("ReleaseCapture", win.Bool(true), ""),
	win.Partial(win.Func3("SendInput", sendInput, "cInputs pInputs cbSize"), "nobody gets the keys and clicks"),
	win.Stub("SetCapture", win.Handle(0), "hWnd"),
	win.Func2("SetCursorPos", setCursorPos, "X Y"),
	win.Stub("ShowCursor", win.Int(0), "bShow"),
}

// moves is how often the user moves the mouse.
const moves = 7 * time.Second

// cursor is where the mouse is: it wanders over the screen as time goes by.
func (d *desktop) position(c *win.Call) [2]int32 {
	n := int32(c.Clock.SinceBoot() / moves % 1000)
	return [2]int32{(d.cursor[0] + 37*n) % screenWidth, (d.cursor[1] + 23*n) % screenHeight}
}

// getCursorPos moves while time passes: a program that waits for a user who is
// there goes on.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getcursorpos
func getCursorPos(c *win.Call, lpPoint win.Ptr) (win.Bool, win.Error) {
	p := of(c).position(c)
	c.Write(lpPoint, le.AppendUint32(le.AppendUint32(nil, uint32(p[0])), uint32(p[1])))
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setcursorpos
func setCursorPos(c *win.Call, X, Y win.Int) (win.Bool, win.Error) {
	d := of(c)
	d.cursor = [2]int32{0, 0}
	now := d.position(c)
	d.cursor = [2]int32{
		(clamp(X, screenWidth) - now[0] + screenWidth) % screenWidth, (clamp(Y, screenHeight) - now[1] + screenHeight) % screenHeight,
	}
	return true, 0
}

func clamp(v win.Int, size int32) int32 { return max(0, min(int32(v), size-1)) }

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getcursorinfo
func getCursorInfo(c *win.Call, pci win.Ptr) (win.Bool, win.Error) {
	const size, showing = 24, 1
	if c.ReadUint(pci, 4) != size {
		return false, win.ErrInvalidParameter
	}
	p := of(c).position(c)
	b := make([]byte, size)
	le.PutUint32(b, size)
	le.PutUint32(b[4:], showing)
	le.PutUint64(b[8:], cursorHandle)
	le.PutUint32(b[16:], uint32(p[0]))
	le.PutUint32(b[20:], uint32(p[1]))
	c.Write(pci, b)
	return true, 0
}

// getLastInputInfo tells when the mouse was moved last.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getlastinputinfo
func getLastInputInfo(c *win.Call, plii win.Ptr) (win.Bool, win.Error) {
	const size = 8
	if c.ReadUint(plii, 4) != size {
		return false, win.ErrInvalidParameter
	}
	last := c.Clock.SinceBoot() / moves * moves
	c.WriteUint(plii+4, 4, uint64(uint32(last/time.Millisecond)))
	return true, 0
}

// getKeyState says of every key that it is not pressed.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getkeystate
func getKeyState(_ *win.Call, nVirtKey win.Int) (win.WORD, win.Error) { return 0, 0 }

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getkeyboardstate
func getKeyboardState(c *win.Call, lpKeyState win.Ptr) (win.Bool, win.Error) {
	clear(c.Buffer(lpKeyState, 256))
	return true, 0
}

// usEnglish is the keyboard: layout and language 0x409.
const usEnglish = 0x0409_0409

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getkeyboardlayout
func getKeyboardLayout(_ *win.Call, idThread win.DWORD) (win.Handle, win.Error) { return usEnglish, 0 }

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getkeyboardlayoutlist
func getKeyboardLayoutList(c *win.Call, nBuff win.Int, lpList win.Ptr) (win.Int, win.Error) {
	if nBuff > 0 && lpList != 0 {
		c.WriteUint(lpList, 8, usEnglish)
	}
	return 1, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getkeyboardlayoutnamew
func getKeyboardLayoutName(c *win.Call, pwszKLID win.Ptr) (win.Bool, win.Error) {
	c.Write(pwszKLID, c.Encode("00000409"))
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getkeyboardtype
func getKeyboardType(_ *win.Call, nTypeFlag win.Int) (win.Int, win.Error) {
	switch nTypeFlag {
	case 0:
		return 4, 0 // enhanced, 101 or 102 keys
	case 2:
		return 12, 0 // function keys
	}
	return 0, 0
}

// mapVirtualKey knows letters, digits and the keys of every keyboard.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-mapvirtualkeyw
func mapVirtualKey(_ *win.Call, uCode, uMapType win.DWORD) (win.DWORD, win.Error) {
	const keyToScan, scanToKey, keyToCharacter, scanToKeyEx = 0, 1, 2, 3
	switch uMapType {
	case keyToScan, 4:
		return win.DWORD(scanCodes[byte(uCode)]), 0
	case scanToKey, scanToKeyEx:
		for key := range 256 {
			if scanCodes[byte(key)] == byte(uCode) && uCode != 0 {
				return win.DWORD(key), 0
			}
		}
	case keyToCharacter:
		if uCode >= '0' && uCode <= '9' || uCode >= 'A' && uCode <= 'Z' || uCode == ' ' || uCode == '\r' || uCode == '\t' || uCode == '\b' || uCode == 27 {
			return uCode, 0
		}
	}
	return 0, 0
}

// scanCodes are those of set 1, by virtual key.
var scanCodes = map[byte]byte{
	0x08: 0x0E, 0x09: 0x0F, 0x0D: 0x1C, 0x10: 0x2A, 0x11: 0x1D, 0x12: 0x38, 0x14: 0x3A, 0x1B: 0x01, 0x20: 0x39,
	0x25: 0x4B, 0x26: 0x48, 0x27: 0x4D, 0x28: 0x50, 0x2D: 0x52, 0x2E: 0x53,
	'0': 0x0B, '1': 0x02, '2': 0x03, '3': 0x04, '4': 0x05, '5': 0x06, '6': 0x07, '7': 0x08, '8': 0x09, '9': 0x0A,
	'A': 0x1E, 'B': 0x30, 'C': 0x2E, 'D': 0x20, 'E': 0x12, 'F': 0x21, 'G': 0x22, 'H': 0x23, 'I': 0x17, 'J': 0x24, 'K': 0x25, 'L': 0x26, 'M': 0x32,
	'N': 0x31, 'O': 0x18, 'P': 0x19, 'Q': 0x10, 'R': 0x13, 'S': 0x1F, 'T': 0x14, 'U': 0x16, 'V': 0x2F, 'W': 0x11, 'X': 0x2D, 'Y': 0x15, 'Z': 0x2C,
	0x70: 0x3B, 0x71: 0x3C, 0x72: 0x3D, 0x73: 0x3E, 0x74: 0x3F, 0x75: 0x40, 0x76: 0x41, 0x77: 0x42, 0x78: 0x43, 0x79: 0x44, 0x7A: 0x57, 0x7B: 0x58,
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-keybd_event
func keybdEvent(_ *win.Call, bVk, bScan win.BYTE, dwFlags win.Hex, dwExtraInfo win.Size) (win.Void, win.Error) {
	return win.Void{}, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-mouse_event
func mouseEvent(c *win.Call, dwFlags win.Hex, dx, dy win.Int, dwData win.DWORD, dwExtraInfo win.Size) (win.Void, win.Error) {
	const move, absolute = 0x0001, 0x8000
	if dwFlags&move == 0 {
		return win.Void{}, 0
	}
	now := of(c).position(c)
	x, y := win.Int(now[0])+dx, win.Int(now[1])+dy
	if dwFlags&absolute != 0 {
		x, y = win.Int(int64(dx)*screenWidth>>16), win.Int(int64(dy)*screenHeight>>16)
	}
	setCursorPos(c, x, y)
	return win.Void{}, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-sendinput
func sendInput(c *win.Call, cInputs win.DWORD, pInputs win.Ptr, cbSize win.Int) (win.DWORD, win.Error) {
	const inputSize, most = 40, 1 << 16
	if cInputs == 0 || cInputs > most || cbSize != inputSize {
		return 0, win.ErrInvalidParameter
	}
	c.Bytes(pInputs, uint64(cInputs)*inputSize)
	return cInputs, 0
}
