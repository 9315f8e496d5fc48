/* Exceptions in DllMain and in TLS callbacks end with the loader. */
#include "check.h"

static int tls_calls;
static void NTAPI callback(void *module, DWORD reason, void *reserved)
{
	(void)module, (void)reserved;
	if (reason == DLL_PROCESS_ATTACH) {
		tls_calls++;
		*(volatile int *)0 = 1;
		tls_calls += 100;
	}
}
__attribute__((section(".CRT$XLY"), used)) static PIMAGE_TLS_CALLBACK entry = callback;

static int codes;
static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	CHECK("exception", "%lx", p->ExceptionRecord->ExceptionCode);
	codes++;
	return EXCEPTION_CONTINUE_SEARCH;
}

int main(void)
{
	INT(tls_calls);
	AddVectoredExceptionHandler(1, handler);
	SetEnvironmentVariableA("FAULT", "1");
	FAILS((LoadLibraryA("faulty.dll") != 0));
	INT(GetModuleHandleA("faulty.dll") != 0);
	SetEnvironmentVariableA("FAULT", "2");
	FAILS((LoadLibraryA("faulty.dll") != 0));
	SetEnvironmentVariableA("FAULT", "3");
	FAILS((LoadLibraryA("faulty.dll") != 0));
	SetEnvironmentVariableA("FAULT", "0");
	HMODULE m = LoadLibraryA("faulty.dll");
	INT(m != 0);
	INT(codes);
	int (*through)(int (*)(int)) = (void *)GetProcAddress(m, "through");
	INT(through != 0);
	return 0;
}
