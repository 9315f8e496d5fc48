// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <wchar.h>

/* Streams: text and binary, positions, errors, and what lies in the file. */
static void contents(const char *label, const char *name)
{
	unsigned char b[128];
	FILE *f = fopen(name, "rb");
	size_t n = f ? fread(b, 1, sizeof b, f) : 0;
	if (f)
		fclose(f);
	check_bytes(label, b, n);
}

static void text(void)
{
	FILE *f = fopen("t.txt", "w");
	INT(f != NULL);
	INT(fputs("one\ntwo\n", f));
	INT(fputc('x', f));
	INT(fprintf(f, "%d\n", 42));
	INT(fwrite("a\nb", 1, 3, f));
	INT(fclose(f));
	contents("text file", "t.txt");
	char line[32];
	f = fopen("t.txt", "r");
	STR(fgets(line, sizeof line, f));
	STR(fgets(line, 3, f));
	INT(fgetc(f));
	INT(fgetc(f));
	INT(ungetc('Q', f));
	INT(fgetc(f));
	STR(fgets(line, sizeof line, f));
	INT(feof(f) != 0);
	STR(fgets(line, sizeof line, f));
	STR(fgets(line, sizeof line, f));
	INT(feof(f) != 0);
	INT(fgetc(f));
	INT(ferror(f));
	rewind(f);
	INT(feof(f));
	INT(fgetc(f));
	INT(fclose(f));
	f = fopen("t.txt", "a");
	INT(fputs("end\n", f));
	fclose(f);
	contents("appended", "t.txt");
	f = fopen("z.txt", "wb");
	fwrite("ab\r\ncd\x1a" "ef", 1, 9, f);
	fclose(f);
	f = fopen("z.txt", "r");
	memset(line, 0, sizeof line);
	INT(fread(line, 1, sizeof line, f));
	STR(line);
	INT(feof(f) != 0);
	fclose(f);
}

static void binary(void)
{
	FILE *f = fopen("b.bin", "w+b");
	INT(fwrite("0123456789", 2, 5, f));
	INT(ftell(f));
	INT(fseek(f, 2, SEEK_SET));
	INT(fgetc(f));
	INT(ftell(f));
	INT(fseek(f, -1, SEEK_END));
	INT(fgetc(f));
	INT(fseek(f, -3, SEEK_CUR));
	INT(fgetc(f));
	errno = 0;
	INT(fseek(f, -100, SEEK_CUR));
	INT(errno);
	errno = 0;
	INT(fseek(f, 0, 7));
	INT(errno);
	INT(fseek(f, 0, SEEK_SET));
	INT(fputc('X', f));
	INT(fflush(f));
	fpos_t pos;
	INT(fgetpos(f, &pos));
	char b[16] = "";
	INT(fseek(f, 0, SEEK_CUR));
	INT(fread(b, 3, 5, f));
	STR(b);
	INT(feof(f) != 0);
	INT(fsetpos(f, &pos));
	CHECK("feof after fsetpos", "%d", feof(f));
	INT(fgetc(f));
	INT(_fseeki64(f, 20, SEEK_SET));
	INT(fputc('!', f));
	INT(_ftelli64(f));
	INT(fflush(f));
	INT(_filelength(_fileno(f)));
	INT(fclose(f));
	contents("binary file", "b.bin");
	f = fopen("b.bin", "rb");
	INT(fputc('x', f));
	INT(ferror(f) != 0);
	clearerr(f);
	INT(ferror(f));
	INT(fread(b, 0, 5, f));
	INT(setvbuf(f, NULL, _IOFBF, 1024));
	fclose(f);
	f = fopen("b.bin", "wb");
	INT(fgetc(f));
	INT(ferror(f) != 0);
	fclose(f);
	errno = 0;
	INT(fopen("missing.txt", "r") == NULL);
	INT(errno);
	errno = 0;
	INT(fopen("no\\such\\folder.txt", "w") == NULL);
	INT(errno);
	f = fopen("b.bin", "r+");
	f = freopen("c.bin", "w", f);
	INT(f != NULL);
	fputs("re", f);
	fclose(f);
	contents("reopened", "c.bin");
	INT(rename("c.bin", "d.bin"));
	errno = 0;
	INT(rename("c.bin", "e.bin"));
	INT(errno);
	INT(remove("d.bin"));
	errno = 0;
	INT(remove("d.bin"));
	INT(errno);
	FILE *tmp = tmpfile();
	INT(tmp != NULL);
	fputs("temporary", tmp);
	rewind(tmp);
	memset(b, 0, sizeof b);
	INT(fread(b, 1, 4, tmp));
	STR(b);
	INT(fclose(tmp));
}

