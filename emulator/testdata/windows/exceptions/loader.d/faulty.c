#include <stdlib.h>
#include <string.h>
#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved)
{
	(void)module, (void)reserved;
	char text[8] = "0";
	if (reason != DLL_PROCESS_ATTACH)
		return TRUE;
	GetEnvironmentVariableA("FAULT", text, sizeof text);
	switch (text[0]) {
	case '1':
		*(volatile int *)0 = 1;
		break;
	case '2':
		RaiseException(0xE0000022, 0, 0, 0);
		break;
	case '3':
		return FALSE;
	}
	return TRUE;
}

__declspec(dllexport) int through(int (*f)(int)) { return f(1) + 1; }
