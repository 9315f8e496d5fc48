/* System calls with the numbers read out of the stubs of ntdll.dll, entered
 * through another stub: what code does that avoids the exports. */
#include "../check.h"
#include <winternl.h>

static BYTE *ntdll_export(const char *name) { return (BYTE *)GetProcAddress(GetModuleHandleA("ntdll"), name); }

/* number is what a stub moves to EAX, -1 if it does not look like one. */
static int number(const char *name)
{
	BYTE *at = ntdll_export(name);
	static const BYTE head[] = {0x4C, 0x8B, 0xD1, 0xB8};
	return at && !memcmp(at, head, sizeof head) ? *(int *)(at + 4) : -1;
}

/* gate makes code that loads a number and goes on in a stub behind its own. */
static void *gate(const char *name)
{
	static BYTE *page;
	static int used;
	BYTE *code, *through = ntdll_export("NtYieldExecution") + 8;
	int n = number(name);
	if (!page)
		page = VirtualAlloc(NULL, 4096, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
	code = page + used;
	used += 32;
	memcpy(code, "\x4C\x8B\xD1\xB8", 4);         /* mov r10, rcx; mov eax, */
	memcpy(code + 4, &n, 4);
	memcpy(code + 8, "\xFF\x25\0\0\0\0", 6);     /* jmp [rip] */
	memcpy(code + 14, &through, 8);
	return code;
}

typedef NTSTATUS(NTAPI *alloc_t)(HANDLE, void **, ULONG_PTR, SIZE_T *, ULONG, ULONG);
typedef NTSTATUS(NTAPI *protect_t)(HANDLE, void **, SIZE_T *, ULONG, ULONG *);
typedef NTSTATUS(NTAPI *free_t)(HANDLE, void **, SIZE_T *, ULONG);
typedef NTSTATUS(NTAPI *query_t)(HANDLE, void *, int, void *, SIZE_T, SIZE_T *);
typedef NTSTATUS(NTAPI *write_t)(HANDLE, void *, const void *, SIZE_T, SIZE_T *);
typedef NTSTATUS(NTAPI *close_t)(HANDLE);
typedef NTSTATUS(NTAPI *process_t)(HANDLE, int, void *, ULONG, ULONG *);
typedef NTSTATUS(NTAPI *event_t)(HANDLE *, ULONG, void *, int, BOOLEAN);
typedef NTSTATUS(NTAPI *wait_t)(HANDLE, BOOLEAN, LARGE_INTEGER *);
typedef NTSTATUS(NTAPI *delay_t)(BOOLEAN, LARGE_INTEGER *);

int main(void)
{
	static const char *const names[] = {
		"NtAllocateVirtualMemory", "NtProtectVirtualMemory", "NtFreeVirtualMemory", "NtQueryVirtualMemory", "NtReadVirtualMemory",
		"NtWriteVirtualMemory", "NtClose", "NtQueryInformationProcess", "NtCreateEvent", "NtWaitForSingleObject", "NtDelayExecution",
		"NtCreateFile", "NtReadFile", "NtWriteFile", "NtCreateSection", "NtMapViewOfSection", "NtUnmapViewOfSection", "NtCreateThreadEx",
		"NtResumeThread", "NtQueueApcThread", "NtGetContextThread", "NtSetContextThread", "NtOpenProcess", "NtTerminateProcess",
		"NtOpenKey", "NtQueryValueKey", "NtQuerySystemInformation", "NtDeviceIoControlFile", "NtSetInformationThread", "NtTestAlert",
	};
	const unsigned count = sizeof names / sizeof *names;
	int same = 0, twins = 0, disordered = 0;
	for (unsigned i = 0; i < count; i++) {
		char zw[64] = "Zw";
		CHECK(names[i], "%s", number(names[i]) >= 0 ? "has a number" : "has none");
		strcat(zw, names[i] + 2);
		twins += ntdll_export(zw) == ntdll_export(names[i]);
		for (unsigned j = 0; j < i; j++) {
			same += number(names[i]) == number(names[j]);
			disordered += (number(names[i]) < number(names[j])) != (ntdll_export(names[i]) < ntdll_export(names[j]));
		}
	}
	CHECK("numbers that occur twice", "%d", same);
	CHECK("names with Zw at the same address", "%d", twins);
	CHECK("pairs of stubs not in the order of their numbers", "%d", disordered);

	alloc_t allocate = gate("NtAllocateVirtualMemory");
	protect_t protect = gate("NtProtectVirtualMemory");
	free_t release = gate("NtFreeVirtualMemory");
	query_t query = gate("NtQueryVirtualMemory");
	write_t write = gate("NtWriteVirtualMemory");
	close_t shut = gate("NtClose");
	process_t process = gate("NtQueryInformationProcess");
	event_t event = gate("NtCreateEvent");
	wait_t wait = gate("NtWaitForSingleObject");
	delay_t delay = gate("NtDelayExecution");
	HANDLE self = (HANDLE)-1, h = NULL;

	void *base = NULL;
	SIZE_T size = 0x1800, done = 0;
	ULONG old = 0;
	MEMORY_BASIC_INFORMATION info;
	HEX(allocate(self, &base, 0, &size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE));
	HEX(size);
	INT(base != NULL);
	HEX(write(self, base, "hello", 6, &done));
	INT(done);
	STR((char *)base);
	HEX(protect(self, &base, &size, PAGE_EXECUTE_READ, &old));
	HEX(old);
	HEX(query(self, base, 0, &info, sizeof info, &done));
	HEX(info.Protect);
	HEX(info.State);
	HEX(info.RegionSize);
	size = 0;
	HEX(release(self, &base, &size, MEM_RELEASE));
	HEX(size);
	HEX(allocate(self, NULL, 0, &size, MEM_COMMIT, PAGE_READWRITE));

	PROCESS_BASIC_INFORMATION basic;
	ULONG length = 0;
	HEX(process(self, 0, &basic, sizeof basic, &length));
	INT(length);
	INT(basic.UniqueProcessId == GetCurrentProcessId());
	INT((BYTE *)basic.PebBaseAddress == (BYTE *)__readgsqword(0x60));
	HEX(process(self, 0, &basic, 1, &length));
	HEX(process((HANDLE)0x1234, 0, &basic, sizeof basic, &length));

	LARGE_INTEGER none = {.QuadPart = 0}, little = {.QuadPart = -20000};
	HEX(event(&h, EVENT_ALL_ACCESS, NULL, 1, TRUE));
	HEX(wait(h, FALSE, &none));
	HEX(wait(h, FALSE, &none));
	HEX(shut(h));
	HEX(shut(h));
	HEX(shut((HANDLE)0x1234));
	HEX(delay(FALSE, &little));
	return 0;
}
