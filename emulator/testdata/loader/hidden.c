#include "check.h"
#include "loader/calls.h"
#include <psapi.h>
#include <tlhelp32.h>
#include <winternl.h>

/* Modules that are taken out of the loader's lists, and one that is put there
 * by hand, as reflective loaders do. Wine 8 has neither the table of names nor
 * the tree of bases; hidden.txt is written after Windows 10, which has. */
typedef struct NODE {
	struct NODE *child[2];
	ULONG_PTR parent;
} NODE;

typedef struct {
	LIST_ENTRY load, memory, init;
	char *base, *entry;
	ULONG size;
	UNICODE_STRING path, name;
	ULONG flags;
	USHORT count, tls;
	LIST_ENTRY hash;
	char other[0xC8 - 0x80];
	NODE index;
} ENTRY;

static PEB *peb;
static LIST_ENTRY *list(int which) { return (LIST_ENTRY *)((char *)peb->Ldr + 0x10 + 0x10 * which); }

static ENTRY *find(const wchar_t *name)
{
	for (LIST_ENTRY *l = list(0)->Flink; l != list(0); l = l->Flink)
		if (!_wcsicmp(((ENTRY *)l)->name.Buffer, name))
			return (ENTRY *)l;
	return NULL;
}

static void take_out(LIST_ENTRY *e) { e->Flink->Blink = e->Blink, e->Blink->Flink = e->Flink; }

static void put_in(LIST_ENTRY *head, LIST_ENTRY *e)
{
	e->Flink = head, e->Blink = head->Blink;
	head->Blink->Flink = e, head->Blink = e;
}

static ULONG hash(const wchar_t *s)
{
	ULONG h = 0;
	while (*s)
		h = h * 65599 + towupper(*s++);
	return h % 32;
}

/* The table of names: the head of an entry's list lies in ntdll. */
static LIST_ENTRY *names(ENTRY *e)
{
	ENTRY *nt = find(L"ntdll.dll");
	for (LIST_ENTRY *l = e->hash.Flink; l != &e->hash; l = l->Flink)
		if ((char *)l >= nt->base && (char *)l < nt->base + nt->size)
			return l - hash(e->name.Buffer);
	return NULL;
}

/* The tree of bases: above ntdll's node, and a pointer to it in ntdll's data. */
static void **tree(void)
{
	ENTRY *nt = find(L"ntdll.dll");
	NODE *n = &nt->index;
	while (n->parent & ~7)
		n = (NODE *)(n->parent & ~7);
	IMAGE_NT_HEADERS *h = (IMAGE_NT_HEADERS *)(nt->base + ((IMAGE_DOS_HEADER *)nt->base)->e_lfanew);
	IMAGE_SECTION_HEADER *s = IMAGE_FIRST_SECTION(h);
	for (int i = 0; i < h->FileHeader.NumberOfSections; i++, s++)
		if (s->Characteristics & IMAGE_SCN_MEM_WRITE)
			for (ULONG at = 0; at + 8 <= s->Misc.VirtualSize; at += 8)
				if (*(NODE **)(nt->base + s->VirtualAddress + at) == n)
					return (void **)(nt->base + s->VirtualAddress + at);
	return NULL;
}

static int enumerated(void *base)
{
	HMODULE all[1000];
	DWORD size = 0, n = 0;
	EnumProcessModules(GetCurrentProcess(), all, sizeof all, &size);
	for (DWORD i = 0; i < size / sizeof *all; i++)
		n += all[i] == base;
	return n;
}

static int in_snapshot(void *base)
{
	MODULEENTRY32 m = {.dwSize = sizeof m};
	HANDLE h = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, 0);
	int n = 0;
	for (BOOL ok = Module32First(h, &m); ok; ok = Module32Next(h, &m))
		if (m.modBaseAddr == base) {
			n++;
			STR(m.szModule);
		}
	CloseHandle(h);
	return n;
}

static int visited;
static void CALLBACK visit(ENTRY *e, void *base, BOOLEAN *stop)
{
	visited += e->base == base;
	*stop = FALSE;
}

