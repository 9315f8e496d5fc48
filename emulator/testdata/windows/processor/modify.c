/* Code that changes itself, and code that is written through another view. */
#include "check.h"

typedef int (*function)(int);

/* returns(n) is mov eax, n; add eax, ecx; ret */
static const unsigned char pattern[] = {0xB8, 0, 0, 0, 0, 0x01, 0xC8, 0xC3};

static void returns(unsigned char *at, int n)
{
	memcpy(at, pattern, sizeof pattern);
	memcpy(at + 1, &n, 4);
}

/* A decoder in front of what it decodes, in the same page:
 * lea rdx, [rip+9]; mov r8d, n; xor byte [rdx], key; inc rdx; dec r8d; jnz */
static const unsigned char decoder[] = {
	0x48, 0x8D, 0x15, 0x11, 0, 0, 0, 0x41, 0xB8, 8, 0, 0, 0, 0x80, 0x32, 0x5A, 0x48, 0xFF, 0xC2, 0x41, 0xFF, 0xC8, 0x75, 0xF5};

int main(void)
{
	unsigned char *page = VirtualAlloc(0, 0x3000, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
	memcpy(page, decoder, sizeof decoder);
	returns(page + sizeof decoder, 40);
	for (unsigned i = 0; i < sizeof pattern; i++)
		page[sizeof decoder + i] ^= 0x5A;
	INT(((function)page)(2));

	/* The byte behind the store is what it stores: mov byte [rip], n in front of mov eax, imm */
	unsigned char *self = page + 0x100;
	static const unsigned char own[] = {0x88, 0x0D, 1, 0, 0, 0, 0xB8, 1, 0, 0, 0, 0xC3}; /* mov [rip+1], cl; mov eax, 1; ret */
	memcpy(self, own, sizeof own);
	INT(((function)self)(7)); INT(((function)self)(8)); INT(((function)self)(99));

	/* Over the end of a page. */
	unsigned char *across = page + 0x1000 - 3;
	for (int i = 0; i < 3; i++) {
		returns(across, 100 * i);
		INT(((function)across)(1));
	}

	/* Written while it may not execute, then made executable, again and again. */
	DWORD old;
	for (int i = 0; i < 3; i++) {
		VirtualProtect(page + 0x2000, 0x1000, PAGE_READWRITE, &old);
		returns(page + 0x2000, i);
		VirtualProtect(page + 0x2000, 0x1000, PAGE_EXECUTE_READ, &old);
		FlushInstructionCache(GetCurrentProcess(), page + 0x2000, 0x1000);
		INT(((function)(page + 0x2000))(1000));
		HEX(old);
	}

	/* A loop that counts in its own immediate. */
	unsigned char *loop = page + 0x200;
	static const unsigned char counting[] = {0xFF, 0x05, 3, 0, 0, 0, 0x90, 0x90, 0xB8, 0, 0, 0, 0, 0x39, 0xC8, 0x75, 0xEF, 0xC3}; /* inc [rip+3]; nop; nop; mov eax, imm; cmp eax, ecx; jnz; ret */
	memcpy(loop, counting, sizeof counting);
	INT(((function)loop)(50));

	/* Two views of one section, one to write and one to execute. */
	HANDLE section = CreateFileMapping(INVALID_HANDLE_VALUE, 0, PAGE_EXECUTE_READWRITE, 0, 0x1000, 0);
	unsigned char *write = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *execute = MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_EXECUTE, 0, 0, 0);
	INT(write != 0 && execute != 0 && write != execute);
	for (int i = 0; i < 3; i++) {
		returns(write, 10 * i);
		INT(((function)execute)(1));
	}
	for (int i = 0; i < 3; i++) {
		returns(write + 0x80, 20 * i);
		FlushInstructionCache(GetCurrentProcess(), execute, 0x1000);
		INT(((function)(execute + 0x80))(2));
	}
	return 0;
}
