#include "check.h"
#include "loader/calls.h"

/* References to DLLs, and how long they keep what they import. */
static const char *loaded(void)
{
	static char text[64];
	snprintf(text, sizeof text, "%s%s%s%s", GetModuleHandleA("a_leaf") ? "leaf " : "", GetModuleHandleA("b_middle") ? "middle " : "",
		GetModuleHandleA("c_top") ? "top " : "", GetModuleHandleA("d_side") ? "side " : "");
	return text;
}

int main(void)
{
	HMODULE h, x = NULL;
	STR(loaded());
	HMODULE top = LoadLibraryA("c_top.dll");
	STR(loaded());
	CALL(LoadLibraryA("c_top") == top);
	CALL(FreeLibrary(top));
	STR(loaded());
	HMODULE side = LoadLibraryA("d_side.dll");
	CALL(FreeLibrary(top));
	STR(loaded());
	HMODULE middle = LoadLibraryA("b_middle.dll");
	CALL(FreeLibrary(side));
	STR(loaded());
	CALL(FreeLibrary(middle));
	STR(loaded());
	FAILS(FreeLibrary(middle));
	FAILS(FreeLibrary(NULL));
	FAILS(FreeLibrary((HMODULE)0x12340000));

	FAILS(GetModuleHandleExA(0, "c_top.dll", &x));
	CALL(x == NULL);
	top = LoadLibraryA("c_top.dll");
	CALL(GetModuleHandleExA(0, "c_top.dll", &x) && x == top);
	CALL(FreeLibrary(top));
	STR(loaded());
	CALL(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, "c_top.dll", &x) && x == top);
	CALL(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (char *)GetProcAddress(top, "top"), &x) && x == top);
	CALL(FreeLibrary(top));
	STR(loaded());
	CALL(FreeLibrary(top));
	STR(loaded());
	FAILS(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (char *)1, &x));
	FAILS(GetModuleHandleExA(3, "kernel32", &x));
	FAILS(GetModuleHandleExA(8, "kernel32", &x));
	FAILS(GetModuleHandleExA(0, "kernel32", NULL));
	CALL(GetModuleHandleExA(0, NULL, &x) && x == GetModuleHandleA(NULL));
	CALL(GetModuleHandleExW(0, L"kernel32", &x) && x == GetModuleHandleA("kernel32"));

	side = LoadLibraryA("d_side.dll");
	HANDLE t = CreateThread(NULL, 0, (LPTHREAD_START_ROUTINE)(void *)GetProcAddress(side, "leaves"), side, 0, NULL);
	WaitForSingleObject(t, INFINITE);
	DWORD code = 0;
	GetExitCodeThread(t, &code);
	CALL(code);
	STR(loaded());

	top = LoadLibraryA("c_top.dll");
	CALL(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN, "b_middle.dll", &h));
	CALL(FreeLibrary(top));
	STR(loaded());
	CALL(FreeLibrary(h));
	STR(loaded());
	CALL(FreeLibrary(GetModuleHandleA("kernel32")));
	CALL(GetModuleHandleA("kernel32") != NULL);
	CALL(FreeLibrary(GetModuleHandleA(NULL)));
	return 0;
}
