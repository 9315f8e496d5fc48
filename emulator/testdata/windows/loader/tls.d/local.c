// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
/* Thread-local data without a C runtime, and two callbacks. */
static const DWORD template[3] = {41, 0x55AA, 7};
static DWORD tls_index = 99;

static void NTAPI one(PVOID self, DWORD reason, PVOID reserved)
{
	(void)self, (void)reserved;
	say(reason == DLL_PROCESS_ATTACH ? "callback one: process attach\n" : reason == DLL_THREAD_ATTACH ? "callback one: thread attach\n" :
		reason == DLL_THREAD_DETACH ? "callback one: thread detach\n" : "callback one: process detach\n");
}

static void NTAPI two(PVOID self, DWORD reason, PVOID reserved)
{
	(void)self, (void)reserved;
	say(reason == DLL_PROCESS_ATTACH ? "callback two: process attach\n" : reason == DLL_THREAD_ATTACH ? "callback two: thread attach\n" :
		reason == DLL_THREAD_DETACH ? "callback two: thread detach\n" : "callback two: process detach\n");
}

static const PIMAGE_TLS_CALLBACK callbacks[] = {one, two, NULL};
const IMAGE_TLS_DIRECTORY64 _tls_used = {
	(ULONGLONG)template, (ULONGLONG)(template + 3), (ULONGLONG)&tls_index, (ULONGLONG)callbacks, 8, 0,
};

TELLING("local", TRUE)

__declspec(dllexport) DWORD *data(void)
{
	void **blocks;
	__asm__("movq %%gs:0x58, %0" : "=r"(blocks));
	return blocks[tls_index];
}
__declspec(dllexport) DWORD number(void) { return tls_index; }
