/* No start-up code: what a program of the universal C runtime calls itself. */
#include <stdarg.h>
#include <stddef.h>

typedef int (*function)(void);

void *__acrt_iob_func(unsigned);
int __stdio_common_vfprintf(unsigned long long, void *, const char *, void *, va_list);
int _initterm_e(function *, function *);
int _crt_atexit(void (*)(void));
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
void exit(int);

static int print(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = __stdio_common_vfprintf(0, __acrt_iob_func(1), format, NULL, args);
	va_end(args);
	return n;
}

static int ready;
static int initialise(void) { ready += 3; return 0; }
static function initialisers[] = {NULL, initialise, initialise};
static int by_value(const void *a, const void *b) { return *(const char *)a - *(const char *)b; }
static void at_exit(void) { print("exit\n"); }

void start(void)
{
	char letters[] = "312";

	if (_initterm_e(initialisers, initialisers + 3))
		exit(1);
	_crt_atexit(at_exit);
	print("universal %d %g %ls\n", 7, 1e-7, L"wide");
	qsort(letters, 3, 1, by_value);
	print("sorted %s\n", letters);
	exit(ready);
}
