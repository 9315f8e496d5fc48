// build: -lshlwapi
#include "check.h"
#include <shlwapi.h>

/* The path functions of shlwapi.dll, both versions of most. */

static const char *const paths[] = {
	"", "\\", "a", "a\\", "a\\b.txt", "C:", "C:\\", "C:a", "C:\\a", "C:\\a\\", "C:\\a\\b.c.txt", "C:\\a.b\\c",
	"\\\\server", "\\\\server\\share", "\\\\server\\share\\a", "\\\\?\\C:\\a", "\\a\\b", "..\\a", ".\\a", "a b\\c d.txt",
	"\"C:\\a b\\c.exe\" /x", "C:\\a\\b.exe arg", "file.", ".hidden", "a/b.txt", "http://a.b/c.d?e", "x.y z", "C:\\a\\b\\..\\c\\.\\d",
};

#define EACH(i) for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++)

static void edit(const char *name, const char *path, void (*f)(char *), char *buffer)
{
	char label[300];
	strcpy(buffer, path);
	f(buffer);
	snprintf(label, sizeof label, "%s(%s)", name, path);
	check_text(label, buffer);
}

static void remove_spec(char *b) { strcat(b, PathRemoveFileSpecA(b) ? "" : "|F"); }
static void remove_extension(char *b) { PathRemoveExtensionA(b); }
static void remove_backslash(char *b) { PathRemoveBackslashA(b); }
static void add_backslash(char *b) { PathAddBackslashA(b); }
static void add_extension(char *b) { strcat(b, PathAddExtensionA(b, ".new") ? "" : "|F"); }
static void rename_extension(char *b) { strcat(b, PathRenameExtensionA(b, ".new") ? "" : "|F"); }
static void strip_path(char *b) { PathStripPathA(b); }
static void strip_root(char *b) { BOOL ok = PathStripToRootA(b); strcat(b, ok ? "" : "|F"); }
static void quote(char *b) { PathQuoteSpacesA(b); }
static void unquote(char *b) { PathUnquoteSpacesA(b); }
static void remove_args(char *b) { PathRemoveArgsA(b); }
static void remove_blanks(char *b) { PathRemoveBlanksA(b); }
static void undecorate(char *b) { PathUndecorateA(b); }

static long at(const char *from, const char *to) { return to ? to - from : -1; }

