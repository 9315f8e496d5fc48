#include "check.h"

static void make(const char *name)
{
	HANDLE h = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
	DWORD n;
	WriteFile(h, name, (DWORD)strlen(name), &n, NULL);
	CloseHandle(h);
}

static int order(const void *a, const void *b) { return strcmp(a, b); }

static void find(const char *pattern)
{
	static char names[32][64];
	WIN32_FIND_DATAA d;
	int n = 0;
	SetLastError(0xDEAD);
	HANDLE h = FindFirstFileA(pattern, &d);
	if (h == INVALID_HANDLE_VALUE) {
		CHECK(pattern, "error %lu", GetLastError());
		return;
	}
	do
		snprintf(names[n++], sizeof *names, "%s%s", d.cFileName, d.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? "\\" : "");
	while (n < 32 && FindNextFileA(h, &d));
	DWORD error = GetLastError();
	FindClose(h);
	qsort(names, n, sizeof *names, order);
	printf("%s:", pattern);
	for (int i = 0; i < n; i++)
		printf(" %s", names[i]);
	printf(", error %lu\n", error);
}

int main(void)
{
	INT(CreateDirectoryA("d", NULL));
	FAILS(CreateDirectoryA("d", NULL));
	FAILS(CreateDirectoryA("no\\such", NULL));
	INT(SetCurrentDirectoryA("d"));
	make("a.txt");
	make("ab.txt");
	make("abc.dat");
	make("noext");
	make("two.dots.txt");
	INT(CreateDirectoryA("sub", NULL));
	make("sub\\inner.txt");
	find("*");
	find("*.*");
	find("*.txt");
	find("a*");
	find("?.txt");
	find("a?.txt");
	find("A*.TXT");
	find("*.dots.*");
	find("noext");
	find("sub");
	find("sub\\*");
	find("sub\\");
	find("sub/*.txt");
	find("*.none");
	find("none\\*");
	find("");
	find(".");
	find("..\\d\\ab*");
	WIN32_FIND_DATAW w;
	HANDLE h = FindFirstFileW(L"abc.*", &w);
	WSTR(w.cFileName);
	INT(w.nFileSizeLow);
	FAILS(FindNextFileW(h, &w));
	INT(FindClose(h));
	h = FindFirstFileExW(L"*", FindExInfoBasic, &w, FindExSearchLimitToDirectories, NULL, 0);
	INT(h != INVALID_HANDLE_VALUE);
	FindClose(h);
	FAILS(FindClose(INVALID_HANDLE_VALUE));
	FAILS(RemoveDirectoryA("sub"));
	INT(DeleteFileA("sub\\inner.txt"));
	INT(RemoveDirectoryA("sub"));
	FAILS(RemoveDirectoryA("sub"));
	FAILS(RemoveDirectoryA("a.txt"));
	FAILS(DeleteFileA("."));
	INT(SetCurrentDirectoryA(".."));
	FAILS(SetCurrentDirectoryA("nowhere"));
	FAILS(SetCurrentDirectoryA("d\\a.txt"));
	return 0;
}
