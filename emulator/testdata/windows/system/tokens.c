#include "check.h"

static void query(const char *what, HANDLE t)
{
	DWORD type = 0, n = 0;
	SECURITY_IMPERSONATION_LEVEL level = 99;
	BOOL ok = GetTokenInformation(t, TokenType, &type, sizeof type, &n);
	CHECK(what, "%d type %lu", ok, type);
	ok = GetTokenInformation(t, TokenImpersonationLevel, &level, sizeof level, &n);
	CHECK(what, "%d level %d", ok, ok ? (int)level : -1);
}

int main(void)
{
	HANDLE process = NULL, copy = NULL, primary = NULL, thread = NULL;
	FAILS(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &thread));
	INT(OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &process));
	query("process", process);
	INT(DuplicateToken(process, SecurityImpersonation, &copy));
	query("copy", copy);
	INT(DuplicateTokenEx(process, TOKEN_ALL_ACCESS, NULL, SecurityImpersonation, TokenPrimary, &primary));
	query("primary", primary);
	FAILS(DuplicateToken((HANDLE)0x1234568, SecurityImpersonation, &thread));
	INT(ImpersonateLoggedOnUser(process));
	INT(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &thread));
	query("thread", thread);
	CloseHandle(thread);
	INT(RevertToSelf());
	FAILS(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &thread));
	INT(ImpersonateSelf(SecurityIdentification));
	INT(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &thread));
	query("self", thread);
	INT(SetThreadToken(NULL, NULL));
	FAILS(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &thread));
	INT(SetThreadToken(NULL, copy));
	INT(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &thread));
	INT(RevertToSelf());
	FAILS(ImpersonateLoggedOnUser((HANDLE)0x1234568));
	return 0;
}
