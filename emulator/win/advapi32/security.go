package advapi32

import (
	"sidetrace/emulator/win"
)

// Security descriptors and access control lists are data that programs build
// and read; nothing checks access by them.

var securityRows = win.Rows{
	win.Func4("AddAccessAllowedAce", addAccessAllowedAce, "pAcl dwAceRevision AccessMask pSid"),
	win.Func5("AddAccessAllowedAceEx", addAccessAllowedAceEx, "pAcl dwAceRevision AceFlags AccessMask pSid"),
	win.Func4("AddAccessDeniedAce", addAccessDeniedAce, "pAcl dwAceRevision AccessMask pSid"),
	win.Func5("AddAccessDeniedAceEx", addAccessDeniedAceEx, "pAcl dwAceRevision AceFlags AccessMask pSid"),
	win.Func2("DeleteAce", deleteAce, "pAcl dwAceIndex"),
	win.Func3("GetAce", getAce, "pAcl dwAceIndex pAce"),
	win.Func4("GetAclInformation", getACLInformation, "pAcl pAclInformation nAclInformationLength dwAclInformationClass"),
	win.Func3("GetSecurityDescriptorControl", getSecurityDescriptorControl, "pSecurityDescriptor pControl lpdwRevision"),
	win.Func4("GetSecurityDescriptorDacl", getSecurityDescriptorDacl, "pSecurityDescriptor lpbDaclPresent pDacl lpbDaclDefaulted"),
	win.Func3("GetSecurityDescriptorGroup", getSecurityDescriptorGroup, "pSecurityDescriptor pGroup lpbGroupDefaulted"),
	win.Func1("GetSecurityDescriptorLength", getSecurityDescriptorLength, "pSecurityDescriptor"),
	win.Func3("GetSecurityDescriptorOwner", getSecurityDescriptorOwner, "pSecurityDescriptor pOwner lpbOwnerDefaulted"),
	win.Func4("GetSecurityDescriptorSacl", getSecurityDescriptorSacl, "pSecurityDescriptor lpbSaclPresent pSacl lpbSaclDefaulted"),
	win.Func3("InitializeAcl", initializeACL, "pAcl nAclLength dwAclRevision"),
	win.Func2("InitializeSecurityDescriptor", initializeSecurityDescriptor, "pSecurityDescriptor dwRevision"),
	win.Func1("IsValidAcl", isValidACL, "pAcl"),
	win.Func1("IsValidSecurityDescriptor", isValidSecurityDescriptor, "pSecurityDescriptor"),
	win.Func3("MakeSelfRelativeSD", makeSelfRelativeSD, "pAbsoluteSecurityDescriptor pSelfRelativeSecurityDescriptor lpdwBufferLength"),
	win.Func4("SetSecurityDescriptorDacl", setSecurityDescriptorDacl, "pSecurityDescriptor bDaclPresent pDacl bDaclDefaulted"),
	win.Func3("SetSecurityDescriptorGroup", setSecurityDescriptorGroup, "pSecurityDescriptor pGroup bGroupDefaulted"),
	win.Func3("SetSecurityDescriptorOwner", setSecurityDescriptorOwner, "pSecurityDescriptor pOwner bOwnerDefaulted"),
	win.Func4("SetSecurityDescriptorSacl", setSecurityDescriptorSacl, "pSecurityDescriptor bSaclPresent pSacl bSaclDefaulted"),
}

// Layout of SECURITY_DESCRIPTOR: absolute with pointers, or self-relative with
// offsets.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-security_descriptor
const (
	descriptorSize     = 40
	relativeSize       = 20
	descriptorRevision = 1
	controlAt          = 2

	daclPresent  = 0x0004
	saclPresent  = 0x0010
	selfRelative = 0x8000

	errUnknownRevision win.Error = 1305
	errInvalidACL      win.Error = 1336
	errInvalidSD       win.Error = 1338
	errSpaceExceeded   win.Error = 1344
)

// part is one of a descriptor's four parts: where it is, and its flags.
type part struct {
	absolute, relative win.Ptr
	present, defaulted uint64
}

var (
	ownerPart = part{8, 4, 0, 0x1}
	groupPart = part{16, 8, 0, 0x2}
	saclPart  = part{24, 12, saclPresent, 0x20}
	daclPart  = part{32, 16, daclPresent, 0x8}
)

// get finds a part of a descriptor; 0 if it has none.
func (p part) get(c *win.Call, at win.Ptr) win.Ptr {
	if c.ReadUint(at+controlAt, 2)&selfRelative == 0 {
		return win.Ptr(c.ReadUint(at+p.absolute, 8))
	}
	if offset := c.ReadUint(at+p.relative, 4); offset != 0 {
		return at + win.Ptr(offset)
	}
	return 0
}