int main(void)
{
	char buffer[2 * MAX_PATH], label[300];
	WCHAR wide[2 * MAX_PATH];

	EACH(i) {
		const char *p = paths[i];
		snprintf(label, sizeof label, "look(%s)", p);
		CHECK(label, "name %ld ext %ld args %ld next %ld skip %ld", at(p, PathFindFileNameA(p)), at(p, PathFindExtensionA(p)),
		      at(p, PathGetArgsA(p)), at(p, PathFindNextComponentA(p)), at(p, PathSkipRootA(p)));
		snprintf(label, sizeof label, "ask(%s)", p);
		CHECK(label, "rel %d root %d unc %d share %d server %d url %d spec %d drive %d prefix %d", PathIsRelativeA(p), PathIsRootA(p),
		      PathIsUNCA(p), PathIsUNCServerShareA(p), PathIsUNCServerA(p), PathIsURLA(p), PathIsFileSpecA(p), PathGetDriveNumberA(p),
		      PathIsPrefixA("C:\\a", p));
		edit("removespec", p, remove_spec, buffer);
		edit("removeext", p, remove_extension, buffer);
		edit("removeslash", p, remove_backslash, buffer);
		edit("addslash", p, add_backslash, buffer);
		edit("addext", p, add_extension, buffer);
		edit("renameext", p, rename_extension, buffer);
		edit("strippath", p, strip_path, buffer);
		edit("striproots", p, strip_root, buffer);
		edit("quote", p, quote, buffer);
		edit("unquote", p, unquote, buffer);
		edit("removeargs", p, remove_args, buffer);
		memset(buffer, 'x', sizeof buffer);
		snprintf(label, sizeof label, "canonical(%s)", p);
		CHECK(label, "%d %s", PathCanonicalizeA(buffer, p), buffer);
	}
	edit("removeblanks", "  a b  ", remove_blanks, buffer);
	edit("undecorate", "C:\\a[3].txt", undecorate, buffer);
	edit("undecorate", "C:\\a[x].txt", undecorate, buffer);
	edit("undecorate", "a[12]", undecorate, buffer);

	static const char *const pairs[][2] = {
		{"C:\\a", "b"}, {"C:\\a", "\\b"}, {"C:\\a", "D:\\b"}, {"C:\\a\\", "b\\c"}, {"C:\\a", ".."}, {"C:\\a", "..\\..\\..\\b"}, {"", "b"}, {"C:\\a", ""},
		{"a", "b"}, {"C:", "b"}, {"C:\\", "b"}, {"\\\\s\\sh", "b"}, {"C:\\a", "b."}, {"C:\\a", ".\\b\\"},
	};
	for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const char *a = pairs[i][0], *b = pairs[i][1];
		snprintf(label, sizeof label, "combine(%s,%s)", a, b);
		check_text(label, PathCombineA(buffer, a, b));
		snprintf(label, sizeof label, "append(%s,%s)", a, b);
		strcpy(buffer, a);
		CHECK(label, "%d %s", PathAppendA(buffer, b), buffer);
		memset(buffer, 0, sizeof buffer);
		snprintf(label, sizeof label, "common(%s,%s)", a, b);
		CHECK(label, "%d %s", PathCommonPrefixA(a, b, buffer), buffer);
	}
	CHECK("common long", "%d %s", PathCommonPrefixA("C:\\one\\two\\x", "c:\\ONE\\two\\y", buffer), buffer);
	CHECK("common root", "%d %s", PathCommonPrefixA("C:\\one", "C:\\two", buffer), buffer);
	INT(PathIsSameRootA("C:\\a", "c:\\b"));
	INT(PathIsSameRootA("C:\\a", "D:\\b"));

	static const char *const specs[][2] = {
		{"a.txt", "*.txt"}, {"a.TXT", "*.txt"}, {"a.txt", "*.exe;*.txt"}, {"a.txt", "?.txt"}, {"ab.txt", "?.txt"}, {"a", "*.*"}, {"a", "*"}, {"", "*"},
		{"a.b.c", "*.c"}, {"a.txt", ""}, {"a.txt", "a.*;"}, {"abc", "a*c*"}, {"abc", "a?c"},
	};
	for (unsigned i = 0; i < sizeof specs / sizeof *specs; i++) {
		snprintf(label, sizeof label, "match(%s,%s)", specs[i][0], specs[i][1]);
		CHECK(label, "%d", PathMatchSpecA(specs[i][0], specs[i][1]));
	}

	check_text("root 2", PathBuildRootA(buffer, 2));
	FAILS(PathFileExistsA("C:\\windows"));
	FAILS(PathFileExistsA("C:\\no\\such"));
	FAILS(PathFileExistsA("C:\\windows\\nothing-here"));
	INT(PathIsDirectoryA("C:\\windows") != 0);
	INT(PathIsDirectoryA("C:\\windows\\nothing-here"));
	INT(PathFileExistsA(NULL));
	INT(PathRemoveFileSpecA(NULL));
	INT(PathIsRelativeA(NULL));
	INT(PathCombineA(buffer, NULL, NULL) == NULL);
	INT(PathFindFileNameA(NULL) == NULL);
	INT(PathFindExtensionA(NULL) == NULL);

	WSTR(PathFindFileNameW(L"C:\\a\\b\x263a.txt"));
	WSTR(PathFindExtensionW(L"C:\\a\\b.txt"));
	WSTR(PathCombineW(wide, L"C:\\a", L"..\\b"));
	wcscpy(wide, L"C:\\a");
	INT(PathAppendW(wide, L"b.txt"));
	WSTR(wide);
	INT(PathRemoveFileSpecW(wide));
	WSTR(wide);
	INT(PathFileExistsW(L"C:\\windows\\system32\\kernel32.dll"));
	INT(PathMatchSpecW(L"a.dll", L"*.dll"));
	INT(PathIsRelativeW(L"a"));
	PathStripPathW(wcscpy(wide, L"x\\y\\z"));
	WSTR(wide);
	WSTR(PathAddBackslashW(wcscpy(wide, L"x")) - 2);
	return 0;
}
