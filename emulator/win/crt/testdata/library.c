/* A DLL with a function to be called when it goes. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void at_exit(void) { puts("at exit"); }

__declspec(dllexport) int answer(int n)
{
	atexit(at_exit);
	printf("answer %d\n", n + 2);
	return n + 2;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
	if (reason == DLL_PROCESS_ATTACH)
		puts("attach");
	if (reason == DLL_PROCESS_DETACH)
		puts("detach");
	return TRUE;
}
