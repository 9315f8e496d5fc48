// build: -lws2_32 -luser32
#include <winsock2.h>
#include <ws2tcpip.h>
#include "check.h"

/* Completion ports and windows that are told of sockets. */

int main(void)
{
	WSADATA data;
	char buf[64] = "";
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int n = sizeof at;
	WSAStartup(MAKEWORD(2, 2), &data);
	SOCKET l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
	INT(bind(l, (void *)&at, sizeof at));
	INT(listen(l, 2));
	getsockname(l, (void *)&at, &n);
	INT(connect(c, (void *)&at, sizeof at));
	SOCKET s = accept(l, NULL, NULL);
	HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 0x55, 0);
	INT(port != NULL);
	WSAOVERLAPPED o = {0};
	OVERLAPPED *got = NULL;
	WSABUF b = {sizeof buf - 1, buf};
	DWORD count = 0, flags = 0;
	ULONG_PTR key = 0;
	INT(WSARecv(s, &b, 1, NULL, &flags, &o, NULL));
	INT(WSAGetLastError());
	INT(GetQueuedCompletionStatus(port, &count, &key, &got, 10));
	INT(GetLastError());
	INT(send(c, "to the port", 11, 0));
	INT(GetQueuedCompletionStatus(port, &count, &key, &got, 2000));
	INT(count);
	HEX(key);
	INT(got == (OVERLAPPED *)&o);
	STR(buf);
	WSABUF out = {4, "back"};
	WSAOVERLAPPED o2 = {0};
	INT(WSASend(s, &out, 1, NULL, 0, &o2, NULL));
	INT(GetQueuedCompletionStatus(port, &count, &key, &got, 2000));
	INT(count);
	INT(got == (OVERLAPPED *)&o2);
	memset(buf, 0, sizeof buf);
	INT(recv(c, buf, 10, 0));
	STR(buf);

	/* Who skips the port on success is still told of what had to wait. */
	INT(SetFileCompletionNotificationModes((HANDLE)s, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
	INT(WSASend(s, &out, 1, NULL, 0, &o2, NULL));
	INT(GetQueuedCompletionStatus(port, &count, &key, &got, 10));
	INT(WSARecv(s, &b, 1, NULL, &flags, &o, NULL));
	INT(send(c, "again", 5, 0));
	INT(GetQueuedCompletionStatus(port, &count, &key, &got, 2000));
	INT(count);
	INT(CreateIoCompletionPort((HANDLE)s, port, 1, 0) != NULL);
	closesocket(s);
	closesocket(c);

	HWND w = CreateWindowA("STATIC", "sockets", 0, 0, 0, 10, 10, HWND_MESSAGE, NULL, NULL, NULL);
	INT(w != NULL);
	c = socket(AF_INET, SOCK_STREAM, 0);
	INT(connect(c, (void *)&at, sizeof at));
	s = accept(l, NULL, NULL);
	INT(WSAAsyncSelect(s, w, WM_USER + 7, FD_READ | FD_CLOSE));
	INT(send(c, "message", 7, 0));
	MSG m;
	INT(GetMessageA(&m, w, WM_USER + 7, WM_USER + 7));
	INT(m.message == WM_USER + 7);
	INT(m.wParam == s);
	INT(WSAGETSELECTEVENT(m.lParam));
	INT(WSAGETSELECTERROR(m.lParam));
	memset(buf, 0, sizeof buf);
	INT(recv(s, buf, sizeof buf, 0));
	STR(buf);
	closesocket(c);
	INT(GetMessageA(&m, w, WM_USER + 7, WM_USER + 7));
	INT(WSAGETSELECTEVENT(m.lParam));
	INT(recv(s, buf, sizeof buf, 0));
	closesocket(s);
	closesocket(l);
	INT(WSACleanup());
	return 0;
}
