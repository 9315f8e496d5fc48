// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The functions that are told the size of their buffers. They are the DLL's own. */
#define EINVALID (errno = 0, invalid = 0)
static char b[16];
static wchar_t w[16];

static void show(const char *label, int result)
{
	int e = errno;
	printf("%s: %d errno %d invalid %d ", label, result, e, invalid);
	for (int i = 0; i < 10; i++)
		putchar(b[i] ? b[i] : '0');
	putchar('\n');
	fflush(stdout);
}
#define R(x) (memset(b, '?', sizeof b), EINVALID, show(#x, x))
#define K(x) (EINVALID, show(#x, x))

static void wshow(const char *label, int result)
{
	int e = errno;
	printf("%s: %d errno %d invalid %d ", label, result, e, invalid);
	for (int i = 0; i < 8; i++)
		putchar(w[i] == 0x3F3F ? '?' : w[i] ? w[i] : '0');
	putchar('\n');
	fflush(stdout);
}
#define W(x) (memset(w, '?', sizeof w), EINVALID, wshow(#x, x))

int main(void)
{
	count_invalid();
	int (*strcpy_s)(char *, size_t, const char *) = GET(strcpy_s);
	int (*strcat_s)(char *, size_t, const char *) = GET(strcat_s);
	int (*strncpy_s)(char *, size_t, const char *, size_t) = GET(strncpy_s);
	int (*strncat_s)(char *, size_t, const char *, size_t) = GET(strncat_s);
	int (*memcpy_s)(void *, size_t, const void *, size_t) = GET(memcpy_s);
	int (*memmove_s)(void *, size_t, const void *, size_t) = GET(memmove_s);
	int (*strlwr_s)(char *, size_t) = GET(_strlwr_s);
	int (*strupr_s)(char *, size_t) = GET(_strupr_s);
	char *(*strtok_s)(char *, const char *, char **) = GET(strtok_s);
	int (*itoa_s)(int, char *, size_t, int) = GET(_itoa_s);
	int (*i64toa_s)(long long, char *, size_t, int) = GET(_i64toa_s);
	int (*ultoa_s)(unsigned long, char *, size_t, int) = GET(_ultoa_s);
	int (*wcscpy_s)(wchar_t *, size_t, const wchar_t *) = GET(wcscpy_s);
	int (*wcscat_s)(wchar_t *, size_t, const wchar_t *) = GET(wcscat_s);
	int (*wcsncpy_s)(wchar_t *, size_t, const wchar_t *, size_t) = GET(wcsncpy_s);
	int (*itow_s)(int, wchar_t *, size_t, int) = GET(_itow_s);

	R(strcpy_s(b, 8, "abc"));
	R(strcpy_s(b, 4, "abc"));
	R(strcpy_s(b, 3, "abc"));
	R(strcpy_s(b, 0, "abc"));
	R(strcpy_s(NULL, 8, "abc"));
	R(strcpy_s(b, 8, NULL));
	R(strcpy_s(b, 8, ""));
	R(strncpy_s(b, 8, "abcdef", 3));
	R(strncpy_s(b, 4, "abcdef", 4));
	R(strncpy_s(b, 4, "abcdef", _TRUNCATE));
	R(strncpy_s(b, 8, "abc", 0));
	R(strncpy_s(b, 8, "abc", 5));
	R(strncpy_s(b, 8, NULL, 3));
	R(strncpy_s(NULL, 0, NULL, 0));
	R(strncpy_s(NULL, 0, "a", 1));
	R(strcpy_s(b, 8, "ab"));
	K(strcat_s(b, 8, "cd"));
	K(strcat_s(b, 5, ""));
	K(strcat_s(b, 5, "x"));
	memset(b, '?', sizeof b);
	K(strcat_s(b, 4, "x"));
	K(strcat_s(NULL, 4, "x"));
	R(strcpy_s(b, 8, "ab"));
	K(strncat_s(b, 8, "cdef", 2));
	K(strncat_s(b, 6, "ghij", _TRUNCATE));
	K(strncat_s(b, 6, "ghij", 2));
	R(memcpy_s(b, 8, "abcd", 4));
	R(memcpy_s(b, 2, "abcd", 4));
	R(memcpy_s(b, 8, NULL, 4));
	R(memcpy_s(NULL, 8, "abcd", 4));
	R(memcpy_s(b, 8, NULL, 0));
	R(memmove_s(b, 8, "abcd", 4));
	R(memmove_s(NULL, 8, "abcd", 4));
	strcpy(b, "MiXeD");
	K(strlwr_s(b, 8));
	K(strupr_s(b, 8));
	K(strupr_s(NULL, 8));
	char text[] = "one,two", *rest = NULL;
	STR(strtok_s(text, ",", &rest));
	STR(strtok_s(NULL, ",", &rest));
	STR(strtok_s(NULL, ",", &rest));
	EINVALID;
	STR(strtok_s(NULL, NULL, &rest));
	CHECK("strtok_s without delimiters", "errno %d invalid %d", errno, invalid);
	R(itoa_s(-123, b, 8, 10));
	R(itoa_s(-123, b, 4, 10));
	R(itoa_s(255, b, 8, 16));
	R(itoa_s(255, b, 8, 1));
	R(itoa_s(255, NULL, 8, 10));
	R(itoa_s(255, b, 0, 10));
	R(itoa_s(-1, b, 16, 16));
	R(i64toa_s(-1, b, 16, 10));
	R(i64toa_s(1LL << 40, b, 16, 36));
	R(ultoa_s(4000000000UL, b, 16, 10));
	W(wcscpy_s(w, 8, L"abc"));
	W(wcscpy_s(w, 3, L"abc"));
	W(wcscpy_s(w, 8, NULL));
	W(wcsncpy_s(w, 8, L"abcdef", 3));
	W(wcsncpy_s(w, 4, L"abcdef", _TRUNCATE));
	W(wcsncpy_s(w, 4, L"abcdef", 5));
	wcscpy(w, L"ab");
	EINVALID;
	wshow("wcscat_s", wcscat_s(w, 8, L"cd"));
	EINVALID;
	wshow("wcscat_s too far", wcscat_s(w, 5, L"x"));
	W(itow_s(-42, w, 8, 10));
	W(itow_s(-42, w, 3, 10));
	return 0;
}
