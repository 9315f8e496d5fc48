#include "check.h"

static MEMORY_BASIC_INFORMATION query(const void *p)
{
	MEMORY_BASIC_INFORMATION m;
	VirtualQuery(p, &m, sizeof m);
	return m;
}

static void show(const char *label, const void *p)
{
	MEMORY_BASIC_INFORMATION m = query(p);
	CHECK(label, "size %llx, state %lx, protection %lx, type %lx, initially %lx", (unsigned long long)m.RegionSize, m.State, m.Protect, m.Type, m.State == MEM_FREE ? 0 : m.AllocationProtect);
}

int main(void)
{
	char *p = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_NOACCESS);
	INT(p != NULL);
	INT((ULONG_PTR)p % 0x10000);
	show("reserved", p);
	INT(VirtualAlloc(p + 0x2000, 0x1001, MEM_COMMIT, PAGE_READWRITE) == p + 0x2000);
	show("before", p);
	show("committed", p + 0x2000);
	show("behind", p + 0x4000);
	INT(p[0x2000]);
	p[0x2000] = 5;
	DWORD old = 0;
	INT(VirtualProtect(p + 0x2000, 1, PAGE_EXECUTE_READ, &old));
	HEX(old);
	show("first page", p + 0x2000);
	show("second page", p + 0x3000);
	INT(p[0x2000]);
	FAILS(VirtualProtect(p, 1, PAGE_READWRITE, &old));
	FAILS(VirtualProtect(p + 0x2000, 1, 0x77, &old));
	FAILS(VirtualProtect(p + 0x2000, 1, PAGE_READWRITE, NULL));
	FAILS(VirtualAlloc(p, 0x1000, MEM_RESERVE, PAGE_READWRITE) != NULL);
	FAILS(VirtualAlloc(NULL, 0, MEM_COMMIT, PAGE_READWRITE) != NULL);
	FAILS(VirtualAlloc(NULL, 0x1000, 0, PAGE_READWRITE) != NULL);
	FAILS(VirtualAlloc(NULL, 0x1000, MEM_COMMIT, 0) != NULL);
	FAILS(VirtualFree(p, 0x1000, MEM_RELEASE));
	FAILS(VirtualFree(p + 0x1000, 0, MEM_RELEASE));
	FAILS(VirtualFree(p, 0, 0));
	INT(VirtualFree(p + 0x2000, 0x1000, MEM_DECOMMIT));
	show("decommitted", p + 0x2000);
	INT(VirtualFree(p, 0, MEM_RELEASE));
	INT(query(p).State == MEM_FREE);
	INT(VirtualQuery(p, NULL, 3));

	HANDLE m = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x3000, "sidetrace mapping");
	INT(m != NULL);
	HANDLE again = OpenFileMappingA(FILE_MAP_READ, FALSE, "sidetrace mapping");
	INT(again != NULL);
	char *a = MapViewOfFile(m, FILE_MAP_WRITE, 0, 0, 0), *b = MapViewOfFile(again, FILE_MAP_READ, 0, 0, 0x1000);
	INT(a != b);
	strcpy(a, "shared");
	STR(b);
	show("a view", a);
	show("a part", b);
	char *copy = MapViewOfFile(m, FILE_MAP_COPY, 0, 0, 0x1000);
	STR(copy);
	copy[0] = 'S';
	STR(a);
	FAILS(MapViewOfFile(m, FILE_MAP_READ, 0, 0x1000, 0) != NULL);
	INT(FlushViewOfFile(a, 0));
	INT(UnmapViewOfFile(a));
	FAILS(UnmapViewOfFile(a));
	INT(UnmapViewOfFile(b));
	INT(CloseHandle(m));
	INT(CloseHandle(again));
	FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, "sidetrace mapping") != NULL);
	FAILS(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0, NULL) != NULL);

	HANDLE f = CreateFileA("mapped", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
	FAILS(CreateFileMappingA(f, NULL, PAGE_READONLY, 0, 0, NULL) != NULL);
	m = CreateFileMappingA(f, NULL, PAGE_READWRITE, 0, 100, NULL);
	INT(GetFileSize(f, NULL));
	a = MapViewOfFile(m, FILE_MAP_WRITE, 0, 0, 0);
	strcpy(a, "through the view");
	INT(UnmapViewOfFile(a));
	CloseHandle(m);
	char text[20] = "";
	DWORD n;
	INT(ReadFile(f, text, 16, &n, NULL));
	STR(text);
	CloseHandle(f);

	HANDLE heap = HeapCreate(0, 0, 0);
	INT(heap != NULL);
	char *h = HeapAlloc(heap, HEAP_ZERO_MEMORY, 100);
	INT(h[0] + h[99]);
	INT(HeapSize(heap, 0, h));
	strcpy(h, "heap");
	h = HeapReAlloc(heap, 0, h, 5000);
	STR(h);
	INT(HeapSize(heap, 0, h));
	INT(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, h, 10000000) == NULL);
	INT(HeapValidate(heap, 0, NULL));
	INT(HeapFree(heap, 0, h));
	INT(HeapFree(heap, 0, NULL));
	INT(HeapDestroy(heap));
	return 0;
}
