/* Inline hooks: functions of the program and of kernel32.dll whose first bytes
 * are a jump, with a trampoline to the original, and taken away again. */
#include "check.h"

typedef DWORD (WINAPI *tick)(int, int);
static int calls, seen;

/* reach finds a page that a 32-bit jump from target reaches. */
static unsigned char *reach(unsigned char *target)
{
	for (ULONG_PTR step = 0x10000; step < 0x60000000; step += 0x10000) {
		unsigned char *page = VirtualAlloc((void *)(((ULONG_PTR)target & ~0xFFFFULL) - step), 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
		if (page)
			return page;
	}
	return 0;
}

/* jump is jmp [rip]; address */
static void jump(unsigned char *at, const void *to)
{
	memcpy(at, "\xFF\x25\0\0\0\0", 6);
	memcpy(at + 6, &to, 8);
}

static void relative(unsigned char *at, const unsigned char *to)
{
	int distance = (int)(to - at - 5);
	at[0] = 0xE9;
	memcpy(at + 1, &distance, 4);
}

/* hook puts a jump of 5 bytes over a function whose first instructions take 8,
 * and returns the trampoline: these, and a jump to what follows. */
static unsigned char saved[8];
static void *hook(unsigned char *target, const void *replacement)
{
	unsigned char *page = reach(target);
	DWORD old;
	memcpy(saved, target, 8);
	jump(page, replacement);
	memcpy(page + 32, target, 8);
	jump(page + 40, target + 8);
	if (!VirtualProtect(target, 5, PAGE_EXECUTE_READWRITE, &old))
		return 0;
	relative(target, page);
	VirtualProtect(target, 5, old, &old);
	FlushInstructionCache(GetCurrentProcess(), target, 5);
	return page + 32;
}

static BOOL unhook(void *target)
{
	SIZE_T written = 0;
	return WriteProcessMemory(GetCurrentProcess(), target, saved, 5, &written) && written == 5;
}

/* A function with room in front: push rbx; sub rsp, 32; nop; nop; nop; mov eax, ecx; add eax, edx; add rsp, 32; pop rbx; ret */
static const unsigned char sum[] = {0x53, 0x48, 0x83, 0xEC, 0x20, 0x90, 0x90, 0x90, 0x89, 0xC8, 0x01, 0xD0, 0x48, 0x83, 0xC4, 0x20, 0x5B, 0xC3};
static tick original;

static DWORD WINAPI product(int a, int b)
{
	calls++;
	return a * b * 1000 + original(a, b);
}

static BOOL (WINAPI *originalMove)(LPCWSTR, LPCWSTR, DWORD);
static BOOL WINAPI move(LPCWSTR from, LPCWSTR to, DWORD flags)
{
	calls++;
	seen = flags;
	return originalMove(from, to, flags);
}

static HANDLE (WINAPI *originalCreate)(LPCWSTR, DWORD, DWORD, void *, DWORD, DWORD, HANDLE);
static HANDLE WINAPI create(LPCWSTR name, DWORD access, DWORD share, void *security, DWORD disposition, DWORD flags, HANDLE template)
{
	calls++;
	seen = disposition * 100 + (template == (HANDLE)77);
	if (!wcscmp(name, L"secret.txt")) {
		SetLastError(ERROR_ACCESS_DENIED);
		return INVALID_HANDLE_VALUE;
	}
	return originalCreate(name, access, share, security, disposition, flags, 0);
}

int main(void)
{
	/* The program's own function, in memory of its own. */
	unsigned char *own = VirtualAlloc(0, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	DWORD old;
	memcpy(own, sum, sizeof sum);
	INT(VirtualProtect(own, sizeof sum, PAGE_EXECUTE_READ, &old)); HEX(old);
	INT(((tick)own)(3, 4));
	original = hook(own, product);
	INT(original != 0);
	INT(((tick)own)(3, 4)); INT(calls);
	INT(original(3, 4)); INT(calls);
	INT(unhook(own));
	INT(((tick)own)(3, 4)); INT(calls);
	MEMORY_BASIC_INFORMATION info;
	INT(VirtualQuery(own, &info, sizeof info) == sizeof info); HEX(info.Protect);

	/* kernel32.dll: a function with seven arguments, through a trampoline. */
	unsigned char *target = (void *)GetProcAddress(GetModuleHandle("kernel32"), "CreateFileW");
	calls = 0;
	HANDLE f = CreateFileW(L"hook.txt", GENERIC_WRITE, 0, 0, CREATE_ALWAYS, 0, 0);
	INT(f != INVALID_HANDLE_VALUE); CloseHandle(f);
	INT(calls);
	originalCreate = hook(target, create);
	INT(originalCreate != 0);
	HEX(target[0]);
	INT(VirtualQuery(target, &info, sizeof info) == sizeof info); HEX(info.Protect); HEX(info.Type);
	f = ((HANDLE (WINAPI *)(LPCWSTR, DWORD, DWORD, void *, DWORD, DWORD, HANDLE))target)(L"hook.txt", GENERIC_READ, 0, 0, OPEN_EXISTING, 0, (HANDLE)77);
	INT(f != INVALID_HANDLE_VALUE); INT(CloseHandle(f));
	INT(calls); INT(seen);
	FAILS(CreateFileW(L"secret.txt", GENERIC_READ, 0, 0, OPEN_EXISTING, 0, 0) == INVALID_HANDLE_VALUE);
	FAILS(CreateFileW(L"none.txt", GENERIC_READ, 0, 0, OPEN_EXISTING, 0, 0) == INVALID_HANDLE_VALUE);
	FAILS(originalCreate(L"secret.txt", GENERIC_READ, 0, 0, OPEN_EXISTING, 0, 0) == INVALID_HANDLE_VALUE);
	INT(calls);
	INT(unhook(target));
	INT(!memcmp(target, saved, 8));
	f = CreateFileW(L"hook.txt", GENERIC_READ, 0, 0, OPEN_EXISTING, 0, 0);
	INT(f != INVALID_HANDLE_VALUE); CloseHandle(f);
	INT(calls);

	/* Another, twice hooked and unhooked. */
	target = (void *)GetProcAddress(GetModuleHandle("kernel32"), "MoveFileExW");
	for (int i = 0; i < 2; i++) {
		calls = 0;
		originalMove = hook(target, move);
		INT(MoveFileExW(i ? L"moved.txt" : L"hook.txt", i ? L"hook.txt" : L"moved.txt", MOVEFILE_REPLACE_EXISTING));
		INT(calls); INT(seen);
		INT(unhook(target));
		FAILS(MoveFileExW(L"none.txt", L"moved.txt", 0));
		INT(calls);
	}

	/* A function made to return at once: mov eax, imm; ret */
	target = (void *)GetProcAddress(GetModuleHandle("kernel32"), "GetConsoleOutputCP");
	static const unsigned char patch[] = {0xB8, 0x57, 0, 0x07, 0x80, 0xC3};
	unsigned char kept[sizeof patch];
	memcpy(kept, target, sizeof kept);
	INT(VirtualProtect(target, sizeof patch, PAGE_READWRITE, &old)); HEX(old);
	memcpy(target, patch, sizeof patch);
	INT(VirtualProtect(target, sizeof patch, old, &old));
	HEX(((UINT (WINAPI *)(void))target)());
	INT(VirtualProtect(target, sizeof patch, PAGE_EXECUTE_READWRITE, &old)); HEX(old);
	target[1] = 0x58;
	HEX(((UINT (WINAPI *)(void))target)());
	memcpy(target, kept, sizeof kept);
	HEX(((UINT (WINAPI *)(void))target)() == 0x80070058);
	INT(VirtualProtect(target, sizeof patch, PAGE_EXECUTE_READ, &old));
	CHECK("protection of a page that was written to", "%x", old);
	DeleteFileW(L"hook.txt");
	return 0;
}
