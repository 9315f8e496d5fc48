package advapi32

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"sidetrace/emulator/win"
)

var accountRows = win.Rows{
	win.Func2("ConvertStringSidToSid{A,W}", convertStringSidToSid, "StringSid Sid"),
	win.Func3("CopySid", copySid, "nDestinationSidLength pDestinationSid pSourceSid"),
	win.Func4("CreateWellKnownSid", createWellKnownSid, "WellKnownSidType DomainSid pSid cbSid"),
	win.Func1("GetSidIdentifierAuthority", getSidIdentifierAuthority, "pSid"),
	win.Func1("GetSidLengthRequired", getSidLengthRequired, "nSubAuthorityCount"),
	win.Func3("InitializeSid", initializeSid, "Sid pIdentifierAuthority nSubAuthorityCount"),
	win.Func2("IsWellKnownSid", isWellKnownSid, "pSid WellKnownSidType"),
	win.Func7("LookupAccountName{A,W}", lookupAccountName, "lpSystemName lpAccountName Sid cbSid ReferencedDomainName cchReferencedDomainName peUse"),
	win.Func7("LookupAccountSid{A,W}", lookupAccountSid, "lpSystemName Sid Name cchName ReferencedDomainName cchReferencedDomainName peUse"),
	win.Func4("LookupPrivilegeName{A,W}", lookupPrivilegeName, "lpSystemName lpLuid lpName cchName"),
}

const (
	errNoneMapped win.Error = 1332
	errInvalidSID win.Error = 1337
)

// Kinds of accounts: SID_NAME_USE.
const (
	useUser      = 1
	useAlias     = 4
	useWellKnown = 5
	useLabel     = 10
)

// known are accounts with names.
var known = []struct {
	sid    []byte
	domain string
	name   string
	use    uint32
	kind   win.DWORD // WELL_KNOWN_SID_TYPE; 0 for none
}{
	{sid(1, 0), "", "Everyone", useWellKnown, 1},
	{sid(2, 0), "", "LOCAL", useWellKnown, 2},
	{sid(3, 0), "", "CREATOR OWNER", useWellKnown, 3},
	{sid(5, 2), "NT AUTHORITY", "NETWORK", useWellKnown, 9},
	{sid(5, 4), "NT AUTHORITY", "INTERACTIVE", useWellKnown, 11},
	{sid(5, 6), "NT AUTHORITY", "SERVICE", useWellKnown, 12},
	{sid(5, 11), "NT AUTHORITY", "Authenticated Users", useWellKnown, 17},
	{sid(5, 18), "NT AUTHORITY", "SYSTEM", useWellKnown, 22},
	{sid(5, 19), "NT AUTHORITY", "LOCAL SERVICE", useWellKnown, 23},
	{sid(5, 20), "NT AUTHORITY", "NETWORK SERVICE", useWellKnown, 24},
	{sid(5, 32, 544), "BUILTIN", "Administrators", useAlias, 26},
	{sid(5, 32, 545), "BUILTIN", "Users", useAlias, 27},
	{sid(5, 32, 546), "BUILTIN", "Guests", useAlias, 28},
	{sid(16, 0x1000), "Mandatory Label", "Low Mandatory Level", useLabel, 66},
	{sid(16, 0x2000), "Mandatory Label", "Medium Mandatory Level", useLabel, 67},
	{sid(16, 0x3000), "Mandatory Label", "High Mandatory Level", useLabel, 68},
	{sid(16, 0x4000), "Mandatory Label", "System Mandatory Level", useLabel, 69},
}

// convertStringSidToSid reads an identifier written as S-1-…, into memory the
// caller frees with LocalFree.
//
// https://learn.microsoft.com/windows/win32/api/sddl/nf-sddl-convertstringsidtosidw
func convertStringSidToSid(c *win.Call, StringSid win.TStr, Sid win.Out[uint64]) (win.Bool, win.Error) {
	if StringSid.Null() || Sid.Null() {
		return false, win.ErrInvalidParameter
	}
	b := parseSID(StringSid.Text)
	if b == nil {
		return false, errInvalidSID
	}
	at := c.Heap.Alloc(uint64(len(b)))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	c.Write(win.Ptr(at), b)
	Sid.Set(c, at)
	return true, 0
}

