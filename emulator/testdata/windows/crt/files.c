// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <direct.h>
#include <errno.h>
#include <io.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Directories and names of files. */
static void split(const char *path)
{
	char drive[8], dir[64], name[64], ext[64];
	_splitpath(path, drive, dir, name, ext);
	CHECK(path, "[%s] [%s] [%s] [%s]", drive, dir, name, ext);
}

static void make(const char *drive, const char *dir, const char *name, const char *ext)
{
	char path[128];
	_makepath(path, drive, dir, name, ext);
	CHECK("_makepath", "%s", path);
}

static void touch(const char *name, const char *text)
{
	FILE *f = fopen(name, "wb");
	fputs(text, f);
	fclose(f);
}

int main(void)
{
	split("C:\\dir\\sub\\file.txt");
	split("C:file");
	split("\\dir\\");
	split("file.tar.gz");
	split(".hidden");
	split("");
	split("dir/mixed\\name.ext");
	split("\\\\server\\share\\x.y");
	make("C:", "\\dir\\", "file", ".txt");
	make("c", "dir", "file", "txt");
	make(NULL, NULL, "file", NULL);
	make("", "", "", ".x");
	make("D", "a/b/", "f", "");

	INT(_mkdir("folder"));
	errno = 0;
	INT(_mkdir("folder"));
	INT(errno);
	touch("folder\\a.txt", "aa");
	touch("folder\\b.txt", "bbb");
	touch("folder\\c.dat", "");
	errno = 0;
	INT(_rmdir("folder"));
	INT(errno);
	errno = 0;
	INT(_rmdir("missing"));
	INT(errno);

	struct __finddata64_t found;
	intptr_t h = _findfirst64("folder\\*.txt", &found);
	INT(h != -1);
	int files = 0;
	long long size = 0;
	do {
		files++;
		size += found.size;
		HEX(found.attrib & ~_A_ARCH);
	} while (_findnext64(h, &found) == 0);
	INT(errno);
	INT(files);
	INT(size);
	INT(_findclose(h));
	errno = 0;
	INT(_findfirst64("folder\\*.xyz", &found));
	INT(errno);
	struct _finddata64i32_t one;
	h = _findfirst64i32("folder\\b.txt", &one);
	STR(one.name);
	INT(one.size);
	INT(_findnext64i32(h, &one));
	_findclose(h);
	struct _wfinddata64i32_t wone;
	h = _wfindfirst64i32(L"folder", &wone);
	WSTR(wone.name);
	HEX(wone.attrib & _A_SUBDIR);
	_findclose(h);

	struct _stat64 st;
	INT(_stat64("folder\\b.txt", &st));
	INT(st.st_size);
	HEX(st.st_mode);
	INT(st.st_nlink);
	INT(_stat64("folder", &st));
	HEX(st.st_mode);
	struct _stat64i32 st32;
	INT(_wstat64i32(L"folder\\a.txt", &st32));
	INT(st32.st_size);
	errno = 0;
	INT(_stat64("folder\\none", &st));
	INT(errno);

	char before[MAX_PATH], path[MAX_PATH];
	INT(_getcwd(before, sizeof before) != NULL);
	INT(_chdir("folder"));
	INT(_access("a.txt", 0));
	INT(_getcwd(path, sizeof path) != NULL);
	STR(strrchr(path, '\\'));
	INT(_fullpath(path, "x\\..\\y.txt", sizeof path) != NULL);
	STR(strrchr(path, '\\'));
	INT(_fullpath(path, ".", 2) == NULL);
	INT(_chdir(".."));
	_getcwd(path, sizeof path);
	INT(strcmp(before, path));
	errno = 0;
	INT(_chdir("missing"));
	INT(errno);
	STR(_fullpath(path, "C:\\a\\.\\b\\..\\c", sizeof path));
	INT(rename("folder\\a.txt", "folder\\z.txt"));
	INT(_access("folder\\z.txt", 4));
	INT(remove("folder\\z.txt"));
	INT(remove("folder\\b.txt"));
	INT(_unlink("folder\\c.dat"));
	INT(_rmdir("folder"));
	char name[] = "tmXXXXXX", bad[] = "tmXX";
	INT(_mktemp(name) == name);
	INT(strlen(name));
	INT(_mktemp(bad) == NULL);
	return 0;
}
