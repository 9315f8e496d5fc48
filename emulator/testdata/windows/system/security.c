#include "check.h"

int main(void)
{
	SECURITY_DESCRIPTOR sd;
	SID_IDENTIFIER_AUTHORITY world = SECURITY_WORLD_SID_AUTHORITY, nt = SECURITY_NT_AUTHORITY;
	PSID everyone, admins, found;
	AllocateAndInitializeSid(&world, 1, 0, 0, 0, 0, 0, 0, 0, 0, &everyone);
	AllocateAndInitializeSid(&nt, 2, 32, 544, 0, 0, 0, 0, 0, 0, &admins);
	FAILS(InitializeSecurityDescriptor(&sd, 2));
	INT(InitializeSecurityDescriptor(&sd, SECURITY_DESCRIPTOR_REVISION));
	INT(IsValidSecurityDescriptor(&sd));
	SECURITY_DESCRIPTOR_CONTROL control = 99;
	DWORD revision = 0, n = 0;
	BOOL present = 99, defaulted = 99;
	INT(GetSecurityDescriptorControl(&sd, &control, &revision));
	CHECK("empty", "%x %lu", control, revision);
	ACL *dacl = NULL;
	INT(GetSecurityDescriptorDacl(&sd, &present, &dacl, &defaulted));
	INT(present);
	/* The way to let everybody in: a list that is NULL. */
	INT(SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE));
	INT(GetSecurityDescriptorDacl(&sd, &present, &dacl, &defaulted));
	CHECK("null list", "%d %d %d", present, dacl == NULL, defaulted);

	DWORD buffer[32];
	ACL *acl = (ACL *)buffer;
	FAILS(InitializeAcl(acl, 4, ACL_REVISION));
	FAILS(InitializeAcl(acl, sizeof buffer, 9));
	INT(InitializeAcl(acl, 68, ACL_REVISION));
	INT(IsValidAcl(acl));
	INT(AddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, everyone));
	INT(AddAccessDeniedAce(acl, ACL_REVISION, DELETE, admins));
	FAILS(AddAccessAllowedAceEx(acl, ACL_REVISION, OBJECT_INHERIT_ACE, GENERIC_READ, admins));
	INT(acl->AceCount);
	ACL_SIZE_INFORMATION size;
	INT(GetAclInformation(acl, &size, sizeof size, AclSizeInformation));
	CHECK("size", "%lu %lu %lu", size.AceCount, size.AclBytesInUse, size.AclBytesFree);
	ACL_REVISION_INFORMATION r;
	INT(GetAclInformation(acl, &r, sizeof r, AclRevisionInformation));
	INT(r.AclRevision);
	FAILS(GetAclInformation(acl, &r, 1, AclRevisionInformation));
	ACCESS_ALLOWED_ACE *ace = NULL;
	INT(GetAce(acl, 1, (void **)&ace));
	CHECK("entry", "%d %d %d %lx", ace->Header.AceType, ace->Header.AceFlags, ace->Header.AceSize, ace->Mask);
	INT(EqualSid(&ace->SidStart, admins));
	FAILS(GetAce(acl, 2, (void **)&ace));
	INT(DeleteAce(acl, 0));
	INT(acl->AceCount);
	INT(AddAccessAllowedAceEx(acl, ACL_REVISION, OBJECT_INHERIT_ACE, GENERIC_READ, everyone));
	FAILS(DeleteAce(acl, 7));
	check_bytes("list", acl, 8);
	INT(SetSecurityDescriptorDacl(&sd, TRUE, acl, FALSE));
	INT(SetSecurityDescriptorOwner(&sd, admins, FALSE));
	INT(GetSecurityDescriptorOwner(&sd, &found, &defaulted));
	CHECK("owner", "%d %d", found == admins, defaulted);
	INT(GetSecurityDescriptorGroup(&sd, &found, &defaulted));
	INT(found == NULL);
	INT(IsValidSecurityDescriptor(&sd));
	FAILS(MakeSelfRelativeSD(&sd, NULL, &n));
	INT(n);
	BYTE piece[256];
	INT(MakeSelfRelativeSD(&sd, piece, &n));
	INT(GetSecurityDescriptorLength(piece));
	INT(GetSecurityDescriptorControl(piece, &control, &revision));
	HEX(control);
	INT(GetSecurityDescriptorDacl(piece, &present, &dacl, &defaulted));
	INT(present && dacl->AceCount == 2);
	INT(GetSecurityDescriptorOwner(piece, &found, &defaulted));
	INT(EqualSid(found, admins));
	FAILS(SetSecurityDescriptorDacl(piece, TRUE, NULL, FALSE));
	INT(IsValidSecurityDescriptor(piece));
	INT(SetSecurityDescriptorDacl(&sd, FALSE, NULL, FALSE));
	INT(GetSecurityDescriptorDacl(&sd, &present, &dacl, &defaulted));
	INT(present);
	return 0;
}
