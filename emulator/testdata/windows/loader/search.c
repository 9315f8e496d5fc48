#include "check.h"

/* Where LoadLibrary finds a DLL: copies of one lie in several folders. */
static char home[MAX_PATH];

static const char *where(HMODULE h)
{
	static char paths[2][MAX_PATH];
	static int i;
	char *path = paths[i++ % 2];
	size_t n = strlen(home);
	if (!h)
		return "nowhere";
	GetModuleFileNameA(h, path, MAX_PATH);
	return _strnicmp(path, home, n) == 0 ? path + n : "elsewhere";
}

static void load(const char *label, const char *name, DWORD flags)
{
	SetLastError(0xDEAD);
	HMODULE h = LoadLibraryExA(name, NULL, flags);
	DWORD error = GetLastError();
	if (h) {
		HMODULE probe = GetModuleHandleA("probe.dll");
		CHECK(label, "%s, probe %s", where(h), strcmp(where(h), where(probe)) ? where(probe) : "itself");
		FreeLibrary(h);
	} else
		CHECK(label, "error %lu", error);
}

static char *below(const char *name)
{
	static char path[4][MAX_PATH];
	static int i;
	char *p = path[i++ % 4];
	snprintf(p, MAX_PATH, "%s\\%s", home, name);
	return p;
}

int main(void)
{
	GetModuleFileNameA(NULL, home, sizeof home);
	*strrchr(home, '\\') = 0;
	CreateDirectoryA("one", NULL), CreateDirectoryA("two", NULL), CreateDirectoryA("three", NULL);
	INT(CopyFileA("probe.dll", "one\\probe.dll", FALSE));
	INT(CopyFileA("user.dll", "one\\user.dll", FALSE));
	INT(CopyFileA("probe.dll", "two\\probe.dll", FALSE));
	INT(CopyFileA("probe.dll", "three\\other.dll", FALSE));
	INT(CopyFileA("user.dll", "two\\plain", FALSE));
	INT(CopyFileA("probe.dll", "one\\odd.name", FALSE));

	load("bare name", "probe", 0);
	load("with extension", "probe.dll", 0);
	load("capitals", "PROBE.DLL", 0);
	load("trailing dot", "probe.dll.", 0);
	load("trailing blank", "probe.dll ", 0);
	load("missing", "no-such", 0);
	load("relative", "one\\probe.dll", 0);
	load("relative, no extension", "one\\probe", 0);
	load("forward slashes", "one/probe.dll", 0);
	load("dots", ".\\one\\..\\two\\probe.dll", 0);
	load("extension of another kind", "one\\odd.name", 0);
	load("no extension at all", "two\\plain.", 0);
	load("no extension, no dot", "two\\plain", 0);
	load("full path", below("one\\probe.dll"), 0);
	load("full path of a folder", below("one"), 0);
	load("empty", "", 0);

	load("user, full path", below("one\\user.dll"), 0);
	load("user, altered", below("one\\user.dll"), LOAD_WITH_ALTERED_SEARCH_PATH);
	load("user, its folder only", below("one\\user.dll"), LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR);
	load("user, its folder and the defaults", below("one\\user.dll"), LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
	load("user, system only", below("one\\user.dll"), LOAD_LIBRARY_SEARCH_SYSTEM32);
	load("user, application only", below("one\\user.dll"), LOAD_LIBRARY_SEARCH_APPLICATION_DIR);
	load("system only", "probe.dll", LOAD_LIBRARY_SEARCH_SYSTEM32);
	load("application only", "probe.dll", LOAD_LIBRARY_SEARCH_APPLICATION_DIR);
	load("user folders, none", "probe.dll", LOAD_LIBRARY_SEARCH_USER_DIRS);
	load("defaults", "probe.dll", LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
	load("altered with a search flag", below("one\\probe.dll"), LOAD_WITH_ALTERED_SEARCH_PATH | LOAD_LIBRARY_SEARCH_SYSTEM32);
	load("own folder of a bare name", "probe.dll", LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR);

	HMODULE one = LoadLibraryA("one\\probe.dll");
	load("already loaded", "probe.dll", 0);
	load("already loaded, system only", "probe", LOAD_LIBRARY_SEARCH_SYSTEM32);
	load("already loaded, another path", "two\\probe.dll", 0);
	FreeLibrary(one);

	SetCurrentDirectoryA("three");
	load("current folder", "other.dll", 0);
	SetCurrentDirectoryA("..");
	load("no longer", "other.dll", 0);
	SetEnvironmentVariableA("PATH", below("three"));
	load("path", "other.dll", 0);
	SetEnvironmentVariableA("PATH", "");
	load("empty path", "other.dll", 0);

	char buffer[MAX_PATH] = "before";
	INT(GetDllDirectoryA(sizeof buffer, buffer));
	STR(buffer);
	INT(SetDllDirectoryA(below("three")));
	INT(GetDllDirectoryA(0, NULL) == strlen(below("three")) + 1);
	INT(GetDllDirectoryA(sizeof buffer, buffer) == strlen(buffer));
	STR(buffer + strlen(home));
	load("set folder", "other.dll", 0);
	load("set folder, user flag", "other.dll", LOAD_LIBRARY_SEARCH_USER_DIRS);
	load("set folder, not before the program's", "probe.dll", 0);
	SetCurrentDirectoryA("three");
	INT(SetDllDirectoryA(""));
	load("current folder taken out", "other.dll", 0);
	INT(SetDllDirectoryA(NULL));
	load("and back", "other.dll", 0);
	SetCurrentDirectoryA("..");

	wchar_t wide[MAX_PATH];
	_snwprintf(wide, MAX_PATH, L"%hs\\three", home);
	DLL_DIRECTORY_COOKIE cookie = AddDllDirectory(wide);
	INT(cookie != NULL);
	load("added folder, plain", "other.dll", 0);
	load("added folder, user flag", "other.dll", LOAD_LIBRARY_SEARCH_USER_DIRS);
	load("added folder, defaults", "other.dll", LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
	INT(RemoveDllDirectory(cookie));
	load("removed folder", "other.dll", LOAD_LIBRARY_SEARCH_USER_DIRS);
	FAILS(AddDllDirectory(L"three") != NULL);
	FAILS(AddDllDirectory(L"c:\\no such folder") != NULL);
	FAILS(SetDefaultDllDirectories(0));
	FAILS(SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR));
	INT(SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32));
	load("default system", "probe.dll", 0);
	load("default system, full path", below("one\\probe.dll"), 0);
	load("default system, its imports", below("one\\user.dll"), 0);
	load("default system, altered", below("one\\user.dll"), LOAD_WITH_ALTERED_SEARCH_PATH);
	INT(SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DEFAULT_DIRS));
	load("defaults again", "probe.dll", 0);
	return 0;
}
