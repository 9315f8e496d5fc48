#include "check.h"

int main(void)
{
	DWORD n = 0;
	HANDLE h = CreateFileA("async", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED, NULL);
	OVERLAPPED o = {.Offset = 0, .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
	BOOL ok = WriteFile(h, "hello world", 11, NULL, &o);
	INT(ok || GetLastError() == ERROR_IO_PENDING);
	INT(GetOverlappedResult(h, &o, &n, TRUE));
	INT(n);
	INT(WaitForSingleObject(o.hEvent, 0));
	char b[20] = "";
	o.Offset = 6;
	ok = ReadFile(h, b, 5, NULL, &o);
	INT(ok || GetLastError() == ERROR_IO_PENDING);
	INT(GetOverlappedResult(h, &o, &n, TRUE));
	INT(n);
	STR(b);
	INT(o.Internal);
	INT(o.InternalHigh);
	OVERLAPPED pending = {.Internal = STATUS_PENDING};
	FAILS(GetOverlappedResult(h, &pending, &n, FALSE));
	INT(CancelIo(h));

	HANDLE port = CreateIoCompletionPort(h, NULL, 77, 0);
	INT(port != NULL);
	o.Offset = 0;
	ok = ReadFile(h, b, 5, NULL, &o);
	INT(ok || GetLastError() == ERROR_IO_PENDING);
	ULONG_PTR key = 0;
	OVERLAPPED *done = NULL;
	INT(GetQueuedCompletionStatus(port, &n, &key, &done, 1000));
	INT(n);
	INT(key);
	INT(done == &o);
	INT(PostQueuedCompletionStatus(port, 5, 6, (OVERLAPPED *)7));
	INT(PostQueuedCompletionStatus(port, 8, 9, NULL));
	INT(GetQueuedCompletionStatus(port, &n, &key, &done, 0));
	CHECK("posted", "%lu %llu %llu", n, (unsigned long long)key, (unsigned long long)(ULONG_PTR)done);
	OVERLAPPED_ENTRY entries[4];
	ULONG removed = 0;
	INT(GetQueuedCompletionStatusEx(port, entries, 4, &removed, 0, FALSE));
	INT(removed);
	CHECK("entry", "%lu %llu", entries[0].dwNumberOfBytesTransferred, (unsigned long long)entries[0].lpCompletionKey);
	FAILS(GetQueuedCompletionStatus(port, &n, &key, &done, 0));
	INT(done == NULL);
	FAILS(GetQueuedCompletionStatus(port, &n, &key, &done, 20));
	FAILS(PostQueuedCompletionStatus((HANDLE)0x1234568, 0, 0, NULL));
	HANDLE alone = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 2);
	INT(alone != NULL);
	INT(CloseHandle(alone));
	INT(CloseHandle(port));
	INT(CloseHandle(h));
	return 0;
}
