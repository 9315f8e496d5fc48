/* How a program prints what it sees: one line for each check, "label: value". */
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>
#include <string.h>
#include <windows.h>

/* CHECK prints a value as printf does. */
#define CHECK(label, ...) (printf("%s: ", label), printf(__VA_ARGS__), putchar('\n'), fflush(stdout))
/* INT, HEX, STR and WSTR print an expression under its own text. */
#define INT(x) CHECK(#x, "%lld", (long long)(x))
#define HEX(x) CHECK(#x, "%llx", (unsigned long long)(x))
#define STR(x) check_text(#x, (x))
#define WSTR(x) check_wide(#x, (x))
/* FAILS prints the result of a call together with the last error it leaves. */
#define FAILS(x) (SetLastError(0xDEAD), check_error(#x, (long long)(x)))

static inline void check_error(const char *label, long long result)
{
	DWORD error = GetLastError();
	CHECK(label, "%lld, error %lu", result, error);
}

static inline void check_text(const char *label, const char *s)
{
	CHECK(label, "%s%s%s", s ? "\"" : "", s ? s : "null", s ? "\"" : "");
}

/* check_wide prints what is not printable ASCII as <hex>. */
static inline void check_wide(const char *label, const wchar_t *s)
{
	printf("%s: ", label);
	if (!s)
		printf("null");
	else {
		putchar('"');
		for (; *s; s++)
			if (*s >= ' ' && *s < 0x7F)
				putchar(*s);
			else
				printf("<%x>", *s);
		putchar('"');
	}
	putchar('\n');
	fflush(stdout);
}

/* check_bytes prints memory in hexadecimal. */
static inline void check_bytes(const char *label, const void *p, size_t n)
{
	printf("%s: ", label);
	for (size_t i = 0; i < n; i++)
		printf("%02x", ((const unsigned char *)p)[i]);
	putchar('\n');
	fflush(stdout);
}
#endif
