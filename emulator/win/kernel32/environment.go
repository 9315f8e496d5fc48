package kernel32

import (
	"strings"
	"unicode/utf8"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var environmentRows = win.Rows{
	win.Func3("ExpandEnvironmentStrings{A,W}", expandEnvironmentStrings, "lpSrc lpDst nSize"),
	win.Func1("FreeEnvironmentStrings{A,W}", freeEnvironmentStrings, "penv"),
	win.Func0("GetEnvironmentStrings", getEnvironmentStringsA),
	win.Func0("GetEnvironmentStringsW", getEnvironmentStrings),
	win.Func3("GetEnvironmentVariable{A,W}", getEnvironmentVariable, "lpName lpBuffer nSize"),
	win.Func2("SetEnvironmentVariable{A,W}", setEnvironmentVariable, "lpName lpValue"),
}

// expandEnvironmentStrings replaces each %NAME% that is a variable. The result
// is the size of the whole, with the terminator, whether it fits or not.
//
// https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-expandenvironmentstringsw
func expandEnvironmentStrings(c *win.Call, lpSrc win.TStr, lpDst win.Ptr, nSize win.DWORD) (win.DWORD, win.Error) {
	text, ok := c.ExpandVariables(lpSrc.Text)
	if !ok {
		return 0, win.ErrNotEnoughMemory
	}
	n := fill(c, lpDst, nSize, text)
	if n < nSize && lpDst != 0 {
		n++ // fill does not count the terminator of what fits
	}
	return n, 0
}

// freeEnvironmentStrings gives a block of GetEnvironmentStrings back.
//
// https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-freeenvironmentstringsw
func freeEnvironmentStrings(c *win.Call, penv win.Ptr) (win.Bool, win.Error) {
	if !c.Heap.Free(uint64(penv)) {
		return false, win.ErrInvalidParameter
	}
	return true, 0
}

// getEnvironmentStrings makes a copy of the environment: NAME=value, each
// terminated, and one terminator more at the end.
//
// https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-getenvironmentstringsw
func getEnvironmentStrings(c *win.Call) (win.Ptr, win.Error) {
	return environmentCopy(c, c.EnvironmentBlock())
}

// getEnvironmentStringsA is GetEnvironmentStrings, whose name has no A.
func getEnvironmentStringsA(c *win.Call) (win.Ptr, win.Error) {
	var block []byte
	for _, name := range c.EnvironmentNames() {
		value, _ := c.Variable(name)
		block = append(block, guest.ANSI(name+"="+value)...)
	}
	return environmentCopy(c, append(block, 0))
}

func environmentCopy(c *win.Call, block []byte) (win.Ptr, win.Error) {
	at := win.Ptr(c.Heap.Alloc(uint64(len(block))))
	if at == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	c.Write(at, block)
	return at, 0
}

// getEnvironmentVariable stores the value of a variable.
//
// https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-getenvironmentvariablew
func getEnvironmentVariable(c *win.Call, lpName win.TStr, lpBuffer win.Ptr, nSize win.DWORD) (win.DWORD, win.Error) {
	value, ok := c.Variable(lpName.Text)
	if !ok {
		return 0, win.ErrEnvVarNotFound
	}
	return fill(c, lpBuffer, nSize, value), 0
}

// maxVariable is how many characters the name and the value may have.
const maxVariable = 32767

// setEnvironmentVariable sets a variable, or removes it when there is no
// value. Copies of the block that the guest has do not change.
//
// https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-setenvironmentvariablew
func setEnvironmentVariable(c *win.Call, lpName, lpValue win.TStr) (win.Bool, win.Error) {
	if lpName.Text == "" || strings.Contains(lpName.Text[1:], "=") {
		return false, win.ErrInvalidParameter
	}
	switch {
	case lpValue.Null():
		if !c.RemoveVariable(lpName.Text) {
			return false, win.ErrEnvVarNotFound
		}
		return true, 0
	case utf8.RuneCountInString(lpName.Text)+utf8.RuneCountInString(lpValue.Text) > maxVariable:
		return false, win.ErrInvalidParameter
	case !c.SetVariable(lpName.Text, lpValue.Text):
		return false, win.ErrNotEnoughMemory
	}
	return true, 0
}
