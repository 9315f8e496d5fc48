package user32

import (
	"strconv"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var resourceRows = win.Rows{
	win.Stub("CopyIcon", win.Handle(iconHandle), "hIcon"),
	win.Stub("DestroyCursor", win.Bool(true), "hCursor"),
	win.Stub("DestroyIcon", win.Bool(true), "hIcon"),
	win.Func2("LoadCursor{A,W}", loadCursor, "hInstance lpCursorName"),
	win.Func2("LoadIcon{A,W}", loadIcon, "hInstance lpIconName"),
	win.Func6("LoadImage{A,W}", loadImage, "hInst name typ cx cy fuLoad"),
	win.Func1("SetCursor", setCursor, "hCursor"),
}

var stringRows = win.Rows{
	win.Func4("LoadString{A,W}", loadString, "hInstance uID lpBuffer cchBufferMax"),
}

// Handles of cursors and icons, of which nothing is ever seen.
const (
	cursorHandle = 0x10003
	iconHandle   = 0x10027
	bitmapHandle = 0x0105_0012

	typeCursor, typeIcon, typeGroupCursor, typeGroupIcon, typeString, typeBitmap = "1", "3", "12", "14", "6", "2"
)

// has reports whether a module has a resource; the system's own have numbers
// from 32512 on.
func has(c *win.Call, module win.Handle, name win.Str, kind string) bool {
	if module == 0 {
		return name.Addr >= 32512 && name.Addr < 0x10000
	}
	m := c.ModuleAt(uint64(module))
	if m == nil {
		return false
	}
	wanted := name.Text
	if name.Addr < 0x10000 {
		wanted = strconv.FormatUint(uint64(name.Addr), 10)
	}
	for _, r := range m.Image.Resources {
		if r.Type == kind && r.Name == wanted {
			return true
		}
	}
	return false
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-loadcursorw
func loadCursor(c *win.Call, hInstance win.Handle, lpCursorName win.TStr) (win.Handle, win.Error) {
	if !has(c, hInstance, lpCursorName.Str, typeGroupCursor) {
		return 0, win.ErrResourceNameNotFound
	}
	return cursorHandle, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-loadiconw
func loadIcon(c *win.Call, hInstance win.Handle, lpIconName win.TStr) (win.Handle, win.Error) {
	if !has(c, hInstance, lpIconName.Str, typeGroupIcon) {
		return 0, win.ErrResourceNameNotFound
	}
	return iconHandle, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-loadimagew
func loadImage(c *win.Call, hInst win.Handle, name win.TStr, typ win.DWORD, cx, cy win.Int, fuLoad win.Hex) (win.Handle, win.Error) {
	const bitmap, icon, cursor, fromFile = 0, 1, 2, 0x10
	kinds := map[win.DWORD]string{bitmap: typeBitmap, icon: typeGroupIcon, cursor: typeGroupCursor}
	handles := map[win.DWORD]win.Handle{bitmap: bitmapHandle, icon: iconHandle, cursor: cursorHandle}
	kind, ok := kinds[typ]
	switch {
	case !ok:
		return 0, win.ErrInvalidParameter
	case fuLoad&fromFile != 0:
		if n := c.Files.Get(guest.FullPath(name.Text, c.CurrentDirectory)); n == nil || n.Directory {
			return 0, win.ErrFileNotFound
		}
	case !has(c, hInst, name.Str, kind):
		return 0, win.ErrResourceNameNotFound
	}
	return handles[typ], 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setcursor
func setCursor(*win.Call, win.Handle) (win.Handle, win.Error) { return cursorHandle, 0 }

// loadString copies a string of a module's string table, sixteen of which are
// one resource. With no room at all it gives the address of the resource.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-loadstringw
func loadString(c *win.Call, hInstance win.Handle, uID win.DWORD, lpBuffer win.Ptr, cchBufferMax win.Int) (win.Int, win.Error) {
	m := c.Program()
	if hInstance != 0 {
		m = c.ModuleAt(uint64(hInstance))
	}
	if m == nil {
		return 0, win.ErrResourceDataNotFound
	}
	block := strconv.FormatUint(uint64(uint16(uID))>>4+1, 10)
	for _, r := range m.Image.Resources {
		if r.Type != typeString || r.Name != block {
			continue
		}
		data := c.Bytes(win.Ptr(m.Base+uint64(r.RVA)), uint64(r.File.Size))
		at := 0
		for range uID & 15 {
			if at+2 > len(data) {
				break
			}
			at += 2 + 2*int(le.Uint16(data[at:]))
		}
		if at+2 > len(data) {
			break
		}
		n := int(le.Uint16(data[at:]))
		if at+2+2*n > len(data) || n == 0 {
			break
		}
		if cchBufferMax == 0 {
			c.WriteUint(lpBuffer, 8, m.Base+uint64(r.RVA)+uint64(at+2))
			return win.Int(n), 0
		}
		return win.Int(fill(c, lpBuffer, cchBufferMax, guest.FromUTF16(data[at+2:][:2*n]))), 0
	}
	if cchBufferMax > 0 && lpBuffer != 0 {
		c.Write(lpBuffer, make([]byte, c.CharSize()))
	}
	return 0, win.ErrResourceNameNotFound
}
