/* Exports that lead to another DLL's: the address is the other's. */
#include "../check.h"

static void same(const char *dll, const char *name, const char *other, const char *target)
{
	void *a = (void *)GetProcAddress(GetModuleHandleA(dll), name), *b = (void *)GetProcAddress(GetModuleHandleA(other), target);
	HMODULE home = NULL;
	wchar_t path[MAX_PATH], *file;
	CHECK(name, "%d", a && a == b);
	if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, a, &home) &&
	    GetModuleFileNameW(home, path, MAX_PATH) && (file = wcsrchr(path, '\\')))
		check_wide("  it is in", _wcslwr(file + 1));
}

int main(void)
{
	same("kernel32", "HeapAlloc", "ntdll", "RtlAllocateHeap");
	same("kernel32", "HeapReAlloc", "ntdll", "RtlReAllocateHeap");
	same("kernel32", "HeapSize", "ntdll", "RtlSizeHeap");
	same("kernel32", "EnterCriticalSection", "ntdll", "RtlEnterCriticalSection");
	same("kernel32", "LeaveCriticalSection", "ntdll", "RtlLeaveCriticalSection");
	same("kernel32", "TryEnterCriticalSection", "ntdll", "RtlTryEnterCriticalSection");
	same("kernel32", "DeleteCriticalSection", "ntdll", "RtlDeleteCriticalSection");
	same("kernel32", "AcquireSRWLockExclusive", "ntdll", "RtlAcquireSRWLockExclusive");
	same("kernel32", "ReleaseSRWLockExclusive", "ntdll", "RtlReleaseSRWLockExclusive");
	same("kernel32", "WakeAllConditionVariable", "ntdll", "RtlWakeAllConditionVariable");
	same("kernel32", "InitializeSListHead", "ntdll", "RtlInitializeSListHead");
	same("kernel32", "EncodePointer", "ntdll", "RtlEncodePointer");
	same("kernel32", "DecodePointer", "ntdll", "RtlDecodePointer");
	same("kernel32", "AddVectoredExceptionHandler", "ntdll", "RtlAddVectoredExceptionHandler");
	same("kernel32", "RemoveVectoredExceptionHandler", "ntdll", "RtlRemoveVectoredExceptionHandler");
	same("kernel32", "SetCriticalSectionSpinCount", "ntdll", "RtlSetCriticalSectionSpinCount");
	return 0;
}
