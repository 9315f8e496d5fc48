package advapi32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Impersonation. The program has no token but its own and copies of it, so
// that a thread which impersonates is who it was.

var impersonateRows = win.Rows{
	win.Partial(win.Func3("DuplicateToken", duplicateToken, "ExistingTokenHandle ImpersonationLevel DuplicateTokenHandle"), "access rights are not checked"),
	win.Partial(win.Func6("DuplicateTokenEx", duplicateTokenEx, "hExistingToken dwDesiredAccess lpTokenAttributes ImpersonationLevel TokenType phNewToken"), "access rights are not checked"),
	win.Func1("ImpersonateLoggedOnUser", impersonateLoggedOnUser, "hToken"),
	win.Func1("ImpersonateSelf", impersonateSelf, "ImpersonationLevel"),
	win.Func0("RevertToSelf", revertToSelf),
	win.Func2("SetThreadToken", setThreadToken, "Thread Token"),
}

const (
	primaryToken       = 1
	impersonationToken = 2
	levelImpersonation = 2
	levelDelegation    = 3

	errBadLevel         win.Error = 1346 // ERROR_BAD_IMPERSONATION_LEVEL
	errNotImpersonation win.Error = 1309 // ERROR_NO_IMPERSONATION_TOKEN
)

// impersonating is where the process keeps the token of a thread.
type impersonating struct{ t *guest.Thread }

func threadOf(c *win.Call, h win.Handle) *guest.Thread {
	if h.Guest() == guest.CurrentThread {
		return c.T
	}
	t, _ := guest.Lookup[*guest.Thread](c.Handles, h.Guest())
	return t
}

// duplicateTokenEx copies a token, as one to impersonate with or to start
// processes with.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-duplicatetokenex
func duplicateTokenEx(c *win.Call, hExistingToken win.Handle, dwDesiredAccess win.Hex, lpTokenAttributes win.Ptr, ImpersonationLevel, TokenType win.DWORD, phNewToken win.Out[uint64]) (win.Bool, win.Error) {
	old, ok := guest.Lookup[*token](c.Handles, hExistingToken.Guest())
	switch {
	case !ok:
		return false, win.ErrInvalidHandle
	case phNewToken.Null():
		return false, win.ErrNoAccess
	case TokenType != primaryToken && TokenType != impersonationToken || ImpersonationLevel > levelDelegation:
		return false, win.ErrInvalidParameter
	case old.impersonation && (uint32(ImpersonationLevel) > old.level || TokenType == primaryToken && old.level < levelImpersonation):
		return false, errBadLevel
	}
	phNewToken.Set(c, uint64(c.Handles.Add(&token{impersonation: TokenType == impersonationToken, level: uint32(ImpersonationLevel)})))
	return true, 0
}

func duplicateToken(c *win.Call, ExistingTokenHandle win.Handle, ImpersonationLevel win.DWORD, DuplicateTokenHandle win.Out[uint64]) (win.Bool, win.Error) {
	return duplicateTokenEx(c, ExistingTokenHandle, 0, 0, ImpersonationLevel, impersonationToken, DuplicateTokenHandle)
}

// impersonateLoggedOnUser gives the calling thread a token.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-impersonateloggedonuser
func impersonateLoggedOnUser(c *win.Call, hToken win.Handle) (win.Bool, win.Error) {
	old, ok := guest.Lookup[*token](c.Handles, hToken.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	used := *old
	if !used.impersonation {
		used = token{impersonation: true, level: levelImpersonation}
	}
	c.State[impersonating{c.T}] = &used
	return true, 0
}

// impersonateSelf gives the calling thread a copy of the process's token.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-impersonateself
func impersonateSelf(c *win.Call, ImpersonationLevel win.DWORD) (win.Bool, win.Error) {
	if ImpersonationLevel > levelDelegation {
		return false, win.ErrInvalidParameter
	}
	c.State[impersonating{c.T}] = &token{impersonation: true, level: uint32(ImpersonationLevel)}
	return true, 0
}

// revertToSelf takes the calling thread's token away.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-reverttoself
func revertToSelf(c *win.Call) (win.Bool, win.Error) {
	delete(c.State, impersonating{c.T})
	return true, 0
}

// setThreadToken gives a thread a token to impersonate with, or takes it away.
// Thread points to a handle; NULL is the calling thread.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-setthreadtoken
func setThreadToken(c *win.Call, Thread win.Out[uint64], Token win.Handle) (win.Bool, win.Error) {
	t := c.T
	if !Thread.Null() {
		if t = threadOf(c, win.Handle(Thread.Get(c))); t == nil {
			return false, win.ErrInvalidHandle
		}
	}
	if Token == 0 {
		delete(c.State, impersonating{t})
		return true, 0
	}
	used, ok := guest.Lookup[*token](c.Handles, Token.Guest())
	switch {
	case !ok:
		return false, win.ErrInvalidHandle
	case !used.impersonation:
		return false, errNotImpersonation
	}
	c.State[impersonating{t}] = used
	return true, 0
}
