#include "check.h"
#include <sddl.h>

static void show(const char *label, const char *text)
{
	PSID sid = NULL;
	char name[80] = "", domain[80] = "", *back = NULL;
	DWORD n = sizeof name, m = sizeof domain;
	SID_NAME_USE use = 0;
	SetLastError(0xDEAD);
	if (!ConvertStringSidToSidA(text, &sid)) {
		CHECK(label, "error %lu", GetLastError());
		return;
	}
	ConvertSidToStringSidA(sid, &back);
	BOOL ok = LookupAccountSidA(NULL, sid, name, &n, domain, &m, &use);
	CHECK(label, "%s, length %lu, named %d, use %d", back, GetLengthSid(sid), ok, ok ? use : 0);
	LocalFree(back);
	LocalFree(sid);
}

int main(void)
{
	show("everyone", "S-1-1-0");
	show("system", "S-1-5-18");
	show("administrators", "S-1-5-32-544");
	show("administrators, short", "BA");
	show("nobody", "S-1-5-21-1-2-3-4");
	show("no text", "hello");
	show("too short", "S-1-5");
	BYTE b[SECURITY_MAX_SID_SIZE];
	DWORD n = sizeof b;
	INT(CreateWellKnownSid(WinWorldSid, NULL, b, &n));
	INT(n);
	INT(IsWellKnownSid(b, WinWorldSid));
	INT(IsWellKnownSid(b, WinLocalSystemSid));
	n = 2;
	FAILS(CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, b, &n));
	INT(n);
	INT(GetSidLengthRequired(3));
	SID_IDENTIFIER_AUTHORITY nt = SECURITY_NT_AUTHORITY;
	INT(InitializeSid(b, &nt, 1));
	*GetSidSubAuthority(b, 0) = 18;
	INT(IsWellKnownSid(b, WinLocalSystemSid));
	INT(GetSidIdentifierAuthority(b)->Value[5]);
	BYTE copy[SECURITY_MAX_SID_SIZE];
	INT(CopySid(sizeof copy, copy, b));
	INT(EqualSid(copy, b));
	LUID luid;
	INT(LookupPrivilegeValueA(NULL, "SeDebugPrivilege", &luid));
	INT(luid.LowPart);
	char name[40];
	n = sizeof name;
	INT(LookupPrivilegeNameA(NULL, &luid, name, &n));
	CHECK("privilege", "%s %lu", name, n);
	FAILS(LookupPrivilegeValueA(NULL, "SeNoSuchPrivilege", &luid));

	SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_CONNECT);
	INT(manager != NULL);
	FAILS(OpenServiceA(manager, "no such service", SERVICE_QUERY_STATUS) != NULL);
	FAILS(OpenServiceA(NULL, "x", SERVICE_QUERY_STATUS) != NULL);
	INT(CloseServiceHandle(manager));
	return 0;
}
