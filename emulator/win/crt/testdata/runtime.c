/* Uses as much of the runtime as one program can, and says what it got. */
#include <math.h>
#include <process.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <windows.h>

static jmp_buf place;
static int compares;

static int by_value(const void *a, const void *b)
{
	compares++;
	return *(const int *)a - *(const int *)b;
}

static void at_exit_first(void) { puts("atexit 1"); }
static void at_exit_second(void) { puts("atexit 2"); }

static volatile long worked;

static unsigned __stdcall work(void *p)
{
	srand(7); /* each thread has its own sequence */
	worked = *(int *)p + 1;
	return 5;
}

static void jump(int depth)
{
	volatile double keep = depth; /* uses XMM registers on the way */
	if (depth == 0)
		longjmp(place, 42);
	jump(depth - 1);
	keep += 1;
}

static void files(void)
{
	char line[32];
	FILE *f = fopen("note.txt", "w");
	fprintf(f, "one\ntwo %d\n", 2);
	fclose(f);
	f = fopen("note.txt", "rb");
	fseek(f, 0, SEEK_END);
	printf("size %ld\n", ftell(f));
	fclose(f);
	f = fopen("note.txt", "r");
	while (fgets(line, sizeof line, f))
		printf("line %s", line);
	printf("feof %d ferror %d\n", !!feof(f), !!ferror(f));
	fclose(f);
	f = fopen("no such folder\\file", "r");
	printf("missing %p errno %d %s\n", (void *)f, errno, strerror(errno));
	printf("remove %d\n", remove("note.txt"));
}

int main(int argc, char **argv)
{
	int numbers[] = {5, 3, 9, -1, 7, 3, 0, 12}, key = 9, i, start = 41;
	wchar_t wide[32];
	char text[64];
	time_t now = time(NULL);
	struct tm *tm = gmtime(&now);
	HANDLE thread;
	DWORD code = 0;

	printf("args %d [%s] [%s]\n", argc, argv[1], argv[2]);
	switch (setjmp(place)) {
	case 0:
		jump(3);
		break;
	case 42:
		puts("jumped");
		break;
	}
	qsort(numbers, 8, sizeof *numbers, by_value);
	for (i = 0; i < 8; i++)
		printf("%d ", numbers[i]);
	printf("compared %d found %d\n", compares > 8, (int)((int *)bsearch(&key, numbers, 8, sizeof key, by_value) - numbers));
	i = rand();
	printf("rand %d %d\n", i, rand());
	printf("math %.3f %.3f %.3f %.1f\n", sqrt(atof("2")), pow(argc, 0.5), sin(argc), floor(-1.5));
	printf("strtol %ld %lu\n", strtol("  -0x1f", NULL, 0), strtoul("777", NULL, 8));
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", tm);
	printf("time %s\n", text);
	_snwprintf(wide, 32, L"%s-%d", L"wide", 7);
	printf("wide %ls %d\n", wide, (int)wcslen(wide));
	printf("env %s\n", getenv("CRT_TEST"));
	strcpy(text, "a,b;c");
	for (char *token = strtok(text, ",;"); token; token = strtok(NULL, ",;"))
		printf("token %s\n", token);
	files();
	thread = (HANDLE)_beginthreadex(NULL, 0, work, &start, 0, NULL);
	WaitForSingleObject(thread, INFINITE);
	GetExitCodeThread(thread, &code);
	printf("thread %ld %lu rand %d\n", worked, code, rand());
	atexit(at_exit_first);
	atexit(at_exit_second);
	fputs("done\n", stderr);
	return 9;
}
