// Package userenv has the handlers of userenv.dll: where profiles lie, and the
// environment a user's program starts with.
package userenv

import (
	"sidetrace/emulator/win"
)

// Table returns userenv.dll.
func Table() win.Table { return win.DLL("userenv.dll", folderRows, environmentRows, policyRows) }

var folderRows = win.Rows{
	win.Func2("GetAllUsersProfileDirectory{A,W}", getAllUsersProfileDirectory, "lpProfileDir lpcchSize"),
	win.Func2("GetDefaultUserProfileDirectory{A,W}", getDefaultUserProfileDirectory, "lpProfileDir lpcchSize"),
	win.Func2("GetProfilesDirectory{A,W}", getProfilesDirectory, "lpProfileDir lpcchSize"),
	win.Func1("GetProfileType", getProfileType, "dwFlags"),
	win.Func3("GetUserProfileDirectory{A,W}", getUserProfileDirectory, "hToken lpProfileDir lpcchSize"),
}

const profiles = `C:\Users`

// path stores a path and its length with the terminator, which it tells where
// there is no room too.
func path(c *win.Call, text string, buffer win.Ptr, size win.Out[uint32]) (win.Bool, win.Error) {
	if size.Null() {
		return false, win.ErrInvalidParameter
	}
	b := c.Encode(text)
	n, space := uint32(uint64(len(b))/c.CharSize()), size.Get(c)
	size.Set(c, n)
	if buffer == 0 || space < n {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(buffer, b)
	return true, 0
}

// getProfilesDirectory tells the folder that profiles lie in.
//
// https://learn.microsoft.com/windows/win32/api/userenv/nf-userenv-getprofilesdirectoryw
func getProfilesDirectory(c *win.Call, lpProfileDir win.Ptr, lpcchSize win.Out[uint32]) (win.Bool, win.Error) {
	return path(c, profiles, lpProfileDir, lpcchSize)
}

// https://learn.microsoft.com/windows/win32/api/userenv/nf-userenv-getallusersprofiledirectoryw
func getAllUsersProfileDirectory(c *win.Call, lpProfileDir win.Ptr, lpcchSize win.Out[uint32]) (win.Bool, win.Error) {
	return path(c, `C:\ProgramData`, lpProfileDir, lpcchSize)
}

// https://learn.microsoft.com/windows/win32/api/userenv/nf-userenv-getdefaultuserprofiledirectoryw
func getDefaultUserProfileDirectory(c *win.Call, lpProfileDir win.Ptr, lpcchSize win.Out[uint32]) (win.Bool, win.Error) {
	return path(c, profiles+`\Default`, lpProfileDir, lpcchSize)
}

// getUserProfileDirectory tells the user's own profile, whatever he has made
// of his environment.
//
// https://learn.microsoft.com/windows/win32/api/userenv/nf-userenv-getuserprofiledirectoryw
func getUserProfileDirectory(c *win.Call, hToken win.Handle, lpProfileDir win.Ptr, lpcchSize win.Out[uint32]) (win.Bool, win.Error) {
	if !isToken(c, hToken) {
		return false, win.ErrInvalidHandle
	}
	return path(c, profiles+`\`+c.Config.User, lpProfileDir, lpcchSize)
}

// isToken reports whether a handle is a token's, a pseudo handle's included.
func isToken(c *win.Call, h win.Handle) bool {
	const effective = ^win.Handle(5)
	if h >= effective && h <= effective+2 {
		return true
	}
	o := c.Handles.Get(h.Guest())
	return o != nil && o.Type() == "Token"
}

// getProfileType says that the profile is local and stays.
//
// https://learn.microsoft.com/windows/win32/api/userenv/nf-userenv-getprofiletype
func getProfileType(c *win.Call, dwFlags win.Out[uint32]) (win.Bool, win.Error) {
	if dwFlags.Null() {
		return false, win.ErrInvalidParameter
	}
	dwFlags.Set(c, 0)
	return true, 0
}

var policyRows = win.Rows{
	win.Stub("LeaveCriticalPolicySection", win.Bool(true), "hSection"),
	win.Stub("RefreshPolicy", win.Bool(true), "bMachine"),
}

var environmentRows = win.Rows{
	win.Func3("CreateEnvironmentBlock", createEnvironmentBlock, "lpEnvironment hToken bInherit"),
	win.Func1("DestroyEnvironmentBlock", destroyEnvironmentBlock, "lpEnvironment"),
	win.Func4("ExpandEnvironmentStringsForUser{A,W}", expandEnvironmentStringsForUser, "hToken lpSrc lpDest dwSize"),
}

// createEnvironmentBlock makes the environment a program of the user starts
// with, the process's own with it where that is wanted. It is always UTF-16.
// The variables are the process's in both cases: nothing else tells of the
// user's.
//
// https://learn.microsoft.com/windows/win32/api/userenv/nf-userenv-createenvironmentblock
func createEnvironmentBlock(c *win.Call, lpEnvironment win.Out[uint64], hToken win.Handle, bInherit win.Int) (win.Bool, win.Error) {
	if lpEnvironment.Null() || hToken != 0 && !isToken(c, hToken) {
		return false, win.ErrInvalidParameter
	}
	block := c.EnvironmentBlock()
	at := c.Heap.Alloc(uint64(len(block)))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	c.Write(win.Ptr(at), block)
	lpEnvironment.Set(c, at)
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/userenv/nf-userenv-destroyenvironmentblock
func destroyEnvironmentBlock(c *win.Call, lpEnvironment win.Ptr) (win.Bool, win.Error) {
	if lpEnvironment == 0 || !c.Heap.Free(uint64(lpEnvironment)) {
		return false, win.ErrInvalidParameter
	}
	return true, 0
}

// expandEnvironmentStringsForUser replaces each %NAME% that is a variable.
//
// https://learn.microsoft.com/windows/win32/api/userenv/nf-userenv-expandenvironmentstringsforuserw
func expandEnvironmentStringsForUser(c *win.Call, hToken win.Handle, lpSrc win.TStr, lpDest win.Ptr, dwSize win.DWORD) (win.Bool, win.Error) {
	if hToken != 0 && !isToken(c, hToken) || lpSrc.Null() || lpDest == 0 || dwSize == 0 {
		return false, win.ErrInvalidParameter
	}
	text, ok := c.ExpandVariables(lpSrc.Text)
	if !ok {
		return false, win.ErrNotEnoughMemory
	}
	b := c.Encode(text)
	if uint64(len(b)) > uint64(dwSize)*c.CharSize() {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(lpDest, b)
	return true, 0
}
