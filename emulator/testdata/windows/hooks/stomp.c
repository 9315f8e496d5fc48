/* Module stomping: code put over that of a system DLL which nobody needs, and
 * run there. */
#include "check.h"

typedef struct {
	DWORD (WINAPI *id)(void);
	int (WINAPI *length)(const char *);
	const char *text;
	unsigned hash, calls;
} work;

/* The payload is a function that has nothing but its argument: FNV-1a, with two
 * calls of the system. */
__attribute__((noinline, noclone)) static unsigned payload(work *w)
{
	int n = w->length(w->text);
	unsigned h = 2166136261u;
	for (int round = 0; round < 50; round++)
		for (int i = 0; i < n; i++)
			h = (h ^ (unsigned char)w->text[i]) * 16777619u;
	w->calls += w->id() != 0;
	w->hash = h;
	return h ^ (h >> 16);
}
__attribute__((noinline, noclone)) static int end(int n) { return n + 1; }

int main(void)
{
	HMODULE dll = LoadLibrary("winmm.dll");
	INT(dll != 0);
	IMAGE_NT_HEADERS *nt = (void *)((char *)dll + ((IMAGE_DOS_HEADER *)dll)->e_lfanew);
	IMAGE_SECTION_HEADER *text = IMAGE_FIRST_SECTION(nt);
	STR((char *)text->Name);
	unsigned char *at = (unsigned char *)dll + text->VirtualAddress + 0x100;
	size_t size = (char *)end - (char *)payload;
	INT(size > 64 && size < 1024);

	work w = {GetCurrentProcessId, lstrlenA, "over another module", 0, 0};
	unsigned want = payload(&w);
	HEX(want);
	DWORD old;
	INT(VirtualProtect(at, size, PAGE_READWRITE, &old)); HEX(old);
	memcpy(at, (void *)payload, size);
	INT(VirtualProtect(at, size, PAGE_EXECUTE_READ, &old));
	w.hash = w.calls = 0;
	HEX(((unsigned (*)(work *))at)(&w)); HEX(w.hash); INT(w.calls);

	/* The same in a thread. */
	HANDLE thread = CreateThread(0, 0, (void *)at, &w, 0, 0);
	INT(WaitForSingleObject(thread, 10000));
	DWORD code;
	INT(GetExitCodeThread(thread, &code)); HEX(code);
	INT(w.calls);

	MEMORY_BASIC_INFORMATION info;
	INT(VirtualQuery(at, &info, sizeof info) == sizeof info);
	INT(info.AllocationBase == dll); HEX(info.Protect); HEX(info.Type);
	INT(end((int)w.calls));
	return 0;
}
