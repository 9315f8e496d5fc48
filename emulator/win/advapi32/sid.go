package advapi32

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var sidRows = win.Rows{
	win.Func11("AllocateAndInitializeSid", allocateAndInitializeSid,
		"pIdentifierAuthority nSubAuthorityCount nSubAuthority0 nSubAuthority1 nSubAuthority2 nSubAuthority3 nSubAuthority4 nSubAuthority5 nSubAuthority6 nSubAuthority7 pSid"),
	win.Func2("ConvertSidToStringSid{A,W}", convertSidToStringSid, "Sid StringSid"),
	win.Func2("EqualSid", equalSid, "pSid1 pSid2"),
	win.Func1("FreeSid", freeSid, "pSid"),
	win.Func1("GetLengthSid", getLengthSid, "pSid"),
	win.Func2("GetSidSubAuthority", getSidSubAuthority, "pSid nSubAuthority"),
	win.Func1("GetSidSubAuthorityCount", getSidSubAuthorityCount, "pSid"),
	win.Func1("IsValidSid", isValidSid, "pSid"),
}

// A SID: revision, number of sub-authorities, authority (six bytes, the most
// significant first), sub-authorities.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-sid
const (
	sidHeader   = 8
	sidRevision = 1
	maxSubs     = 15
)

func sid(authority byte, subs ...uint32) []byte {
	b := []byte{sidRevision, byte(len(subs)), 0, 0, 0, 0, 0, authority}
	for _, s := range subs {
		b = binary.LittleEndian.AppendUint32(b, s)
	}
	return b
}

// Whom the program runs as, and at which level.
var (
	userSID         = sid(5, 21, 1004336348, 1177238915, 682003330, 1001)
	mediumIntegrity = sid(16, 0x2000)
	memberships     = [][]byte{
		userSID,
		sid(1, 0),       // Everyone
		sid(2, 0),       // local
		sid(5, 4),       // interactive
		sid(5, 11),      // authenticated users
		sid(5, 15),      // this organisation
		sid(5, 32, 545), // Users
	}
)

// readSID reads an identifier; nil if it is none.
func readSID(c *win.Call, at win.Ptr) []byte {
	head := c.Bytes(at, 2)
	if c.Faulted() || head[0] != sidRevision || head[1] > maxSubs {
		return nil
	}
	return bytes.Clone(c.Bytes(at, sidHeader+4*uint64(head[1])))
}

// allocateAndInitializeSid makes an identifier of its parts.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-allocateandinitializesid
func allocateAndInitializeSid(c *win.Call, pIdentifierAuthority win.Ptr, nSubAuthorityCount win.BYTE, nSubAuthority0, nSubAuthority1, nSubAuthority2, nSubAuthority3, nSubAuthority4, nSubAuthority5, nSubAuthority6, nSubAuthority7 win.DWORD, pSid win.Out[uint64]) (win.Bool, win.Error) {
	subs := [...]win.DWORD{nSubAuthority0, nSubAuthority1, nSubAuthority2, nSubAuthority3, nSubAuthority4, nSubAuthority5, nSubAuthority6, nSubAuthority7}
	if int(nSubAuthorityCount) > len(subs) {
		return false, win.ErrInvalidParameter
	}
	b := append([]byte{sidRevision, byte(nSubAuthorityCount)}, c.Bytes(pIdentifierAuthority, 6)...)
	for _, s := range subs[:nSubAuthorityCount] {
		b = binary.LittleEndian.AppendUint32(b, uint32(s))
	}
	if c.Faulted() {
		return false, 0
	}
	at := c.Heap.Alloc(uint64(len(b)))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	c.Write(win.Ptr(at), b)
	pSid.Set(c, at)
	return true, 0
}

// freeSid frees an identifier made by AllocateAndInitializeSid.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-freesid
func freeSid(c *win.Call, pSid win.Ptr) (win.Ptr, win.Error) {
	if !c.Heap.Free(uint64(pSid)) {
		return pSid, 0
	}
	return 0, 0
}

// equalSid compares identifiers.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-equalsid
func equalSid(c *win.Call, pSid1, pSid2 win.Ptr) (win.Bool, win.Error) {
	a, b := readSID(c, pSid1), readSID(c, pSid2)
	return win.Bool(a != nil && bytes.Equal(a, b)), 0
}

// isValidSid checks revision and length.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-isvalidsid
func isValidSid(c *win.Call, pSid win.Ptr) (win.Bool, win.Error) {
	return win.Bool(pSid != 0 && readSID(c, pSid) != nil), 0
}

// getLengthSid is the size of an identifier in bytes.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-getlengthsid
func getLengthSid(c *win.Call, pSid win.Ptr) (win.DWORD, win.Error) {
	return win.DWORD(sidHeader + 4*c.ReadUint(pSid+1, 1)), 0
}

// getSidSubAuthority points to a sub-authority.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-getsidsubauthority
func getSidSubAuthority(c *win.Call, pSid win.Ptr, nSubAuthority win.DWORD) (win.Ptr, win.Error) {
	return pSid + sidHeader + 4*win.Ptr(nSubAuthority), 0
}

// getSidSubAuthorityCount points to the number of sub-authorities.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-getsidsubauthoritycount
func getSidSubAuthorityCount(c *win.Call, pSid win.Ptr) (win.Ptr, win.Error) {
	return pSid + 1, 0
}

// convertSidToStringSid writes an identifier as S-1-…, in memory the caller
// frees with LocalFree.
//
// https://learn.microsoft.com/windows/win32/api/sddl/nf-sddl-convertsidtostringsidw
func convertSidToStringSid(c *win.Call, Sid win.Ptr, StringSid win.Out[uint64]) (win.Bool, win.Error) {
	const invalidSID win.Error = 1337
	if Sid == 0 || StringSid.Null() {
		return false, win.ErrInvalidParameter
	}
	b := readSID(c, Sid)
	if b == nil {
		return false, invalidSID
	}
	text := sidText(b)
	encoded := guest.UTF16(text)
	if c.ANSI() {
		encoded = guest.ANSI(text)
	}
	at := c.Heap.Alloc(uint64(len(encoded)))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	c.Write(win.Ptr(at), encoded)
	StringSid.Set(c, at)
	return true, 0
}

// sidText writes an identifier as S-1-….
func sidText(b []byte) string {
	authority := uint64(binary.BigEndian.Uint16(b[2:]))<<32 | uint64(binary.BigEndian.Uint32(b[4:]))
	text := fmt.Sprintf("S-%d-%d", b[0], authority)
	for i := sidHeader; i < len(b); i += 4 {
		text += fmt.Sprintf("-%d", binary.LittleEndian.Uint32(b[i:]))
	}
	return text
}