// set stores a part, or takes it away.
func (p part) set(c *win.Call, at win.Ptr, present bool, value win.Ptr, defaulted win.Int) (win.Bool, win.Error) {
	control := c.ReadUint(at+controlAt, 2)
	switch {
	case c.ReadUint(at, 1) != descriptorRevision:
		return false, errUnknownRevision
	case control&selfRelative != 0:
		return false, errInvalidSD
	}
	control &^= p.present | p.defaulted
	if present {
		control |= p.present
		if defaulted != 0 {
			control |= p.defaulted
		}
		c.WriteUint(at+p.absolute, 8, uint64(value))
	}
	c.WriteUint(at+controlAt, 2, control)
	return true, 0
}

// initializeSecurityDescriptor makes an empty absolute descriptor.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-initializesecuritydescriptor
func initializeSecurityDescriptor(c *win.Call, pSecurityDescriptor win.Ptr, dwRevision win.DWORD) (win.Bool, win.Error) {
	if dwRevision != descriptorRevision {
		return false, errUnknownRevision
	}
	b := make([]byte, descriptorSize)
	b[0] = descriptorRevision
	c.Write(pSecurityDescriptor, b)
	return true, 0
}

// isValidSecurityDescriptor checks the revision and the parts.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-isvalidsecuritydescriptor
func isValidSecurityDescriptor(c *win.Call, pSecurityDescriptor win.Ptr) (win.Bool, win.Error) {
	if pSecurityDescriptor == 0 || c.ReadUint(pSecurityDescriptor, 1) != descriptorRevision {
		return false, errInvalidSD
	}
	for _, p := range []part{ownerPart, groupPart} {
		if sid := p.get(c, pSecurityDescriptor); sid != 0 && readSID(c, sid) == nil {
			return false, errInvalidSD
		}
	}
	for _, p := range []part{saclPart, daclPart} {
		if acl := p.get(c, pSecurityDescriptor); acl != 0 && readACL(c, acl) == nil {
			return false, errInvalidSD
		}
	}
	return true, 0
}

func getSecurityDescriptorControl(c *win.Call, pSecurityDescriptor win.Ptr, pControl win.Out[uint16], lpdwRevision win.Out[uint32]) (win.Bool, win.Error) {
	revision := c.ReadUint(pSecurityDescriptor, 1)
	lpdwRevision.Set(c, uint32(revision))
	if revision != descriptorRevision {
		return false, errUnknownRevision
	}
	pControl.Set(c, uint16(c.ReadUint(pSecurityDescriptor+controlAt, 2)))
	return true, 0
}

// acl tells of one of the two lists.
func (p part) acl(c *win.Call, at win.Ptr, present win.Out[uint32], list win.Out[uint64], defaulted win.Out[uint32]) (win.Bool, win.Error) {
	control := c.ReadUint(at+controlAt, 2)
	if c.ReadUint(at, 1) != descriptorRevision {
		return false, errUnknownRevision
	}
	has := control&p.present != 0
	present.Set(c, flag(has))
	if has {
		list.Set(c, uint64(p.get(c, at)))
		defaulted.Set(c, flag(control&p.defaulted != 0))
	}
	return true, 0
}

