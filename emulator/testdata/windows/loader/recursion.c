#include "check.h"
#include "loader/calls.h"

/* DLLs that load and free each other in their DllMain. */
int main(void)
{
	HMODULE h = LoadLibraryA("a_first.dll");
	CALL(h != NULL);
	CALL(GetModuleHandleA("b_second") != NULL);
	CALL(GetModuleHandleA("c_third") != NULL);
	CALL(FreeLibrary(h));
	CALL(GetModuleHandleA("a_first") != NULL);
	CALL(GetModuleHandleA("b_second") != NULL);
	CALL(LoadLibraryA("b_second.dll") != NULL);
	CALL(GetModuleHandleA("a_first") != NULL);
	puts("end"), fflush(stdout);
	return 0;
}
