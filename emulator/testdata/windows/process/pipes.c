#include "check.h"

#define NAME "\\\\.\\pipe\\check_pipes"
#define OPEN(access) CreateFileA(NAME, access, 0, NULL, OPEN_EXISTING, 0, NULL)
#define BOTH (GENERIC_READ | GENERIC_WRITE)

static DWORD WINAPI echo(void *p)
{
	char b[64];
	DWORD n;
	ConnectNamedPipe(p, NULL);
	while (ReadFile(p, b, sizeof b, &n, NULL)) {
		for (DWORD i = 0; i < n; i++)
			b[i] ^= 0x20;
		WriteFile(p, b, n, &n, NULL);
	}
	return GetLastError();
}

static void messages(void)
{
	char b[64] = "";
	DWORD n = 0, total = 0, left = 0, mode = 0, count = 0, flags = 0, out = 0, in = 0, most = 0;
	HANDLE s = CreateNamedPipeA(NAME, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 2, 512, 256, 0, NULL);
	INT(s != INVALID_HANDLE_VALUE);
	FAILS(WriteFile(s, "x", 1, &n, NULL));
	FAILS(ReadFile(s, b, 1, &n, NULL));
	FAILS(PeekNamedPipe(s, b, 1, &n, NULL, NULL));
	INT(WaitNamedPipeA(NAME, 10));
	HANDLE c = OPEN(BOTH);
	INT(c != INVALID_HANDLE_VALUE);
	INT(GetFileType(c));
	FAILS(OPEN(BOTH) == INVALID_HANDLE_VALUE);
	FAILS(WaitNamedPipeA(NAME, 10));
	FAILS(ConnectNamedPipe(s, NULL));
	FAILS(ConnectNamedPipe(c, NULL));
	INT(WriteFile(c, "first", 5, &n, NULL));
	INT(WriteFile(c, "second", 6, &n, NULL));
	INT(PeekNamedPipe(s, b, 2, &n, &total, &left));
	CHECK("peeked", "%lu of %lu, %lu left", n, total, left);
	FAILS(ReadFile(s, b, 2, &n, NULL));
	INT(n);
	INT(ReadFile(s, b, 64, &n, NULL));
	CHECK("rest", "%.*s", (int)n, b);
	INT(ReadFile(s, b, 64, &n, NULL));
	CHECK("next", "%.*s", (int)n, b);
	INT(GetNamedPipeInfo(s, &flags, &out, &in, &most));
	CHECK("server", "%lu %lu %lu %lu", flags, out, in, most);
	INT(GetNamedPipeInfo(c, &flags, NULL, NULL, &most));
	CHECK("client", "%lu %lu", flags, most);
	INT(GetNamedPipeHandleStateA(c, &mode, &count, NULL, NULL, NULL, 0));
	CHECK("state", "%lu %lu", mode, count);
	/* The client reads bytes until it asks for messages. */
	WriteFile(s, "ab", 2, &n, NULL);
	WriteFile(s, "cd", 2, &n, NULL);
	INT(ReadFile(c, b, 64, &n, NULL));
	CHECK("bytes", "%.*s", (int)n, b);
	FAILS(TransactNamedPipe(c, "q", 1, b, 64, &n, NULL));
	mode = PIPE_READMODE_MESSAGE;
	INT(SetNamedPipeHandleState(c, &mode, NULL, NULL));
	mode = PIPE_READMODE_MESSAGE | PIPE_NOWAIT;
	INT(SetNamedPipeHandleState(c, &mode, NULL, NULL));
	FAILS(ReadFile(c, b, 64, &n, NULL));
	mode = PIPE_READMODE_MESSAGE;
	INT(SetNamedPipeHandleState(c, &mode, NULL, NULL));
	/* Who is thrown out loses what it has not read. */
	WriteFile(s, "lost", 4, &n, NULL);
	INT(DisconnectNamedPipe(s));
	FAILS(DisconnectNamedPipe(c));
	FAILS(ReadFile(c, b, 64, &n, NULL));
	FAILS(WriteFile(c, b, 1, &n, NULL));
	FAILS(ReadFile(s, b, 64, &n, NULL));
	FAILS(OPEN(BOTH) == INVALID_HANDLE_VALUE);
	INT(CloseHandle(c));
	INT(CloseHandle(s));
	FAILS(OPEN(BOTH) == INVALID_HANDLE_VALUE);
	FAILS(WaitNamedPipeA(NAME, 10));
}