func flag(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// getSecurityDescriptorDacl finds the list that says who may do what. A
// descriptor may have one that is NULL: everybody may do everything.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-getsecuritydescriptordacl
func getSecurityDescriptorDacl(c *win.Call, pSecurityDescriptor win.Ptr, lpbDaclPresent win.Out[uint32], pDacl win.Out[uint64], lpbDaclDefaulted win.Out[uint32]) (win.Bool, win.Error) {
	return daclPart.acl(c, pSecurityDescriptor, lpbDaclPresent, pDacl, lpbDaclDefaulted)
}

func getSecurityDescriptorSacl(c *win.Call, pSecurityDescriptor win.Ptr, lpbSaclPresent win.Out[uint32], pSacl win.Out[uint64], lpbSaclDefaulted win.Out[uint32]) (win.Bool, win.Error) {
	return saclPart.acl(c, pSecurityDescriptor, lpbSaclPresent, pSacl, lpbSaclDefaulted)
}

// setSecurityDescriptorDacl puts a list into a descriptor, by reference.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-setsecuritydescriptordacl
func setSecurityDescriptorDacl(c *win.Call, pSecurityDescriptor win.Ptr, bDaclPresent win.Int, pDacl win.Ptr, bDaclDefaulted win.Int) (win.Bool, win.Error) {
	return daclPart.set(c, pSecurityDescriptor, bDaclPresent != 0, pDacl, bDaclDefaulted)
}

func setSecurityDescriptorSacl(c *win.Call, pSecurityDescriptor win.Ptr, bSaclPresent win.Int, pSacl win.Ptr, bSaclDefaulted win.Int) (win.Bool, win.Error) {
	return saclPart.set(c, pSecurityDescriptor, bSaclPresent != 0, pSacl, bSaclDefaulted)
}

// sid tells of owner or group.
func (p part) sid(c *win.Call, at win.Ptr, sid win.Out[uint64], defaulted win.Out[uint32]) (win.Bool, win.Error) {
	if c.ReadUint(at, 1) != descriptorRevision {
		return false, errUnknownRevision
	}
	sid.Set(c, uint64(p.get(c, at)))
	defaulted.Set(c, flag(c.ReadUint(at+controlAt, 2)&p.defaulted != 0))
	return true, 0
}

func getSecurityDescriptorOwner(c *win.Call, pSecurityDescriptor win.Ptr, pOwner win.Out[uint64], lpbOwnerDefaulted win.Out[uint32]) (win.Bool, win.Error) {
	return ownerPart.sid(c, pSecurityDescriptor, pOwner, lpbOwnerDefaulted)
}

func getSecurityDescriptorGroup(c *win.Call, pSecurityDescriptor win.Ptr, pGroup win.Out[uint64], lpbGroupDefaulted win.Out[uint32]) (win.Bool, win.Error) {
	return groupPart.sid(c, pSecurityDescriptor, pGroup, lpbGroupDefaulted)
}

func setSecurityDescriptorOwner(c *win.Call, pSecurityDescriptor, pOwner win.Ptr, bOwnerDefaulted win.Int) (win.Bool, win.Error) {
	return ownerPart.set(c, pSecurityDescriptor, true, pOwner, bOwnerDefaulted)
}

func setSecurityDescriptorGroup(c *win.Call, pSecurityDescriptor, pGroup win.Ptr, bGroupDefaulted win.Int) (win.Bool, win.Error) {
	return groupPart.set(c, pSecurityDescriptor, true, pGroup, bGroupDefaulted)
}

// contents are the bytes of a descriptor's part.
func (p part) contents(c *win.Call, at win.Ptr) []byte {
	value := p.get(c, at)
	switch {
	case value == 0:
		return nil
	case p.present != 0:
		return readACL(c, value)
	}
	return readSID(c, value)
}

// relative lays a descriptor out in one piece: SACL, DACL, owner, group.
func relative(c *win.Call, at win.Ptr) []byte {
	b := make([]byte, relativeSize)
	b[0] = descriptorRevision
	le.PutUint16(b[controlAt:], uint16(c.ReadUint(at+controlAt, 2)|selfRelative))
	for _, p := range []part{saclPart, daclPart, ownerPart, groupPart} {
		if data := p.contents(c, at); data != nil {
			le.PutUint32(b[p.relative:], uint32(len(b)))
			b = append(b, data...)
			for len(b)%4 != 0 {
				b = append(b, 0)
			}
		}
	}
	return b
}

// getSecurityDescriptorLength is the size of a descriptor in one piece, or of
// an absolute one with its parts.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-getsecuritydescriptorlength
func getSecurityDescriptorLength(c *win.Call, pSecurityDescriptor win.Ptr) (win.DWORD, win.Error) {
	n := len(relative(c, pSecurityDescriptor))
	if c.ReadUint(pSecurityDescriptor+controlAt, 2)&selfRelative == 0 {
		n += descriptorSize - relativeSize
	}
	return win.DWORD(n), 0
}

// makeSelfRelativeSD copies an absolute descriptor with its parts into one
// piece.
//
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-makeselfrelativesd
func makeSelfRelativeSD(c *win.Call, pAbsoluteSecurityDescriptor, pSelfRelativeSecurityDescriptor win.Ptr, lpdwBufferLength win.Out[uint32]) (win.Bool, win.Error) {
	const badFormat win.Error = 1361 // ERROR_BAD_DESCRIPTOR_FORMAT
	if c.ReadUint(pAbsoluteSecurityDescriptor+controlAt, 2)&selfRelative != 0 {
		return false, badFormat
	}
	b := relative(c, pAbsoluteSecurityDescriptor)
	room := lpdwBufferLength.Get(c)
	lpdwBufferLength.Set(c, uint32(len(b)))
	if int(room) < len(b) {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(pSelfRelativeSecurityDescriptor, b)
	return true, 0
}
