#include "check.h"

static HANDLE open_as(const char *label, const char *name, DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
	SetLastError(0xDEAD);
	HANDLE h = CreateFileA(name, access, share, NULL, disposition, flags, NULL);
	CHECK(label, "%s, error %lu", h == INVALID_HANDLE_VALUE ? "fails" : "opened", GetLastError());
	return h;
}

static void try(const char *label, const char *name, DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
	HANDLE h = open_as(label, name, access, share, disposition, flags);
	if (h != INVALID_HANDLE_VALUE)
		CloseHandle(h);
}

#define RW (GENERIC_READ | GENERIC_WRITE)

int main(void)
{
	DWORD n;
	char b[16] = "";
	try("missing", "no-such.txt", GENERIC_READ, 0, OPEN_EXISTING, 0);
	try("missing folder", "no-such\\x.txt", GENERIC_READ, 0, OPEN_EXISTING, 0);
	try("truncate missing", "no-such.txt", GENERIC_WRITE, 0, TRUNCATE_EXISTING, 0);
	try("no disposition", "a.txt", RW, 0, 0, 0);
	try("bad disposition", "a.txt", RW, 0, 6, 0);
	try("empty name", "", RW, 0, OPEN_EXISTING, 0);
	try("wildcard", "a*.txt", RW, 0, OPEN_EXISTING, 0);
	try("new", "a.txt", RW, 0, CREATE_NEW, 0);
	try("new again", "a.txt", RW, 0, CREATE_NEW, 0);
	try("always", "a.txt", RW, 0, CREATE_ALWAYS, 0);
	try("open always", "a.txt", RW, 0, OPEN_ALWAYS, 0);
	try("open always new", "b.txt", RW, 0, OPEN_ALWAYS, 0);
	try("truncate for reading", "a.txt", GENERIC_READ, 0, TRUNCATE_EXISTING, 0);
	try("a folder", ".", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0);
	try("a folder with backup semantics", ".", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	try("NUL", "NUL", RW, 0, OPEN_EXISTING, 0);

	HANDLE h = open_as("exclusive", "a.txt", GENERIC_READ, 0, OPEN_EXISTING, 0);
	try("against exclusive", "a.txt", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0);
	FAILS(DeleteFileA("a.txt"));
	CloseHandle(h);
	h = open_as("shared for reading", "a.txt", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0);
	try("another reader", "a.txt", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0);
	try("a writer", "a.txt", GENERIC_WRITE, FILE_SHARE_READ, OPEN_EXISTING, 0);
	try("a reader that shares nothing", "a.txt", GENERIC_READ, 0, OPEN_EXISTING, 0);
	FAILS(WriteFile(h, "x", 1, &n, NULL));
	CloseHandle(h);
	h = open_as("writing", "a.txt", GENERIC_WRITE, 0, OPEN_EXISTING, 0);
	FAILS(ReadFile(h, b, 1, &n, NULL));
	INT(WriteFile(h, "0123456789", 10, &n, NULL));
	INT(n);
	INT(SetFilePointer(h, 0, NULL, FILE_CURRENT));
	INT(SetFilePointer(h, -3, NULL, FILE_END));
	FAILS(SetFilePointer(h, -30, NULL, FILE_CURRENT));
	INT(SetEndOfFile(h));
	INT(GetFileSize(h, NULL));
	INT(SetFilePointer(h, 20, NULL, FILE_BEGIN));
	INT(WriteFile(h, "end", 3, &n, NULL));
	INT(GetFileSize(h, NULL));
	CloseHandle(h);
	h = open_as("append", "a.txt", FILE_APPEND_DATA, 0, OPEN_EXISTING, 0);
	INT(WriteFile(h, "!", 1, &n, NULL));
	CloseHandle(h);
	h = open_as("read", "a.txt", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0);
	INT(ReadFile(h, b, 15, &n, NULL));
	check_bytes("beginning", b, 10);
	INT(SetFilePointer(h, 20, NULL, FILE_BEGIN));
	INT(ReadFile(h, b, 15, &n, NULL));
	CHECK("end", "%lu %.4s", n, b);
	INT(ReadFile(h, b, 15, &n, NULL));
	INT(n);
	LARGE_INTEGER big = {.QuadPart = -1}, at;
	FAILS(SetFilePointerEx(h, big, &at, FILE_BEGIN));
	big.QuadPart = 5;
	INT(SetFilePointerEx(h, big, &at, FILE_BEGIN));
	INT(at.QuadPart);
	FAILS(SetFilePointerEx(h, big, &at, 9));
	INT(GetFileType(h));
	CloseHandle(h);
	FAILS(GetFileSize(h, NULL));
	FAILS(ReadFile(h, b, 1, &n, NULL));

	h = open_as("goes when closed", "temp.txt", RW, FILE_SHARE_DELETE, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE);
	INT(GetFileAttributesA("temp.txt") != INVALID_FILE_ATTRIBUTES);
	CloseHandle(h);
	INT(GetFileAttributesA("temp.txt") == INVALID_FILE_ATTRIBUTES);
	INT(SetFileAttributesA("b.txt", FILE_ATTRIBUTE_READONLY));
	try("read-only", "b.txt", GENERIC_WRITE, 0, OPEN_EXISTING, 0);
	try("read-only, overwritten", "b.txt", GENERIC_WRITE, 0, CREATE_ALWAYS, 0);
	FAILS(DeleteFileA("b.txt"));
	INT(SetFileAttributesA("b.txt", FILE_ATTRIBUTE_HIDDEN));
	try("hidden, overwritten", "b.txt", GENERIC_WRITE, 0, CREATE_ALWAYS, 0);
	try("hidden, overwritten by a hidden one", "b.txt", GENERIC_WRITE, 0, CREATE_ALWAYS, FILE_ATTRIBUTE_HIDDEN);
	INT(DeleteFileA("b.txt"));
	FAILS(DeleteFileA("b.txt"));
	FAILS(DeleteFileA("no-such\\b.txt"));
	INT(DeleteFileA("a.txt"));
	return 0;
}
