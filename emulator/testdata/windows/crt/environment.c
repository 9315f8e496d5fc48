// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <errno.h>
#include <stdlib.h>

/* The environment, sorting and searching, blocks of the heap. */
static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static int by_name(const void *a, const void *b) { return strcmp(*(const char **)a, *(const char **)b); }
static int with_context(void *context, const void *a, const void *b)
{
	++*(int *)context;
	return *(const int *)b - *(const int *)a;
}

static void environment(void)
{
	char *(*get)(const char *) = GET(getenv);
	int (*put)(const char *) = GET(_putenv), (*put_s)(const char *, const char *) = GET(_putenv_s);
	int (*get_s)(size_t *, char *, size_t, const char *) = GET(getenv_s);
	wchar_t *(*wget)(const wchar_t *) = GET(_wgetenv);
	char b[16], *copy;
	size_t n;
	STR(get("CRT_TEST_NONE"));
	INT(put("CRT_TEST=value"));
	STR(get("CRT_TEST"));
	STR(get("crt_test"));
	WSTR(wget(L"CRT_TEST"));
	INT(GetEnvironmentVariableA("CRT_TEST", b, sizeof b));
	STR(b);
	INT(put("CRT_TEST=other"));
	STR(get("CRT_TEST"));
	INT(put_s("CRT_TEST", "third"));
	STR(get("CRT_TEST"));
	INT(get_s(&n, b, sizeof b, "CRT_TEST"));
	INT(n);
	STR(b);
	INT(get_s(&n, b, 3, "CRT_TEST"));
	INT(n);
	INT(get_s(&n, NULL, 0, "CRT_TEST"));
	INT(n);
	INT(get_s(&n, b, sizeof b, "CRT_TEST_NONE"));
	INT(n);
	CHECK("buffer of no variable", "[%s]", b);
#ifdef UCRT
	int (*dup)(char **, size_t *, const char *) = GET(_dupenv_s);
	INT(dup(&copy, &n, "CRT_TEST"));
	STR(copy);
	INT(n);
#endif
	INT(put("CRT_TEST="));
	STR(get("CRT_TEST"));
	INT(put_s("CRT_TEST", ""));
	errno = 0;
	INT(put("no equals sign"));
	SetEnvironmentVariableA("CRT_LATE", "set");
	STR(get("CRT_LATE"));
}

static void sorting(void)
{
	int v[] = {5, 3, 9, 1, 7, 3, 8, 2, 6, 4};
	qsort(v, 10, sizeof *v, by_value);
	CHECK("qsort", "%d %d %d %d %d %d %d %d %d %d", v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]);
	const char *names[] = {"pear", "apple", "fig", "banana"};
	qsort(names, 4, sizeof *names, by_name);
	CHECK("qsort of strings", "%s %s %s %s", names[0], names[1], names[2], names[3]);
	qsort(v, 1, sizeof *v, by_value);
	qsort(v, 0, sizeof *v, by_value);
	int key = 7, none = 70;
	INT((int *)bsearch(&key, v, 10, sizeof *v, by_value) - v);
	INT(bsearch(&none, v, 10, sizeof *v, by_value) == NULL);
	void *(*lfind)(const void *, const void *, unsigned *, unsigned, int (*)(const void *, const void *)) = GET(_lfind);
	void *(*lsearch)(const void *, void *, unsigned *, unsigned, int (*)(const void *, const void *)) = GET(_lsearch);
	int list[8] = {4, 2, 9};
	unsigned n = 3;
	key = 9;
	INT((int *)lfind(&key, list, &n, sizeof *list, by_value) - list);
	INT(lfind(&none, list, &n, sizeof *list, by_value) == NULL);
	INT((int *)lsearch(&none, list, &n, sizeof *list, by_value) - list);
	INT(n);
	INT(list[3]);
	void (*qsort_s)(void *, size_t, size_t, int (*)(void *, const void *, const void *), void *) = GET(qsort_s);
	void *(*bsearch_s)(const void *, const void *, size_t, size_t, int (*)(void *, const void *, const void *), void *) = GET(bsearch_s);
	int calls = 0;
	qsort_s(v, 10, sizeof *v, with_context, &calls);
	CHECK("qsort_s", "%d %d %d", v[0], v[9], calls > 0);
	key = 8;
	INT((int *)bsearch_s(&key, v, 10, sizeof *v, with_context, &calls) - v);
}

static void heap(void)
{
	char *p = malloc(10);
	INT(p != NULL);
	INT(_msize(p));
	strcpy(p, "hello");
	p = realloc(p, 1000);
	STR(p);
	INT(_msize(p));
	p = realloc(p, 3);
	INT(_msize(p));
	INT(realloc(p, 0) == NULL);
	char *z = calloc(3, 4);
	check_bytes("calloc", z, 12);
	z[0] = 'x';
#ifdef UCRT
	void *(*recalloc)(void *, size_t, size_t) = GET(_recalloc);
	z = recalloc(z, 5, 4);
	check_bytes("_recalloc", z, 20);
#endif
	free(z);
	free(NULL);
	errno = 0;
	INT(calloc((size_t)-1, 16) == NULL);
	INT(errno);
	errno = 0;
	INT(malloc((size_t)-64) == NULL);
	INT(errno);
	INT(malloc(0) != NULL);
	void *(*aligned)(size_t, size_t) = GET(_aligned_malloc), *(*offset)(size_t, size_t, size_t) = GET(_aligned_offset_malloc);
	void *(*more)(void *, size_t, size_t) = GET(_aligned_realloc);
	void (*release)(void *) = GET(_aligned_free);
	char *a = aligned(100, 64);
	INT((uintptr_t)a % 64);
	strcpy(a, "aligned");
	a = more(a, 5000, 64);
	INT((uintptr_t)a % 64);
	STR(a);
	release(a);
	a = offset(100, 32, 5);
	INT(((uintptr_t)a + 5) % 32);
	release(a);
	release(NULL);
	INT(_heapchk() == -2);
}

int main(void)
{
	environment();
	sorting();
	heap();
	return 0;
}
