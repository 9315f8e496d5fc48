#include "check.h"
#include "loader/calls.h"
#include <winternl.h>

/* Who hears of modules that come and go. */
typedef struct {
	ULONG Flags;
	const UNICODE_STRING *FullDllName, *BaseDllName;
	void *DllBase;
	ULONG SizeOfImage;
} DATA;
typedef void CALLBACK notify_function(ULONG reason, const DATA *data, void *context);

static void CALLBACK hear(ULONG reason, const DATA *data, void *context)
{
	HMODULE h = GetModuleHandleW(data->BaseDllName->Buffer);
	IMAGE_NT_HEADERS64 *nt = (void *)((char *)data->DllBase + ((IMAGE_DOS_HEADER *)data->DllBase)->e_lfanew);
	CHECK((const char *)context, "%s %ls, flags %lu, base %s, size %s, full name %s", reason == 1 ? "loaded" : reason == 2 ? "unloaded" : "?",
		data->BaseDllName->Buffer, data->Flags, h == data->DllBase ? "its handle" : h ? "another" : "no handle", data->SizeOfImage == nt->OptionalHeader.SizeOfImage ? "right" : "wrong",
		data->FullDllName->Length > data->BaseDllName->Length ? "longer" : "not longer");
}

static void CALLBACK silent(ULONG reason, const DATA *data, void *context)
{
	(void)reason, (void)data;
	++*(int *)context;
}

int main(void)
{
	HMODULE nt = GetModuleHandleA("ntdll");
	NTSTATUS (WINAPI *reg)(ULONG, notify_function *, void *, void **) = (void *)GetProcAddress(nt, "LdrRegisterDllNotification");
	NTSTATUS (WINAPI *unreg)(void *) = (void *)GetProcAddress(nt, "LdrUnregisterDllNotification");
	void *first = NULL, *second = NULL;
	int count = 0;
	HEX(reg(0, hear, "first", &first));
	HEX(reg(0, silent, &count, &second));
	CALL(first != NULL && second != NULL && first != second);
	HMODULE h = LoadLibraryA("b_middle.dll");
	CALL(count);
	LoadLibraryA("b_middle.dll");
	CALL(count);
	FreeLibrary(h);
	CALL(count);
	FreeLibrary(h);
	CALL(count);
	CALL(LoadLibraryA("c_refuses.dll") != NULL);
	CALL(count);
	HEX(unreg(first));
	h = LoadLibraryA("a_leaf.dll");
	CALL(count);
	HEX(unreg(second));
	FreeLibrary(h);
	CALL(count);
	HEX(reg(0, NULL, NULL, &first));
	HEX(reg(0, hear, NULL, NULL));
	return 0;
}