func parseSID(s string) []byte {
	short := map[string]string{"WD": "S-1-1-0", "BA": "S-1-5-32-544", "BU": "S-1-5-32-545", "SY": "S-1-5-18", "AU": "S-1-5-11", "LS": "S-1-5-19", "NS": "S-1-5-20", "IU": "S-1-5-4", "CO": "S-1-3-0"}
	if long, ok := short[strings.ToUpper(s)]; ok {
		s = long
	}
	parts := strings.Split(s, "-")
	if len(parts) < 4 || len(parts) > 3+maxSubs || !strings.EqualFold(parts[0], "S") || parts[1] != "1" {
		return nil
	}
	authority, err := strconv.ParseUint(parts[2], 0, 48)
	if err != nil {
		return nil
	}
	b := binary.BigEndian.AppendUint64(nil, authority)
	b[0], b[1] = sidRevision, byte(len(parts)-3)
	for _, p := range parts[3:] {
		v, err := strconv.ParseUint(p, 0, 32)
		if err != nil {
			return nil
		}
		b = le.AppendUint32(b, uint32(v))
	}
	return b
}

// copySid copies an identifier.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-copysid
func copySid(c *win.Call, nDestinationSidLength win.DWORD, pDestinationSid, pSourceSid win.Ptr) (win.Bool, win.Error) {
	b := readSID(c, pSourceSid)
	switch {
	case c.Faulted():
		return false, 0
	case b == nil:
		return false, errInvalidSID
	case int(nDestinationSidLength) < len(b):
		return false, win.ErrInsufficientBuffer
	}
	c.Write(pDestinationSid, b)
	return true, 0
}

// createWellKnownSid makes an identifier that every machine has.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-createwellknownsid
func createWellKnownSid(c *win.Call, WellKnownSidType win.DWORD, DomainSid, pSid win.Ptr, cbSid win.Out[uint32]) (win.Bool, win.Error) {
	if cbSid.Null() {
		return false, win.ErrInvalidParameter
	}
	for _, k := range known {
		if k.kind != WellKnownSidType || k.kind == 0 {
			continue
		}
		room := cbSid.Get(c)
		cbSid.Set(c, uint32(len(k.sid)))
		if pSid == 0 || int(room) < len(k.sid) {
			return false, win.ErrInsufficientBuffer
		}
		c.Write(pSid, k.sid)
		return true, 0
	}
	c.Gap("a well-known identifier")
	return false, win.ErrInvalidParameter
}

func isWellKnownSid(c *win.Call, pSid win.Ptr, WellKnownSidType win.DWORD) (win.Bool, win.Error) {
	b := readSID(c, pSid)
	for _, k := range known {
		if k.kind == WellKnownSidType && k.kind != 0 && bytes.Equal(k.sid, b) {
			return true, 0
		}
	}
	return false, 0
}

func getSidIdentifierAuthority(c *win.Call, pSid win.Ptr) (win.Ptr, win.Error) { return pSid + 2, 0 }

func getSidLengthRequired(_ *win.Call, nSubAuthorityCount win.BYTE) (win.DWORD, win.Error) {
	return sidHeader + 4*win.DWORD(nSubAuthorityCount), 0
}

// initializeSid begins an identifier, whose numbers the caller fills in.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-initializesid
func initializeSid(c *win.Call, Sid, pIdentifierAuthority win.Ptr, nSubAuthorityCount win.BYTE) (win.Bool, win.Error) {
	if nSubAuthorityCount > maxSubs {
		return false, win.ErrInvalidParameter
	}
	authority := c.Bytes(pIdentifierAuthority, 6)
	if c.Faulted() {
		return false, 0
	}
	c.Write(Sid, append([]byte{sidRevision, byte(nSubAuthorityCount)}, authority...))
	return true, 0
}

