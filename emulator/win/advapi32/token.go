package advapi32

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// The program runs as a user who is no administrator, and knows of no other.

var tokenRows = win.Rows{
	win.Partial(win.Func6("AdjustTokenPrivileges", adjustTokenPrivileges, "TokenHandle DisableAllPrivileges NewState BufferLength PreviousState ReturnLength"),
		"says whether the user has the privileges; nothing is enabled or disabled"),
	win.Func3("CheckTokenMembership", checkTokenMembership, "TokenHandle SidToCheck IsMember"),
	win.Partial(win.Func5("GetTokenInformation", getTokenInformation, "TokenHandle TokenInformationClass TokenInformation TokenInformationLength ReturnLength"),
		"user, elevation and integrity level"),
	win.Func3("LookupPrivilegeValue{A,W}", lookupPrivilegeValue, "lpSystemName lpName lpLuid"),
	win.Partial(win.Func3("OpenProcessToken", openProcessToken, "ProcessHandle DesiredAccess TokenHandle"),
		"of the process itself; access rights are not checked"),
	win.Func4("OpenThreadToken", openThreadToken, "ThreadHandle DesiredAccess OpenAsSelf TokenHandle"),
}

// token is the program's access token, or a copy of it that threads can
// impersonate with.
type token struct {
	impersonation bool
	level         uint32 // SECURITY_IMPERSONATION_LEVEL
}

func (*token) Type() string { return "Token" }

const (
	errNoToken        win.Error = 1008
	errNotAllAssigned win.Error = 1300
	errNoPrivilege    win.Error = 1313
)

// openProcessToken opens the process's token.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-openprocesstoken
func openProcessToken(c *win.Call, ProcessHandle win.Handle, DesiredAccess win.Hex, TokenHandle win.Out[uint64]) (win.Bool, win.Error) {
	if ProcessHandle.Guest() != guest.CurrentProcess && c.Handles.Get(ProcessHandle.Guest()) == nil {
		return false, win.ErrInvalidHandle
	}
	if TokenHandle.Null() {
		return false, win.ErrNoAccess
	}
	TokenHandle.Set(c, uint64(c.Handles.Add(&token{})))
	return true, 0
}

// openThreadToken opens the token that a thread impersonates with, if it does.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-openthreadtoken
func openThreadToken(c *win.Call, ThreadHandle win.Handle, DesiredAccess win.Hex, OpenAsSelf win.DWORD, TokenHandle win.Out[uint64]) (win.Bool, win.Error) {
	t := threadOf(c, ThreadHandle)
	switch {
	case t == nil:
		return false, win.ErrInvalidHandle
	case TokenHandle.Null():
		return false, win.ErrNoAccess
	}
	if token, ok := c.State[impersonating{t}].(*token); ok {
		TokenHandle.Set(c, uint64(c.Handles.Add(token)))
		return true, 0
	}
	return false, errNoToken
}

// isToken reports whether a handle is a token's; some functions take 0, or a
// pseudo handle below it, for the thread's own.
func isToken(c *win.Call, h win.Handle) bool {
	const effective = ^win.Handle(5) // GetCurrentThreadEffectiveToken; the two above are alike
	_, ok := guest.Lookup[*token](c.Handles, h.Guest())
	return ok || h >= effective && h <= effective+2
}

