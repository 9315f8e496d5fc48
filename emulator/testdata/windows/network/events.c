// build: -lws2_32
#include <winsock2.h>
#include <ws2tcpip.h>
#include "check.h"

static void events(const char *label, SOCKET s, WSAEVENT e)
{
	WSANETWORKEVENTS n;
	memset(&n, 0xEE, sizeof n);
	DWORD w = WSAWaitForMultipleEvents(1, &e, FALSE, 2000, FALSE);
	int r = WSAEnumNetworkEvents(s, e, &n);
	char name[64];
	snprintf(name, sizeof name, "%s", label);
	CHECK(name, "wait %lu, enum %d, events %lx", w, r, n.lNetworkEvents);
	for (int i = 0; i < 6; i++)
		if (n.lNetworkEvents & 1 << i) {
			snprintf(name, sizeof name, "%s error %d", label, i);
			CHECK(name, "%d", n.iErrorCode[i]);
		}
}

int main(void)
{
	WSADATA data;
	char buf[32];
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int n = sizeof at;
	WSAStartup(MAKEWORD(2, 2), &data);
	SOCKET l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
	INT(bind(l, (void *)&at, sizeof at));
	INT(listen(l, 1));
	getsockname(l, (void *)&at, &n);
	WSAEVENT el = WSACreateEvent(), ec = WSACreateEvent(), es = WSACreateEvent();
	INT(WSAEventSelect(l, el, FD_ACCEPT));
	INT(WSAEventSelect(c, ec, FD_CONNECT | FD_READ | FD_WRITE | FD_CLOSE));
	INT(connect(c, (void *)&at, sizeof at));
	INT(WSAGetLastError());
	events("accept", l, el);
	SOCKET s = accept(l, NULL, NULL);
	INT(s != INVALID_SOCKET);
	events("connect", c, ec);
	INT(WSAEventSelect(s, es, FD_READ | FD_CLOSE));
	INT(send(c, "data", 4, 0));
	events("read", s, es);
	INT(recv(s, buf, 2, 0));
	events("read the rest", s, es);
	INT(recv(s, buf, 32, 0));
	INT(recv(s, buf, 32, 0));
	INT(WSAGetLastError());
	INT(WSAWaitForMultipleEvents(1, &es, FALSE, 0, FALSE));
	INT(closesocket(c));
	events("close", s, es);
	INT(recv(s, buf, 32, 0));
	u_long off = 0;
	INT(ioctlsocket(s, FIONBIO, &off));
	INT(WSAGetLastError());
	INT(WSAEventSelect(s, NULL, 0));
	INT(ioctlsocket(s, FIONBIO, &off));
	INT(WSASetEvent(es));
	INT(WaitForSingleObject(es, 0));
	INT(WSAResetEvent(es));
	INT(WaitForSingleObject(es, 0));
	closesocket(s);

	/* a receive that goes on by itself */
	WSAEventSelect(l, NULL, 0);
	ioctlsocket(l, FIONBIO, &off);
	c = socket(AF_INET, SOCK_STREAM, 0);
	INT(connect(c, (void *)&at, sizeof at));
	s = accept(l, NULL, NULL);
	WSAOVERLAPPED o = {.hEvent = es};
	WSABUF b = {sizeof buf, buf};
	DWORD got = 77, flags = 0;
	memset(buf, 0, sizeof buf);
	INT(WSARecv(s, &b, 1, NULL, &flags, &o, NULL));
	INT(WSAGetLastError());
	INT(WSAGetOverlappedResult(s, &o, &got, FALSE, &flags));
	INT(WSAGetLastError());
	INT(send(c, "overlapped", 10, 0));
	INT(WSAGetOverlappedResult(s, &o, &got, TRUE, &flags));
	INT(got);
	STR(buf);
	INT(WaitForSingleObject(es, 0));
	INT(WSACloseEvent(es));
	INT(WSACloseEvent(el));
	closesocket(s);
	closesocket(c);
	closesocket(l);
	INT(WSACleanup());
	return 0;
}
