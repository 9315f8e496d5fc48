/* Imports b.dll, which imports c.dll; has a TLS callback and thread-local
 * data; loads d.dll by name, and two that cannot be loaded. */
#include "common.h"

__declspec(dllimport) int b_value(void);
__declspec(dllimport) int b_forward(void);

static void NTAPI on_tls(PVOID self, DWORD reason, PVOID reserved)
{
	(void)self, (void)reserved;
	say(reason == DLL_PROCESS_ATTACH ? "a tls attach\n" : reason == DLL_THREAD_ATTACH ? "a tls thread\n" : "a tls other\n");
}

static const DWORD template[2] = {41, 0};
static DWORD tls_index;
static const PIMAGE_TLS_CALLBACK callbacks[] = {on_tls, NULL};
const IMAGE_TLS_DIRECTORY64 _tls_used = {
	(ULONGLONG)template, (ULONGLONG)(template + 1), (ULONGLONG)&tls_index, (ULONGLONG)callbacks, 4, 0,
};

static DWORD *thread_local_data(void)
{
	void **blocks;
	__asm__("movq %%gs:0x58, %0" : "=r"(blocks));
	return blocks[tls_index];
}

static DWORD WINAPI thread(void *parameter)
{
	DWORD *data = thread_local_data();
	say_number("thread's own data ", data[0] + data[1]);
	data[0] = 0;
	return (DWORD)(ULONG_PTR)parameter;
}

void WINAPI start(void)
{
	HMODULE d;
	int (*value)(void);
	DWORD code = 0;
	HANDLE h;

	say_number("b_value ", b_value());
	say_number("b_forward ", b_forward());
	d = LoadLibraryA("d");
	value = (int (*)(void))(void *)GetProcAddress(d, "d_value");
	say_number("d_value ", value());
	say_number("missing export: ", GetProcAddress(GetModuleHandleA("c.dll"), "nothing") ? 0 : GetLastError());
	say_number("missing file: ", LoadLibraryA("missing.dll") ? 0 : GetLastError());
	say_number("refusing DllMain: ", LoadLibraryA("false.dll") ? 0 : GetLastError());
	say(GetModuleHandleA("false.dll") ? "it stays\n" : "it is gone\n");

	thread_local_data()[0]++;
	h = CreateThread(NULL, 0, thread, (void *)5, 0, NULL);
	WaitForSingleObject(h, INFINITE);
	GetExitCodeThread(h, &code);
	say_number("thread ended with ", code);
	say_number("main's own data ", thread_local_data()[0]);

	FreeLibrary(d);
	say(GetModuleHandleA("d.dll") ? "d stays\n" : "d is gone\n");
	ExitProcess(7);
}