int main(void)
{
	peb = NtCurrentTeb()->ProcessEnvironmentBlock;
	HMODULE nt = GetModuleHandleA("ntdll"), self = GetModuleHandleA(NULL), found;
	NTSTATUS (WINAPI *LdrEnumerateLoadedModules)(ULONG, void *, void *) = (void *)GetProcAddress(nt, "LdrEnumerateLoadedModules");
	NTSTATUS (WINAPI *LdrFindEntryForAddress)(const void *, ENTRY **) = (void *)GetProcAddress(nt, "LdrFindEntryForAddress");
	void (WINAPI *RtlRbInsertNodeEx)(void *, NODE *, BOOLEAN, NODE *) = (void *)GetProcAddress(nt, "RtlRbInsertNodeEx");
	void (WINAPI *RtlRbRemoveNode)(void *, NODE *) = (void *)GetProcAddress(nt, "RtlRbRemoveNode");
	void *(WINAPI *RtlPcToFileHeader)(void *, void **) = (void *)GetProcAddress(nt, "RtlPcToFileHeader");
	HMODULE shown = LoadLibraryA("shown.dll");
	ENTRY *e = find(L"shown.dll"), *at;
	LIST_ENTRY *table = names(e);
	char path[MAX_PATH];
	void *out;
	CALL(table != NULL);

	puts("-- out of the lists");
	take_out(&e->load), take_out(&e->memory), take_out(&e->init);
	CALL(enumerated(shown));
	CALL(in_snapshot(shown));
	CALL((LdrEnumerateLoadedModules(0, visit, shown), visited));
	CALL(GetModuleHandleA("shown") == shown);
	FAILS(GetModuleBaseNameA(GetCurrentProcess(), shown, path, sizeof path));
	CALL(GetModuleFileNameA(shown, path, sizeof path) > 0);
	STR(strrchr(path, '\\'));
	CALL(GetProcAddress(shown, "shown") != NULL);
	CALL(LdrFindEntryForAddress(e->entry, &at) == 0 && at == e);
	puts("-- and out of the table of names");
	take_out(&e->hash);
	FAILS(GetModuleHandleA("shown.dll"));
	FAILS(GetModuleHandleW(L"SHOWN"));
	FAILS(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, "shown", &found));
	FAILS(GetModuleHandleA(path));
	CALL(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, e->entry, &found) && found == shown);
	CALL(RtlPcToFileHeader(e->entry, &out) == shown);
	CALL(((int (*)(void))(void *)GetProcAddress(shown, "shown"))());
	MEMORY_BASIC_INFORMATION info;
	VirtualQuery(shown, &info, sizeof info);
	HEX(info.Type);
	ULONG64 base = 0;
	CALL(RtlLookupFunctionEntry((ULONG64)GetProcAddress(shown, "DllMain"), &base, NULL) == NULL || base == (ULONG64)shown);
	puts("-- back again");
	put_in(list(0), &e->load), put_in(list(1), &e->memory), put_in(list(2), &e->init);
	put_in(table + hash(L"shown.dll"), &e->hash);
	CALL(GetModuleHandleA("shown.dll") == shown);
	CALL(enumerated(shown));
	e->name.Buffer[0] = 'b', e->path.Buffer[e->path.Length / 2 - 9] = 'b';
	CALL(GetModuleFileNameA(shown, path, sizeof path) > 0);
	STR(strrchr(path, '\\'));
	CALL(in_snapshot(shown));
	e->name.Buffer[0] = 's', e->path.Buffer[e->path.Length / 2 - 9] = 's';

	puts("-- a module made by hand");
	char *copy = VirtualAlloc(NULL, e->size, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
	memcpy(copy, shown, e->size);
	ENTRY *made = VirtualAlloc(NULL, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	*made = *e;
	made->base = copy, made->entry = copy + (e->entry - e->base);
	made->path = (UNICODE_STRING){.Length = 32, .MaximumLength = 34, .Buffer = L"C:\\made\\made.dll"};
	made->name = (UNICODE_STRING){.Length = 16, .MaximumLength = 18, .Buffer = L"made.dll"};
	FAILS(GetModuleHandleA("made.dll"));
	put_in(list(0), &made->load), put_in(list(1), &made->memory), put_in(list(2), &made->init);
	FAILS(GetModuleHandleA("made.dll"));
	CALL(enumerated(copy));
	CALL(in_snapshot(copy));
	CALL((visited = 0, LdrEnumerateLoadedModules(0, visit, copy), visited));
	CALL(GetModuleBaseNameA(GetCurrentProcess(), (HMODULE)copy, path, sizeof path));
	STR(path);
	CALL(GetModuleFileNameExA(GetCurrentProcess(), (HMODULE)copy, path, sizeof path));
	STR(path);
	MODULEINFO about = {0};
	CALL(GetModuleInformation(GetCurrentProcess(), (HMODULE)copy, &about, sizeof about));
	CALL(about.EntryPoint == made->entry && about.SizeOfImage == e->size);
	put_in(table + hash(L"made.dll"), &made->hash);
	CALL(GetModuleHandleA("made") == (HMODULE)copy);
	CALL(GetModuleHandleW(L"MADE.DLL") == (HMODULE)copy);
	CALL(GetModuleHandleA("C:\\made\\made.dll") == (HMODULE)copy);
	CALL(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, "made", &found) && found == (HMODULE)copy);
	FAILS(GetModuleFileNameA((HMODULE)copy, path, sizeof path));
	FAILS(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, copy + 8, &found));

	puts("-- and in the tree of bases");
	void **root = tree();
	CALL(root != NULL && root[1] != NULL);
	NODE *n = *root;
	int side;
	for (;;) {
		side = copy > ((ENTRY *)((char *)n - offsetof(ENTRY, index)))->base;
		if (!n->child[side])
			break;
		n = n->child[side];
	}
	RtlRbInsertNodeEx(root, n, side, &made->index);
	CALL(GetModuleFileNameA((HMODULE)copy, path, sizeof path));
	STR(path);
	CALL(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, copy + 8, &found) && found == (HMODULE)copy);
	CALL(LdrFindEntryForAddress(copy + 8, &at) == 0 && at == made);
	char *f = (char *)GetProcAddress((HMODULE)copy, "shown");
	CALL(f > copy && f < copy + e->size);
	CALL(((int (*)(void))(void *)f)());
	CALL(GetProcAddress((HMODULE)copy, "none") != NULL);
	RtlRbRemoveNode(root, &made->index);
	FAILS(GetModuleFileNameA((HMODULE)copy, path, sizeof path));
	take_out(&made->load), take_out(&made->memory), take_out(&made->init), take_out(&made->hash);
	FAILS(GetModuleHandleA("made.dll"));

	puts("-- lists with something behind");
	put_in(list(0), &made->load);
	CALL(LoadLibraryA("version.dll") != NULL);
	CALL(enumerated(GetModuleHandleA("version.dll")));
	CALL(in_snapshot(copy));
	take_out(&made->load);
	CALL(FreeLibrary(shown));
	FAILS(GetModuleHandleA("shown.dll"));
	CALL(self == GetModuleHandleA(NULL));
	return 0;
}
