#include "check.h"

static void make(const char *name, const char *text)
{
	HANDLE h = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
	DWORD n;
	WriteFile(h, text, (DWORD)strlen(text), &n, NULL);
	CloseHandle(h);
}

static const char *text(const char *name)
{
	static char b[64];
	DWORD n = 0;
	HANDLE h = CreateFileA(name, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
	if (h == INVALID_HANDLE_VALUE)
		return "missing";
	ReadFile(h, b, sizeof b - 1, &n, NULL);
	b[n] = 0;
	CloseHandle(h);
	return b;
}

static DWORD CALLBACK progress(LARGE_INTEGER total, LARGE_INTEGER done, LARGE_INTEGER stream, LARGE_INTEGER stream_done, DWORD number, DWORD reason, HANDLE from, HANDLE to, LPVOID data)
{
	(void)stream, (void)stream_done, (void)number, (void)from, (void)to, (void)reason;
	if (done.QuadPart == total.QuadPart)
		*(int *)data = 1;
	return PROGRESS_CONTINUE;
}

static DWORD CALLBACK cancel(LARGE_INTEGER total, LARGE_INTEGER done, LARGE_INTEGER stream, LARGE_INTEGER stream_done, DWORD number, DWORD reason, HANDLE from, HANDLE to, LPVOID data)
{
	(void)total, (void)done, (void)stream, (void)stream_done, (void)number, (void)from, (void)to, (void)reason, (void)data;
	return PROGRESS_CANCEL;
}

int main(void)
{
	make("a", "first");
	make("b", "second");
	INT(CopyFileA("a", "c", TRUE));
	STR(text("c"));
	FAILS(CopyFileA("b", "c", TRUE));
	INT(CopyFileA("b", "c", FALSE));
	STR(text("c"));
	FAILS(CopyFileA("nothing", "c", FALSE));
	FAILS(CopyFileA("a", "no\\where", FALSE));
	FAILS(MoveFileA("a", "b"));
	FAILS(MoveFileA("nothing", "x"));
	INT(MoveFileExA("a", "b", MOVEFILE_REPLACE_EXISTING));
	STR(text("a"));
	STR(text("b"));
	INT(MoveFileA("b", "B2"));
	STR(text("b2"));
	int whole = 0;
	INT(CopyFileExA("c", "d", progress, &whole, NULL, 0));
	STR(text("d"));
	INT(whole);
	FAILS(CopyFileExA("c", "e", cancel, NULL, NULL, 0));
	STR(text("e"));
	FAILS(CopyFileExA("c", "d", progress, &whole, NULL, COPY_FILE_FAIL_IF_EXISTS));

	INT(CreateDirectoryA("dir", NULL));
	make("dir\\x", "inside");
	INT(MoveFileA("dir", "dir2"));
	STR(text("dir2\\x"));
	STR(text("dir\\x"));
	FAILS(CopyFileA("dir2", "dir3", FALSE));
	make("replaced", "old");
	make("replacement", "new");
	INT(ReplaceFileA("replaced", "replacement", "backup", 0, NULL, NULL));
	STR(text("replaced"));
	STR(text("backup"));
	STR(text("replacement"));
	FAILS(ReplaceFileA("nothing", "replaced", NULL, 0, NULL, NULL));

	char path[300], *part = NULL;
	INT(GetFullPathNameA("dir2\\..\\c", sizeof path, path, &part) > 0);
	STR(part);
	INT(GetFullPathNameA("C:\\a\\.\\b\\..\\c", sizeof path, path, &part));
	STR(path);
	INT(GetFullPathNameA("C:/x/y/", sizeof path, path, &part));
	STR(path);
	STR(part);
	INT(GetFullPathNameA("C:\\trailing. . ", sizeof path, path, &part));
	STR(path);
	INT(GetFullPathNameA("C:\\", 2, path, NULL));
	INT(SearchPathA(NULL, "kernel32.dll", NULL, sizeof path, path, &part) > 0);
	STR(part);
	INT(SearchPathA(NULL, "kernel32", ".dll", sizeof path, path, NULL) > 0);
	FAILS(SearchPathA(NULL, "no such file.dll", NULL, sizeof path, path, NULL));
	INT(SearchPathA("dir2", "x", NULL, sizeof path, path, &part) > 0);
	STR(part);
	INT(GetTempPathA(sizeof path, path) > 3);
	INT(path[strlen(path) - 1] == '\\');
	char temp[MAX_PATH];
	INT(GetTempFileNameA(".", "abcd", 0x12, temp));
	STR(strrchr(temp, '\\'));
	INT(GetTempFileNameA(".", "pre", 0, temp) != 0);
	INT(GetFileAttributesA(temp) != INVALID_FILE_ATTRIBUTES);
	INT(DeleteFileA(temp));
	FAILS(GetTempFileNameA("no such folder", "pre", 0, temp));
	HFILE f = _lcreat("old", 0);
	INT(_lwrite(f, "sixteen", 7));
	INT(_llseek(f, 3, 0));
	INT(_lread(f, path, 10));
	CHECK("read", "%.4s", path);
	INT(_lclose(f));
	HANDLE h = CreateFileA("old", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
	HANDLE h2 = CreateFileA("old", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
	INT(LockFile(h, 0, 0, 4, 0));
	FAILS(LockFile(h2, 2, 0, 4, 0));
	INT(LockFile(h2, 4, 0, 4, 0));
	INT(UnlockFile(h, 0, 0, 4, 0));
	FAILS(UnlockFile(h, 1, 0, 4, 0));
	CloseHandle(h);
	CloseHandle(h2);
	return 0;
}