static void wide(void)
{
	FILE *f = fopen("w.txt", "w");
	INT(fputws(L"wide\n", f));
	INT(fputwc(L'x', f));
	INT(fwprintf(f, L"%d", 7));
	fclose(f);
	contents("wide in a text file", "w.txt");
	f = fopen("w.bin", "wb");
	INT(fputws(L"w\x263a\n", f));
	fclose(f);
	contents("wide in a binary file", "w.bin");
	wchar_t b[16];
	f = fopen("w.bin", "rb");
	INT(fgetwc(f));
	INT(ungetwc(L'U', f));
	WSTR(fgetws(b, 16, f));
	INT(fgetwc(f) == WEOF);
	INT(feof(f) != 0);
	fclose(f);
	f = fopen("w.txt", "r");
	WSTR(fgetws(b, 16, f));
	WSTR(fgetws(b, 16, f));
	INT(fgetws(b, 16, f) == NULL);
	fclose(f);
	int n = 0;
	char word[16] = "";
	f = fopen("s.txt", "w");
	fputs("12 word\n 34", f);
	fclose(f);
	f = fopen("s.txt", "r");
	INT(fscanf(f, "%d %s", &n, word));
	INT(n);
	STR(word);
	INT(fscanf(f, "%d", &n));
	INT(n);
	INT(fscanf(f, "%d", &n));
	fclose(f);
}

static void low(void)
{
	char b[16] = "";
	int fd = _open("l.bin", _O_RDWR | _O_CREAT | _O_TRUNC | _O_BINARY, _S_IREAD | _S_IWRITE);
	INT(fd >= 3);
	INT(_write(fd, "hello\nworld", 11));
	INT(_lseek(fd, 0, SEEK_SET));
	INT(_read(fd, b, 5));
	STR(b);
	INT(_tell(fd));
	INT(_eof(fd));
	INT(_lseek(fd, 0, SEEK_END));
	INT(_eof(fd));
	INT(_setmode(fd, _O_TEXT) == _O_BINARY);
	INT(_write(fd, "\n", 1));
	INT(_filelength(fd));
	INT(_chsize(fd, 4));
	INT(_filelength(fd));
	INT(_isatty(fd));
	int copy = _dup(fd);
	INT(copy > fd);
	INT(_lseek(copy, 2, SEEK_SET));
	INT(_tell(fd));
	INT(_dup2(fd, copy));
	INT(_close(copy));
	INT(_get_osfhandle(fd) != -1);
	struct _stat64 st;
	INT(_fstat64(fd, &st));
	INT(st.st_size);
	HEX(st.st_mode);
	INT(_close(fd));
	contents("low-level file", "l.bin");
	errno = 0;
	INT(_open("l.bin", _O_CREAT | _O_EXCL | _O_RDWR, _S_IWRITE));
	INT(errno);
	errno = 0;
	INT(_open("missing.bin", _O_RDONLY));
	INT(errno);
	int fds[2];
	INT(_pipe(fds, 256, _O_BINARY));
	INT(_write(fds[1], "piped", 5));
	memset(b, 0, sizeof b);
	INT(_read(fds[0], b, 16));
	STR(b);
	INT(_close(fds[1]));
	INT(_read(fds[0], b, 16));
	INT(_close(fds[0]));
	INT(_access("l.bin", 0));
	INT(_access("l.bin", 6));
	INT(_chmod("l.bin", _S_IREAD));
	errno = 0;
	INT(_access("l.bin", 2));
	INT(errno);
	INT(_chmod("l.bin", _S_IREAD | _S_IWRITE));
	INT(_unlink("l.bin"));
	errno = 0;
	INT(_unlink("l.bin"));
	INT(errno);
}

int main(void)
{
	text();
	binary();
	wide();
	low();
	return 0;
}
