package advapi32

import (
	"bytes"

	"sidetrace/emulator/win"
)

// Layout of an ACL and of its entries.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-acl
const (
	aclHeader   = 8
	aclSize     = 2
	aclCount    = 4
	aclRevision = 2
	aclLatest   = 4
	maxACL      = 0xFFFC

	aceHeader  = 4
	aceSize    = 2
	aceAllowed = 0
	aceDenied  = 1
)

// readACL reads a list with the room behind it; nil if it is none.
func readACL(c *win.Call, at win.Ptr) []byte {
	head := c.Bytes(at, aclHeader)
	if c.Faulted() {
		return nil
	}
	size := uint64(le.Uint16(head[aclSize:]))
	if head[0] < aclRevision || head[0] > aclLatest || size < aclHeader {
		return nil
	}
	b := bytes.Clone(c.Bytes(at, size))
	if c.Faulted() || entries(b) < 0 {
		return nil
	}
	return b
}

// entries is where the entries of a list end, negative if they are damaged.
func entries(acl []byte) int {
	end := aclHeader
	for range le.Uint16(acl[aclCount:]) {
		size := 0
		if end+aceHeader <= len(acl) {
			size = int(le.Uint16(acl[end+aceSize:]))
		}
		if size < aceHeader || end+size > len(acl) {
			return -1
		}
		end += size
	}
	return end
}

// entry is where the entry of an index begins.
func entry(acl []byte, index win.DWORD) int {
	at := aclHeader
	for range index {
		at += int(le.Uint16(acl[at+aceSize:]))
	}
	return at
}

// initializeACL makes an empty list.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-initializeacl
func initializeACL(c *win.Call, pAcl win.Ptr, nAclLength, dwAclRevision win.DWORD) (win.Bool, win.Error) {
	switch {
	case nAclLength < aclHeader:
		return false, win.ErrInsufficientBuffer
	case dwAclRevision < aclRevision || dwAclRevision > aclLatest || nAclLength > maxACL:
		return false, win.ErrInvalidParameter
	}
	b := make([]byte, nAclLength)
	b[0] = byte(dwAclRevision)
	le.PutUint16(b[aclSize:], uint16(nAclLength))
	c.Write(pAcl, b)
	return true, 0
}

func isValidACL(c *win.Call, pAcl win.Ptr) (win.Bool, win.Error) {
	return win.Bool(readACL(c, pAcl) != nil), 0
}

// addEntry adds an entry at the end, if the list has room.
func addEntry(c *win.Call, at win.Ptr, kind byte, revision win.DWORD, flags, mask win.Hex, identifier win.Ptr) (win.Bool, win.Error) {
	sid := readSID(c, identifier)
	acl := readACL(c, at)
	switch {
	case c.Faulted():
		return false, 0
	case sid == nil:
		return false, errInvalidSID
	case acl == nil:
		return false, errInvalidACL
	case revision > aclLatest || win.DWORD(acl[0]) > aclLatest:
		return false, errUnknownRevision
	}
	ace := append([]byte{kind, byte(flags), 0, 0}, le.AppendUint32(nil, uint32(mask))...)
	ace = append(ace, sid...)
	le.PutUint16(ace[aceSize:], uint16(len(ace)))
	end := entries(acl)
	if end+len(ace) > len(acl) {
		return false, errSpaceExceeded
	}
	copy(acl[end:], ace)
	acl[0] = max(acl[0], byte(revision))
	le.PutUint16(acl[aclCount:], le.Uint16(acl[aclCount:])+1)
	c.Write(at, acl)
	return true, 0
}

// addAccessAllowedAce allows somebody something.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-addaccessallowedace
func addAccessAllowedAce(c *win.Call, pAcl win.Ptr, dwAceRevision win.DWORD, AccessMask win.Hex, pSid win.Ptr) (win.Bool, win.Error) {
	return addEntry(c, pAcl, aceAllowed, dwAceRevision, 0, AccessMask, pSid)
}

func addAccessAllowedAceEx(c *win.Call, pAcl win.Ptr, dwAceRevision win.DWORD, AceFlags, AccessMask win.Hex, pSid win.Ptr) (win.Bool, win.Error) {
	return addEntry(c, pAcl, aceAllowed, dwAceRevision, AceFlags, AccessMask, pSid)
}

func addAccessDeniedAce(c *win.Call, pAcl win.Ptr, dwAceRevision win.DWORD, AccessMask win.Hex, pSid win.Ptr) (win.Bool, win.Error) {
	return addEntry(c, pAcl, aceDenied, dwAceRevision, 0, AccessMask, pSid)
}

func addAccessDeniedAceEx(c *win.Call, pAcl win.Ptr, dwAceRevision win.DWORD, AceFlags, AccessMask win.Hex, pSid win.Ptr) (win.Bool, win.Error) {
	return addEntry(c, pAcl, aceDenied, dwAceRevision, AceFlags, AccessMask, pSid)
}

// getAce points to an entry.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-getace
func getAce(c *win.Call, pAcl win.Ptr, dwAceIndex win.DWORD, pAce win.Out[uint64]) (win.Bool, win.Error) {
	acl := readACL(c, pAcl)
	if acl == nil || dwAceIndex >= win.DWORD(le.Uint16(acl[aclCount:])) {
		return false, win.ErrInvalidParameter
	}
	pAce.Set(c, uint64(pAcl)+uint64(entry(acl, dwAceIndex)))
	return true, 0
}

// deleteAce takes an entry out of a list.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-deleteace
func deleteAce(c *win.Call, pAcl win.Ptr, dwAceIndex win.DWORD) (win.Bool, win.Error) {
	acl := readACL(c, pAcl)
	if acl == nil || dwAceIndex >= win.DWORD(le.Uint16(acl[aclCount:])) {
		return false, win.ErrInvalidParameter
	}
	at, end := entry(acl, dwAceIndex), entries(acl)
	size := int(le.Uint16(acl[at+aceSize:]))
	copy(acl[at:], acl[at+size:end])
	clear(acl[end-size : end])
	le.PutUint16(acl[aclCount:], le.Uint16(acl[aclCount:])-1)
	c.Write(pAcl, acl)
	return true, 0
}

// getACLInformation tells a list's revision, or how full it is.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-getaclinformation
func getACLInformation(c *win.Call, pAcl, pAclInformation win.Ptr, nAclInformationLength, dwAclInformationClass win.DWORD) (win.Bool, win.Error) {
	const revision, size = 1, 2
	acl := readACL(c, pAcl)
	if acl == nil {
		return false, win.ErrInvalidParameter
	}
	var b []byte
	switch dwAclInformationClass {
	case revision:
		b = le.AppendUint32(nil, uint32(acl[0]))
	case size:
		end := entries(acl)
		b = le.AppendUint32(nil, uint32(le.Uint16(acl[aclCount:])))
		b = le.AppendUint32(b, uint32(end))
		b = le.AppendUint32(b, uint32(len(acl)-end))
	default:
		return false, win.ErrInvalidParameter
	}
	if int(nAclInformationLength) < len(b) {
		return false, win.ErrInvalidParameter
	}
	c.Write(pAclInformation, b)
	return true, 0
}