static void threads(void)
{
	char b[64] = "";
	DWORD n = 0, code = 0, mode = PIPE_READMODE_MESSAGE;
	HANDLE s = CreateNamedPipeA(NAME, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1, 64, 64, 0, NULL);
	HANDLE t = CreateThread(NULL, 0, echo, s, 0, NULL);
	HANDLE c = OPEN(BOTH);
	INT(SetNamedPipeHandleState(c, &mode, NULL, NULL));
	INT(TransactNamedPipe(c, "hello", 5, b, 64, &n, NULL));
	CHECK("answer", "%.*s", (int)n, b);
	FAILS(TransactNamedPipe(c, "again", 5, b, 3, &n, NULL));
	CHECK("part", "%.*s", (int)n, b);
	INT(ReadFile(c, b, 64, &n, NULL));
	CHECK("rest of it", "%.*s", (int)n, b);
	INT(CloseHandle(c));
	INT(WaitForSingleObject(t, 5000));
	INT(GetExitCodeThread(t, &code));
	INT(code);
	FAILS(ReadFile(s, b, 1, &n, NULL));
	FAILS(WriteFile(s, b, 1, &n, NULL));
	FAILS(ConnectNamedPipe(s, NULL));
	INT(DisconnectNamedPipe(s));
	CloseHandle(t);
	t = CreateThread(NULL, 0, echo, s, 0, NULL);
	while (!WaitNamedPipeA(NAME, 1000))
		Sleep(1);
	INT(CallNamedPipeA(NAME, "call", 4, b, 64, &n, 1000));
	CHECK("called", "%.*s", (int)n, b);
	INT(WaitForSingleObject(t, 5000));
	CloseHandle(t);
	CloseHandle(s);
	FAILS(CallNamedPipeA(NAME, "call", 4, b, 64, &n, 10));
}

static void overlapped(void)
{
	char b[64] = "";
	DWORD n = 0;
	OVERLAPPED o = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
	HANDLE s = CreateNamedPipeA(NAME, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 64, 64, 0, NULL);
	FAILS(ConnectNamedPipe(s, &o));
	INT(WaitForSingleObject(o.hEvent, 0));
	FAILS(GetOverlappedResult(s, &o, &n, FALSE));
	HANDLE c = OPEN(BOTH);
	INT(WaitForSingleObject(o.hEvent, 1000));
	INT(GetOverlappedResult(s, &o, &n, FALSE));
	FAILS(ReadFile(s, b, 64, NULL, &o));
	INT(WriteFile(c, "later", 5, &n, NULL));
	INT(GetOverlappedResult(s, &o, &n, TRUE));
	CHECK("read", "%.*s", (int)n, b);
	FAILS(ReadFile(s, b, 64, NULL, &o));
	INT(CancelIo(s));
	FAILS(GetOverlappedResult(s, &o, &n, TRUE));
	FAILS(ReadFile(s, b, 64, NULL, &o));
	CloseHandle(c);
	FAILS(GetOverlappedResult(s, &o, &n, TRUE));
	CloseHandle(s);
}

int main(void)
{
	char b[8];
	DWORD n;
	FAILS(CreateNamedPipeA("check_pipes", PIPE_ACCESS_DUPLEX, 0, 1, 64, 64, 0, NULL) == INVALID_HANDLE_VALUE);
	FAILS(CreateNamedPipeA(NAME, PIPE_ACCESS_DUPLEX, PIPE_READMODE_MESSAGE, 1, 64, 64, 0, NULL) == INVALID_HANDLE_VALUE);
	HANDLE in = CreateNamedPipeA(NAME, PIPE_ACCESS_INBOUND, 0, 1, 64, 64, 0, NULL);
	FAILS(CreateNamedPipeA(NAME, PIPE_ACCESS_INBOUND, 0, 1, 64, 64, 0, NULL) == INVALID_HANDLE_VALUE);
	FAILS(CreateNamedPipeA(NAME, PIPE_ACCESS_INBOUND | FILE_FLAG_FIRST_PIPE_INSTANCE, 0, 2, 64, 64, 0, NULL) == INVALID_HANDLE_VALUE);
	FAILS(OPEN(BOTH) == INVALID_HANDLE_VALUE);
	HANDLE c = OPEN(GENERIC_WRITE);
	INT(c != INVALID_HANDLE_VALUE);
	FAILS(WriteFile(in, "x", 1, &n, NULL));
	FAILS(ReadFile(c, b, 1, &n, NULL));
	INT(WriteFile(c, "12345", 5, &n, NULL));
	INT(ReadFile(in, b, 2, &n, NULL));
	INT(PeekNamedPipe(in, NULL, 0, NULL, &n, NULL));
	INT(n);
	CloseHandle(c);
	INT(ReadFile(in, b, 8, &n, NULL));
	INT(n);
	CloseHandle(in);
	messages();
	threads();
	overlapped();
	return 0;
}
