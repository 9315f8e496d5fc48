package gdi32

import (
	"unicode/utf16"

	"sidetrace/emulator/win"
)

const metrics = "every character is 8 by 16 pixels"

var textRows = win.Rows{
	win.Trailing(win.Func12("CreateFont{A,W}", createFont, "cHeight cWidth cEscapement cOrientation cWeight bItalic bUnderline bStrikeOut iCharSet iOutPrecision iClipPrecision iQuality"),
		"iPitchAndFamily pszFaceName"),
	win.Func1("CreateFontIndirect{A,W}", createFontIndirect, "lplf"),
	win.Partial(win.Func4("GetTextExtentPoint32{A,W}", getTextExtentPoint, "hdc lpString n psizl"), metrics),
	win.Partial(win.Func5("TextOut{A,W}", textOut, "hdc x y lpString n"), undrawn),
}

// A LOGFONT is a head and a name of 32 characters.
const (
	fontHead  = 28
	faceChars = 32
)

// createFontIndirect makes a font of its description.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createfontindirectw
func createFontIndirect(c *win.Call, lplf win.Ptr) (win.Handle, win.Error) {
	if lplf == 0 {
		return 0, 0
	}
	head := append([]byte{}, c.Bytes(lplf, fontHead)...)
	face := c.Bytes(lplf+fontHead, faceChars*c.CharSize())
	if c.Faulted() {
		return 0, 0
	}
	var text []rune
	if c.ANSI() {
		for _, b := range face {
			if b == 0 {
				break
			}
			text = append(text, rune(b))
		}
	} else {
		var units []uint16
		for i := 0; i < len(face); i += 2 {
			u := le.Uint16(face[i:])
			if u == 0 {
				break
			}
			units = append(units, u)
		}
		text = utf16.Decode(units)
	}
	return add(c, &object{kind: kindFont, data: head, face: string(text)}), 0
}

// createFont makes a font of its description, parameter by parameter.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createfontw
func createFont(c *win.Call, cHeight, cWidth, cEscapement, cOrientation, cWeight win.Int, bItalic, bUnderline, bStrikeOut, iCharSet, iOutPrecision, iClipPrecision, iQuality win.DWORD) (win.Handle, win.Error) {
	const family, name = 12, 13
	var head []byte
	for _, v := range []win.Int{cHeight, cWidth, cEscapement, cOrientation, cWeight} {
		head = le.AppendUint32(head, uint32(v))
	}
	head = append(head, flag(bItalic), flag(bUnderline), flag(bStrikeOut), byte(iCharSet), byte(iOutPrecision), byte(iClipPrecision), byte(iQuality), byte(c.Slot(family)))
	face := ""
	if at := win.Ptr(c.Slot(name)); at != 0 {
		face = c.TString(at)
	}
	if runes := []rune(face); len(runes) >= faceChars {
		face = string(runes[:faceChars-1])
	}
	return add(c, &object{kind: kindFont, data: head, face: face}), 0
}

func flag(v win.DWORD) byte {
	if v != 0 {
		return 1
	}
	return 0
}

// font is the description as the export's version has it.
func (o *object) font(c *win.Call) []byte {
	room := make([]byte, faceChars*c.CharSize())
	copy(room[:uint64(len(room))-c.CharSize()], c.Encode(o.face))
	return append(append([]byte{}, o.data...), room...)
}

// getTextExtentPoint tells how large a text would be.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-gettextextentpoint32w
func getTextExtentPoint(c *win.Call, hdc win.Handle, lpString win.Ptr, n win.Int, psizl win.Ptr) (win.Bool, win.Error) {
	const width, height = 8, 16
	if contextOf(c, hdc) == nil {
		return false, win.ErrInvalidHandle
	}
	if n < 0 || n > 0xFFFF {
		return false, win.ErrInvalidParameter
	}
	c.Bytes(lpString, uint64(n)*c.CharSize())
	c.WriteUint(psizl, 4, uint64(width*n))
	c.WriteUint(psizl+4, 4, height)
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-textoutw
func textOut(c *win.Call, hdc win.Handle, x, y win.Int, lpString win.Ptr, n win.Int) (win.Bool, win.Error) {
	if contextOf(c, hdc) == nil {
		return false, win.ErrInvalidHandle
	}
	if n < 0 || n > 0xFFFF {
		return false, win.ErrInvalidParameter
	}
	c.Bytes(lpString, uint64(n)*c.CharSize())
	return true, 0
}