// both stores a name and a domain where their sizes are enough; the sizes are
// told with the terminator where they are not.
func both(c *win.Call, name string, at win.Ptr, size win.Out[uint32], domain string, domainAt win.Ptr, domainSize win.Out[uint32]) win.Error {
	a, b := c.Encode(name), c.Encode(domain)
	n, m := uint32(uint64(len(a))/c.CharSize()), uint32(uint64(len(b))/c.CharSize())
	if size.Get(c) < n || domainSize.Get(c) < m {
		size.Set(c, n)
		domainSize.Set(c, m)
		return win.ErrInsufficientBuffer
	}
	c.Write(at, a)
	c.Write(domainAt, b)
	size.Set(c, n-1)
	domainSize.Set(c, m-1)
	return 0
}

// lookupAccountSid names an account.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lookupaccountsidw
func lookupAccountSid(c *win.Call, lpSystemName win.TStr, Sid, Name win.Ptr, cchName win.Out[uint32], ReferencedDomainName win.Ptr, cchReferencedDomainName, peUse win.Out[uint32]) (win.Bool, win.Error) {
	b := readSID(c, Sid)
	if c.Faulted() {
		return false, 0
	}
	if b == nil {
		return false, win.ErrInvalidParameter
	}
	name, domain, use := "", "", uint32(0)
	if bytes.Equal(b, userSID) {
		name, domain, use = c.Config.User, c.Config.Computer, useUser
	}
	for _, k := range known {
		if bytes.Equal(k.sid, b) {
			name, domain, use = k.name, k.domain, k.use
		}
	}
	if name == "" {
		return false, errNoneMapped
	}
	if err := both(c, name, Name, cchName, domain, ReferencedDomainName, cchReferencedDomainName); err != 0 {
		return false, err
	}
	peUse.Set(c, use)
	return true, 0
}

// lookupAccountName finds the identifier of an account.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lookupaccountnamew
func lookupAccountName(c *win.Call, lpSystemName, lpAccountName win.TStr, Sid win.Ptr, cbSid win.Out[uint32], ReferencedDomainName win.Ptr, cchReferencedDomainName, peUse win.Out[uint32]) (win.Bool, win.Error) {
	name := lpAccountName.Text[strings.LastIndexByte(lpAccountName.Text, '\\')+1:]
	id, domain, use := []byte(nil), "", uint32(0)
	if name != "" && strings.EqualFold(name, c.Config.User) {
		id, domain, use = userSID, c.Config.Computer, useUser
	}
	for _, k := range known {
		if strings.EqualFold(k.name, name) {
			id, domain, use = k.sid, k.domain, k.use
		}
	}
	if id == nil {
		return false, errNoneMapped
	}
	b := c.Encode(domain)
	n := uint32(uint64(len(b)) / c.CharSize())
	if cbSid.Get(c) < uint32(len(id)) || cchReferencedDomainName.Get(c) < n {
		cbSid.Set(c, uint32(len(id)))
		cchReferencedDomainName.Set(c, n)
		return false, win.ErrInsufficientBuffer
	}
	c.Write(Sid, id)
	c.Write(ReferencedDomainName, b)
	cbSid.Set(c, uint32(len(id)))
	cchReferencedDomainName.Set(c, n-1)
	peUse.Set(c, use)
	return true, 0
}

// lookupPrivilegeName names a privilege.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lookupprivilegenamew
func lookupPrivilegeName(c *win.Call, lpSystemName win.TStr, lpLuid, lpName win.Ptr, cchName win.Out[uint32]) (win.Bool, win.Error) {
	luid := c.ReadUint(lpLuid, 8)
	for _, p := range privileges {
		if p.luid != luid {
			continue
		}
		b := c.Encode(p.name)
		n := uint32(uint64(len(b)) / c.CharSize())
		if cchName.Get(c) < n {
			cchName.Set(c, n)
			return false, win.ErrInsufficientBuffer
		}
		c.Write(lpName, b)
		cchName.Set(c, n-1)
		return true, 0
	}
	return false, errNoPrivilege
}
