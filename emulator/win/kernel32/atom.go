package kernel32

import (
	"strconv"
	"strings"

	"sidetrace/emulator/win"
)

var atomRows = win.Rows{
	win.Func1("AddAtom{A,W}", addAtom, "lpString"),
	win.Func1("DeleteAtom", deleteAtom, "nAtom"),
	win.Func1("FindAtom{A,W}", findAtom, "lpString"),
	win.Func3("GetAtomName{A,W}", getAtomName, "nAtom lpBuffer nSize"),
	win.Func1("GlobalAddAtom{A,W}", globalAddAtom, "lpString"),
	win.Func2("GlobalAddAtomEx{A,W}", globalAddAtomEx, "lpString Flags"),
	win.Func1("GlobalDeleteAtom", globalDeleteAtom, "nAtom"),
	win.Func1("GlobalFindAtom{A,W}", globalFindAtom, "lpString"),
	win.Func3("GlobalGetAtomName{A,W}", globalGetAtomName, "nAtom lpBuffer nSize"),
	win.Stub("InitAtomTable", win.Bool(true), "nSize"),
}

// Atoms are numbers that stand for short texts; those below the first are
// numbers themselves, written "#123".
//
// https://learn.microsoft.com/windows/win32/dataxchg/about-atom-tables
const (
	firstAtom   = 0xC000
	lastAtom    = 0xFFFF
	longestAtom = 255
)

// atomTable is the process's own table, or the session's.
type atomTable struct {
	names []string
	count []int
}

type atomsKey struct{ global bool }

func atomsOf(c *win.Call, global bool) *atomTable {
	t, ok := c.State[atomsKey{global}].(*atomTable)
	if !ok {
		t = &atomTable{}
		c.State[atomsKey{global}] = t
	}
	return t
}

// integerAtom reads a number given as such, or as "#123".
func integerAtom(s win.Str) (atom win.WORD, ok bool, err win.Error) {
	if s.Addr < 0x10000 {
		if s.Addr == 0 || s.Addr >= firstAtom {
			return 0, true, win.ErrInvalidParameter
		}
		return win.WORD(s.Addr), true, 0
	}
	if rest, found := strings.CutPrefix(s.Text, "#"); found && rest != "" {
		if v, bad := strconv.ParseUint(rest, 10, 32); bad == nil {
			if v == 0 || v >= firstAtom {
				return 0, true, win.ErrInvalidParameter
			}
			return win.WORD(v), true, 0
		}
	}
	return 0, false, 0
}

func (t *atomTable) find(name string) int {
	for i := range t.names {
		if t.count[i] > 0 && strings.EqualFold(t.names[i], name) {
			return i
		}
	}
	return -1
}

func (t *atomTable) add(s win.Str) (win.WORD, win.Error) {
	if atom, ok, err := integerAtom(s); ok {
		return atom, err
	}
	switch {
	case s.Text == "":
		return 0, win.ErrInvalidName
	case len([]rune(s.Text)) > longestAtom:
		return 0, win.ErrInvalidParameter
	}
	i := t.find(s.Text)
	if i >= 0 {
		t.count[i]++
		return win.WORD(firstAtom + i), 0
	}
	for i = range t.names {
		if t.count[i] == 0 {
			t.names[i], t.count[i] = s.Text, 1
			return win.WORD(firstAtom + i), 0
		}
	}
	if i = len(t.names); firstAtom+i > lastAtom {
		return 0, win.ErrNotEnoughMemory
	}
	t.names, t.count = append(t.names, strings.Clone(s.Text)), append(t.count, 1)
	return win.WORD(firstAtom + i), 0
}

func (t *atomTable) lookup(s win.Str) (win.WORD, win.Error) {
	if atom, ok, err := integerAtom(s); ok {
		return atom, err
	}
	if i := t.find(s.Text); i >= 0 {
		return win.WORD(firstAtom + i), 0
	}
	return 0, win.ErrFileNotFound
}

// remove takes back one use; the result is 0, or the atom if it failed.
func (t *atomTable) remove(c *win.Call, atom win.WORD) (win.WORD, win.Error) {
	if atom < firstAtom {
		return 0, 0
	}
	i := int(atom - firstAtom)
	if i >= len(t.names) || t.count[i] == 0 {
		c.SetLastError(win.ErrInvalidHandle)
		return atom, 0
	}
	t.count[i]--
	return 0, 0
}

func (t *atomTable) name(c *win.Call, atom win.WORD, buffer win.Ptr, size win.Int) (win.DWORD, win.Error) {
	if size <= 0 {
		return 0, win.ErrMoreData
	}
	var text string
	switch i := int(atom) - firstAtom; {
	case atom == 0:
		return 0, win.ErrInvalidParameter
	case i >= len(t.names) || i >= 0 && t.count[i] == 0:
		return 0, win.ErrInvalidHandle
	case i < 0:
		text = "#" + strconv.Itoa(int(atom))
	default:
		text = t.names[i]
	}
	b := c.Encode(text)
	n := uint64(len(b))/c.CharSize() - 1
	if n >= uint64(size) { // as much as there is room for
		n = uint64(size) - 1
		b = append(b[:n*c.CharSize():n*c.CharSize()], make([]byte, c.CharSize())...)
		c.SetLastError(win.ErrMoreData)
	}
	c.Write(buffer, b)
	return win.DWORD(n), 0
}

// addAtom makes an atom of a text, or counts one more use of it.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-addatomw
func addAtom(c *win.Call, lpString win.TStr) (win.WORD, win.Error) {
	return atomsOf(c, false).add(lpString.Str)
}

func globalAddAtom(c *win.Call, lpString win.TStr) (win.WORD, win.Error) {
	return atomsOf(c, true).add(lpString.Str)
}

func globalAddAtomEx(c *win.Call, lpString win.TStr, Flags win.Hex) (win.WORD, win.Error) {
	return atomsOf(c, true).add(lpString.Str)
}

// findAtom finds the atom of a text.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-findatomw
func findAtom(c *win.Call, lpString win.TStr) (win.WORD, win.Error) {
	return atomsOf(c, false).lookup(lpString.Str)
}

func globalFindAtom(c *win.Call, lpString win.TStr) (win.WORD, win.Error) {
	return atomsOf(c, true).lookup(lpString.Str)
}

// deleteAtom takes back one use of an atom.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-deleteatom
func deleteAtom(c *win.Call, nAtom win.WORD) (win.WORD, win.Error) {
	return atomsOf(c, false).remove(c, nAtom)
}

func globalDeleteAtom(c *win.Call, nAtom win.WORD) (win.WORD, win.Error) {
	return atomsOf(c, true).remove(c, nAtom)
}

// getAtomName gives the text of an atom.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getatomnamew
func getAtomName(c *win.Call, nAtom win.WORD, lpBuffer win.Ptr, nSize win.Int) (win.DWORD, win.Error) {
	return atomsOf(c, false).name(c, nAtom, lpBuffer, nSize)
}

func globalGetAtomName(c *win.Call, nAtom win.WORD, lpBuffer win.Ptr, nSize win.Int) (win.DWORD, win.Error) {
	return atomsOf(c, true).name(c, nAtom, lpBuffer, nSize)
}