// getTokenInformation tells of the user.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-gettokeninformation
func getTokenInformation(c *win.Call, TokenHandle win.Handle, TokenInformationClass win.DWORD, TokenInformation win.Ptr, TokenInformationLength win.DWORD, ReturnLength win.Out[uint32]) (win.Bool, win.Error) {
	const user, kindOfToken, impersonationLevel, elevationType, elevation, integrity = 1, 8, 9, 18, 20, 25
	if !isToken(c, TokenHandle) {
		return false, win.ErrInvalidHandle
	}
	opened, ok := guest.Lookup[*token](c.Handles, TokenHandle.Guest())
	if !ok {
		opened = &token{} // a pseudo handle
	}
	var value []byte
	switch TokenInformationClass {
	case user:
		value = sidAndAttributes(TokenInformation, userSID, 0)
	case integrity:
		value = sidAndAttributes(TokenInformation, mediumIntegrity, 0x60) // SE_GROUP_INTEGRITY, enabled
	case elevationType:
		value = []byte{1, 0, 0, 0} // TokenElevationTypeDefault
	case elevation:
		value = make([]byte, 4)
	case kindOfToken:
		value = le.AppendUint32(nil, primaryToken+flag(opened.impersonation))
	case impersonationLevel:
		if !opened.impersonation {
			return false, win.ErrInvalidParameter
		}
		value = le.AppendUint32(nil, opened.level)
	default:
		c.Gap(fmt.Sprintf("information class %d", TokenInformationClass))
		return false, win.ErrInvalidParameter
	}
	ReturnLength.Set(c, uint32(len(value)))
	if TokenInformation == 0 || int(TokenInformationLength) < len(value) {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(TokenInformation, value)
	return true, 0
}

// sidAndAttributes is SID_AND_ATTRIBUTES with the identifier behind it.
func sidAndAttributes(at win.Ptr, sid []byte, attributes uint64) []byte {
	const header = 16
	b := binary.LittleEndian.AppendUint64(nil, uint64(at)+header)
	return append(binary.LittleEndian.AppendUint64(b, attributes), sid...)
}

// checkTokenMembership tells whether the user is, or is one of, whom an
// identifier names.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-checktokenmembership
func checkTokenMembership(c *win.Call, TokenHandle win.Handle, SidToCheck win.Ptr, IsMember win.Out[uint32]) (win.Bool, win.Error) {
	if TokenHandle != 0 && !isToken(c, TokenHandle) {
		return false, win.ErrInvalidHandle
	}
	sid := readSID(c, SidToCheck)
	member := uint32(0)
	for _, known := range memberships {
		if bytes.Equal(known, sid) {
			member = 1
		}
	}
	IsMember.Set(c, member)
	return true, 0
}

// privileges are the names of privileges, and which of them a user has.
//
// https://learn.microsoft.com/windows/win32/secauthz/privilege-constants
var privileges = []struct {
	name string
	luid uint64
	held bool
}{
	{"SeCreateTokenPrivilege", 2, false}, {"SeAssignPrimaryTokenPrivilege", 3, false}, {"SeLockMemoryPrivilege", 4, false},
	{"SeIncreaseQuotaPrivilege", 5, false}, {"SeMachineAccountPrivilege", 6, false}, {"SeTcbPrivilege", 7, false},
	{"SeSecurityPrivilege", 8, false}, {"SeTakeOwnershipPrivilege", 9, false}, {"SeLoadDriverPrivilege", 10, false},
	{"SeSystemProfilePrivilege", 11, false}, {"SeSystemtimePrivilege", 12, false}, {"SeProfileSingleProcessPrivilege", 13, false},
	{"SeIncreaseBasePriorityPrivilege", 14, false}, {"SeCreatePagefilePrivilege", 15, false}, {"SeCreatePermanentPrivilege", 16, false},
	{"SeBackupPrivilege", 17, false}, {"SeRestorePrivilege", 18, false}, {"SeShutdownPrivilege", 19, true},
	{"SeDebugPrivilege", 20, false}, {"SeAuditPrivilege", 21, false}, {"SeSystemEnvironmentPrivilege", 22, false},
	{"SeChangeNotifyPrivilege", 23, true}, {"SeRemoteShutdownPrivilege", 24, false}, {"SeUndockPrivilege", 25, true},
	{"SeManageVolumePrivilege", 28, false}, {"SeImpersonatePrivilege", 29, false}, {"SeCreateGlobalPrivilege", 30, false},
	{"SeIncreaseWorkingSetPrivilege", 33, true}, {"SeTimeZonePrivilege", 34, true}, {"SeCreateSymbolicLinkPrivilege", 35, false},
}

// lookupPrivilegeValue finds a privilege's number.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lookupprivilegevaluew
func lookupPrivilegeValue(c *win.Call, lpSystemName, lpName win.TStr, lpLuid win.Out[uint64]) (win.Bool, win.Error) {
	for _, p := range privileges {
		if strings.EqualFold(p.name, lpName.Text) {
			lpLuid.Set(c, p.luid)
			return true, 0
		}
	}
	return false, errNoPrivilege
}

// adjustTokenPrivileges succeeds always; the last error tells whether the user
// has all of the privileges.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-adjusttokenprivileges
func adjustTokenPrivileges(c *win.Call, TokenHandle win.Handle, DisableAllPrivileges win.DWORD, NewState win.Ptr, BufferLength win.DWORD, PreviousState win.Ptr, ReturnLength win.Out[uint32]) (win.Bool, win.Error) {
	const entry, most = 12, 64 // LUID_AND_ATTRIBUTES
	if !isToken(c, TokenHandle) {
		return false, win.ErrInvalidHandle
	}
	result := win.Error(0)
	if DisableAllPrivileges == 0 && NewState != 0 {
		n := c.ReadUint(NewState, 4)
		if n > most {
			return false, win.ErrInvalidParameter
		}
		for i := range win.Ptr(n) {
			if !held(c.ReadUint(NewState+4+i*entry, 8)) {
				result = errNotAllAssigned
			}
		}
	}
	if PreviousState != 0 && BufferLength >= 4 {
		c.WriteUint(PreviousState, 4, 0)
	}
	ReturnLength.Set(c, 4)
	c.SetLastError(result)
	return true, 0
}

func held(luid uint64) bool {
	for _, p := range privileges {
		if p.luid == luid {
			return p.held
		}
	}
	return false
}
