#include "check.h"

/* Completion routines of reads and writes, and threads of which modules are
 * not told. */

static int calls;
static DWORD last, moved;
static OVERLAPPED *of;
static void CALLBACK done(DWORD error, DWORD n, OVERLAPPED *o)
{
	calls++, last = error, moved = n, of = o;
}

int main(void)
{
	char text[] = "twelve bytes", back[32] = {0};
	OVERLAPPED o = {0}, o2 = {0};
	HANDLE f = CreateFileA("st-async.tmp", GENERIC_READ | GENERIC_WRITE, 0, 0, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE, 0);
	CHECK("file", "%d", f != INVALID_HANDLE_VALUE);
	INT(WriteFileEx(f, text, 12, &o, done));
	Sleep(10);
	CHECK("not alertable", "%d", calls);
	INT(SleepEx(1000, TRUE));
	CHECK("written", "%d: error %lu, %lu bytes, the same %d", calls, last, moved, of == &o);
	CHECK("internal", "%d %lu", (int)o.Internal, (DWORD)o.InternalHigh);
	o2.Offset = 7;
	INT(ReadFileEx(f, back, 32, &o2, done));
	CHECK("alerted", "%lx", WaitForSingleObjectEx(GetCurrentProcess(), 1000, TRUE));
	CHECK("read", "%d: error %lu, %lu bytes, the same %d", calls, last, moved, of == &o2);
	STR(back);
	o2.Offset = 0;
	ReadFileEx(f, back, 3, &o2, done);
	ReadFileEx(f, back + 3, 3, &o2, done);
	CHECK("two", "%lx", SleepEx(1000, TRUE));
	INT(calls);
	FAILS(ReadFileEx((HANDLE)0x5550, back, 3, &o2, done));
	FAILS(WriteFileEx((HANDLE)0x5550, back, 3, &o2, done));
	CHECK("no call for errors", "%lx %d", SleepEx(10, TRUE), calls);
	CloseHandle(f);
	return 0;
}
