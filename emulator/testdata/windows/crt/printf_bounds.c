#include "check.h"
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

/* Where printf puts its output, and what happens when there is no room. */
static int invalid;

static void handler(const wchar_t *expression, const wchar_t *function, const wchar_t *file, unsigned line, uintptr_t reserved)
{
	(void)expression, (void)function, (void)file, (void)line, (void)reserved;
	invalid++;
}

static char b[16];

static void show(const char *label, int result)
{
	int e = errno;
	printf("%s: %d errno %d invalid %d ", label, result, e, invalid);
	for (int i = 0; i < 10; i++)
		putchar(b[i] ? b[i] : '0');
	putchar('\n');
	fflush(stdout);
	invalid = 0;
}
#define R(x) (memset(b, '?', sizeof b), errno = 0, show(#x, x))

static int vsn(size_t size, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = _vsnprintf(size ? b : NULL, size, format, args);
	va_end(args);
	return n;
}

static int vsn_s(size_t size, size_t count, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = _vsnprintf_s(b, size, count, format, args);
	va_end(args);
	return n;
}

static int vs_s(size_t size, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsprintf_s(b, size, format, args);
	va_end(args);
	return n;
}

int main(void)
{
	_set_invalid_parameter_handler(handler);
	R(sprintf(b, "%d", 12345));
	R(_snprintf(b, 8, "%d", 12345));
	R(_snprintf(b, 6, "%d", 12345));
	R(_snprintf(b, 5, "%d", 12345));
	R(_snprintf(b, 4, "%d", 12345));
	R(_snprintf(b, 1, "%d", 12345));
	R(_snprintf(NULL, 0, "%d", 12345));
	R(_snprintf(b, 0, "%d", 12345));
	R(vsn(8, "%s", "text"));
	R(vsn(4, "%s", "text"));
	R(vsn(3, "%s", "text"));
	R(vsn(0, "%s", "text"));
	R(sprintf_s(b, 8, "%d", 12345));
	R(sprintf_s(b, 6, "%d", 12345));
	R(sprintf_s(b, 5, "%d", 12345));
	R(vs_s(8, "%s", "text"));
	R(vs_s(4, "%s", "text"));
	R(_snprintf_s(b, 8, 6, "%d", 12345));
	R(_snprintf_s(b, 8, 3, "%d", 12345));
	R(_snprintf_s(b, 4, 3, "%d", 12345));
	R(_snprintf_s(b, 4, 4, "%d", 12345));
	R(_snprintf_s(b, 4, _TRUNCATE, "%d", 12345));
	R(_snprintf_s(b, 8, _TRUNCATE, "%d", 12345));
	R(vsn_s(5, _TRUNCATE, "%s-%d", "text", 5));
	R(vsn_s(5, 2, "%s-%d", "text", 5));
	R(_scprintf("%s-%d", "text", 5));
	R(_scprintf(""));
	int n = -1;
#ifdef UCRT
	INT(sprintf(b, "ab%ncd", &n));
	INT(errno);
	INT(n);
	INT(_get_printf_count_output());
	INT(_set_printf_count_output(1));
	INT(_set_printf_count_output(1));
#endif
	R(sprintf(b, "ab%ncd", &n));
	INT(n);
	short small = -1;
	R(sprintf(b, "a%hn", &small));
	INT(small);
	R(sprintf(b, ""));
	R(sprintf(b, "%s", ""));
	R(sprintf(b, "%c", 0));
	return 0;
}
