#include <windows.h>
static int value = 41;
static int spare[4096];
__declspec(dllexport) int *volatile pointer = &value;
__declspec(dllexport) int add(int a, int b) { return a + b; }
__declspec(dllexport) int next(void) { return ++*pointer; }
__declspec(dllexport) int *room(void) { return spare; }
BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void *reserved) { return dll && reason <= 3 && (reserved || !reserved); }
