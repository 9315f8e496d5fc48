/* What the loader's test programs share. They print with WriteFile alone, so
 * that they need no C runtime and stay small. */
#include <windows.h>

static inline void say(const char *text)
{
	DWORD n = 0, done;
	while (text[n])
		n++;
	WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, n, &done, NULL);
}

static inline void say_number(const char *text, unsigned value)
{
	char digits[16];
	int at = sizeof digits - 1;
	digits[at] = 0;
	digits[--at] = '\n';
	do
		digits[--at] = '0' + value % 10;
	while (value /= 10);
	say(text);
	say(digits + at);
}

#define DLLMAIN(name, result)                                                          \
	BOOL WINAPI DllMainCRTStartup(HINSTANCE self, DWORD reason, LPVOID reserved)       \
	{                                                                                  \
		(void)self;                                                                    \
		if (reason == DLL_PROCESS_ATTACH)                                              \
			say(reserved ? name " attach, static\n" : name " attach, dynamic\n");      \
		else if (reason == DLL_PROCESS_DETACH)                                         \
			say(reserved ? name " detach, process ends\n" : name " detach, freed\n");  \
		else                                                                           \
			say(reason == DLL_THREAD_ATTACH ? name " thread\n" : name " thread ends\n"); \
		return result;                                                                 \
	}
