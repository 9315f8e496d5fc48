// build: -lntdll
#include "check.h"
#include <winternl.h>

NTSTATUS NTAPI NtReadFile(HANDLE, HANDLE, void *, void *, IO_STATUS_BLOCK *, void *, ULONG, LARGE_INTEGER *, ULONG *);
NTSTATUS NTAPI NtWriteFile(HANDLE, HANDLE, void *, void *, IO_STATUS_BLOCK *, const void *, ULONG, LARGE_INTEGER *, ULONG *);
NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE, HANDLE, void *, void *, IO_STATUS_BLOCK *, void *, ULONG, int, BOOLEAN, UNICODE_STRING *, BOOLEAN);
NTSTATUS NTAPI NtQueryAttributesFile(OBJECT_ATTRIBUTES *, void *);

static UNICODE_STRING name;
static OBJECT_ATTRIBUTES attributes;

static OBJECT_ATTRIBUTES *at(const wchar_t *path)
{
	const wchar_t *part;
	RtlFreeUnicodeString(&name);
	RtlDosPathNameToNtPathName_U(path, &name, &part, NULL);
	InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
	return &attributes;
}

static HANDLE h;
static IO_STATUS_BLOCK io;

static void create(const char *label, const wchar_t *path, ACCESS_MASK access, ULONG disposition, ULONG options)
{
	io.Information = 99;
	NTSTATUS s = NtCreateFile(&h, access | SYNCHRONIZE, at(path), &io, NULL, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, disposition, options | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
	CHECK(label, "%lx, information %llu", s, (unsigned long long)(s ? 0 : io.Information));
}

int main(void)
{
	create("missing", L"missing", GENERIC_READ, FILE_OPEN, 0);
	create("missing folder", L"no\\where", GENERIC_READ, FILE_OPEN, 0);
	create("new", L"file", GENERIC_READ | GENERIC_WRITE, FILE_CREATE, 0);
	HEX(NtWriteFile(h, NULL, NULL, NULL, &io, "hello world", 11, NULL, NULL));
	INT(io.Information);
	char b[32] = "";
	LARGE_INTEGER offset = {.QuadPart = 6};
	HEX(NtReadFile(h, NULL, NULL, NULL, &io, b, 20, &offset, NULL));
	INT(io.Information);
	STR(b);
	HEX(NtReadFile(h, NULL, NULL, NULL, &io, b, 20, NULL, NULL));
	LARGE_INTEGER position;
	HEX(NtQueryInformationFile(h, &io, &position, sizeof position, 14));
	INT(position.QuadPart);
	position.QuadPart = 1;
	HEX(NtSetInformationFile(h, &io, &position, sizeof position, 14));
	memset(b, 0, sizeof b);
	HEX(NtReadFile(h, NULL, NULL, NULL, &io, b, 4, NULL, NULL));
	STR(b);
	struct { LARGE_INTEGER allocation, end; ULONG links; BOOLEAN pending, directory; } standard;
	HEX(NtQueryInformationFile(h, &io, &standard, sizeof standard, 5));
	INT(standard.end.QuadPart);
	INT(standard.links);
	INT(standard.directory);
	HEX(NtQueryInformationFile(h, &io, &standard, 3, 5));
	LARGE_INTEGER end = {.QuadPart = 3};
	HEX(NtSetInformationFile(h, &io, &end, sizeof end, 20));
	HEX(NtQueryInformationFile(h, &io, &standard, sizeof standard, 5));
	INT(standard.end.QuadPart);
	HEX(NtClose(h));
	HEX(NtClose(h));
	create("again", L"file", GENERIC_READ, FILE_CREATE, 0);
	create("open", L"file", GENERIC_READ, FILE_OPEN_IF, 0);
	HEX(NtWriteFile(h, NULL, NULL, NULL, &io, "x", 1, NULL, NULL));
	NtClose(h);
	create("overwrite", L"file", GENERIC_WRITE, FILE_OVERWRITE_IF, 0);
	NtClose(h);
	create("supersede", L"file", GENERIC_WRITE, FILE_SUPERSEDE, 0);
	NtClose(h);
	create("a file as a folder", L"file", GENERIC_READ, FILE_OPEN, FILE_DIRECTORY_FILE);
	create("new folder", L"folder", GENERIC_READ, FILE_CREATE, FILE_DIRECTORY_FILE);
	NtClose(h);
	create("a folder as a file", L"folder", GENERIC_READ, FILE_OPEN, FILE_NON_DIRECTORY_FILE);
	create("inside", L"folder\\one", GENERIC_WRITE | DELETE, FILE_CREATE, FILE_DELETE_ON_CLOSE);
	HANDLE inside = h;
	create("no right to delete", L"folder\\two", GENERIC_WRITE, FILE_CREATE, FILE_DELETE_ON_CLOSE);
	create("folder", L"folder", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE);
	struct { ULONG next, index, length; wchar_t name[100]; } entry;
	int n = 0;
	NTSTATUS s;
	while (!(s = NtQueryDirectoryFile(h, NULL, NULL, NULL, &io, &entry, sizeof entry, 12, TRUE, NULL, n == 0))) {
		entry.name[entry.length / 2] = 0;
		WSTR(entry.name);
		n++;
	}
	HEX(s);
	NtClose(inside);
	NtClose(h);
	struct { LARGE_INTEGER times[4]; ULONG attributes; } basic;
	HEX(NtQueryAttributesFile(at(L"folder"), &basic));
	INT(basic.attributes & FILE_ATTRIBUTE_DIRECTORY);
	HEX(NtQueryAttributesFile(at(L"folder\\one"), &basic));
	HEX(NtOpenFile(&h, GENERIC_READ, at(L"file"), &io, 0, 0));
	NtClose(h);
	RtlInitUnicodeString(&name, L"relative");
	HEX(NtOpenFile(&h, GENERIC_READ, &attributes, &io, 0, 0));
	return 0;
}
