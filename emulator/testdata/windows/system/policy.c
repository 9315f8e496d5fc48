// build: -lsecur32
#define SECURITY_WIN32
#include "check.h"
#include <ntsecapi.h>
#include <sspi.h>

int main(void)
{
	HANDLE log = RegisterEventSourceW(NULL, L"Application");
	INT(log != NULL);
	const wchar_t *texts[] = {L"one", L"two"};
	INT(ReportEventW(log, EVENTLOG_INFORMATION_TYPE, 0, 1000, NULL, 2, 0, texts, NULL));
	INT(DeregisterEventSource(log));

	LSA_OBJECT_ATTRIBUTES attributes = {0};
	LSA_HANDLE policy = NULL;
	HEX(LsaOpenPolicy(NULL, &attributes, POLICY_VIEW_LOCAL_INFORMATION, &policy));
	INT(policy != NULL);
	POLICY_ACCOUNT_DOMAIN_INFO *domain = NULL;
	HEX(LsaQueryInformationPolicy(policy, PolicyAccountDomainInformation, (void **)&domain));
	wchar_t computer[64];
	DWORD n = 64;
	GetComputerNameW(computer, &n);
	INT(domain->DomainName.Length == 2 * n);
	INT(_wcsnicmp(domain->DomainName.Buffer, computer, n));
	INT(IsValidSid(domain->DomainSid));
	INT(*GetSidSubAuthorityCount(domain->DomainSid));
	INT(*GetSidSubAuthority(domain->DomainSid, 0));
	HEX(LsaFreeMemory(domain));
	HEX(LsaClose(policy));
	INT(LsaNtStatusToWinError(0xC0000022));

	CredHandle credentials;
	TimeStamp expiry;
	HEX(AcquireCredentialsHandleW(NULL, (LPWSTR)L"no such package", SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL, &credentials, &expiry));
	return 0;
}
