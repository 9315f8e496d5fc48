/* The loader's lists as code reads them that imports nothing. */
#ifndef PEB_H
#define PEB_H
#include <windows.h>
#include <winternl.h>

typedef struct {
	LIST_ENTRY load, memory, init;
	BYTE *base;
	void *entry;
	ULONG size;
	UNICODE_STRING path, name;
} module;

static inline BYTE *peb(void) { return (BYTE *)__readgsqword(0x60); }

static inline wchar_t lower(wchar_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

static inline int same_name(const UNICODE_STRING *u, const char *name)
{
	USHORT i;
	for (i = 0; i < u->Length / 2; i++)
		if (lower(u->Buffer[i]) != lower(name[i]))
			return 0;
	return name[i] == 0;
}

/* find_module walks InMemoryOrderModuleList. */
static inline BYTE *find_module(const char *name)
{
	LIST_ENTRY *head = (LIST_ENTRY *)(*(BYTE **)(peb() + 0x18) + 0x20), *e;
	for (e = head->Flink; e != head; e = e->Flink) {
		module *m = CONTAINING_RECORD(e, module, memory);
		if (same_name(&m->name, name))
			return m->base;
	}
	return NULL;
}

static inline IMAGE_EXPORT_DIRECTORY *exports_of(BYTE *base, DWORD *size)
{
	IMAGE_NT_HEADERS64 *nt = (void *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
	IMAGE_DATA_DIRECTORY *d = &nt->OptionalHeader.DataDirectory[0];
	*size = d->Size;
	return (void *)(base + d->VirtualAddress);
}

static inline DWORD hash_name(const char *s)
{
	DWORD h = 0;
	while (*s)
		h = (h >> 13 | h << 19) + (BYTE)*s++;
	return h;
}

/* by_hash finds an export by the hash of its name; forward is set to where a
 * forwarder leads. */
static inline void *by_hash(BYTE *base, DWORD hash, const char **forward)
{
	DWORD size, *names, *functions;
	IMAGE_EXPORT_DIRECTORY *x = exports_of(base, &size);
	WORD *ordinals = (void *)(base + x->AddressOfNameOrdinals);
	names = (void *)(base + x->AddressOfNames);
	functions = (void *)(base + x->AddressOfFunctions);
	*forward = NULL;
	for (DWORD i = 0; i < x->NumberOfNames; i++)
		if (hash_name((char *)base + names[i]) == hash) {
			BYTE *at = base + functions[ordinals[i]];
			if (at >= (BYTE *)x && at < (BYTE *)x + size)
				*forward = (char *)at;
			return at;
		}
	return NULL;
}
#endif
