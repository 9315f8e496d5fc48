// build: -lws2_32
#include <winsock2.h>
#include <ws2tcpip.h>
#include "check.h"

static SOCKET listener;
static struct sockaddr_in at;

static SOCKET start(void)
{
	int n = sizeof at;
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	INT(bind(s, (void *)&at, sizeof at));
	INT(listen(s, 4));
	INT(getsockname(s, (void *)&at, &n));
	return s;
}

static DWORD WINAPI echo(void *unused)
{
	(void)unused;
	struct sockaddr_in peer;
	int n = sizeof peer, got, total = 0;
	char buf[100];
	SOCKET s = accept(listener, (void *)&peer, &n);
	if (n != sizeof peer || peer.sin_addr.s_addr != htonl(INADDR_LOOPBACK))
		return 1;
	while ((got = recv(s, buf, sizeof buf, 0)) > 0) {
		total += got;
		for (int sent = 0; sent < got;)
			sent += send(s, buf + sent, got - sent, 0);
	}
	closesocket(s);
	return got < 0 ? 2 : total;
}

static int read_all(SOCKET s, char *buf, int n)
{
	int total = 0, got;
	while (total < n && (got = recv(s, buf + total, n - total, 0)) > 0)
		total += got;
	return total;
}

int main(void)
{
	WSADATA data;
	char buf[3000], out[3000];
	DWORD code;
	WSAStartup(MAKEWORD(2, 2), &data);
	listener = start();
	HANDLE server = CreateThread(NULL, 0, echo, NULL, 0, NULL);
	SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
	INT(connect(s, (void *)&at, sizeof at));
	struct sockaddr_in name;
	int n = sizeof name;
	INT(getpeername(s, (void *)&name, &n));
	INT(name.sin_port == at.sin_port);
	INT(send(s, "hello", 5, 0));
	memset(buf, 0, sizeof buf);
	INT(read_all(s, buf, 5));
	STR(buf);
	for (int i = 0; i < (int)sizeof out; i++)
		out[i] = (char)(i * 7);
	INT(send(s, out, sizeof out, 0));
	INT(read_all(s, buf, sizeof buf));
	INT(memcmp(buf, out, sizeof buf));
	INT(send(s, "peek", 4, 0));
	u_long waiting = 0;
	while (waiting < 4)
		ioctlsocket(s, FIONREAD, &waiting);
	INT(waiting);
	memset(buf, 0, sizeof buf);
	INT(recv(s, buf, 2, MSG_PEEK));
	STR(buf);
	INT(recv(s, buf, 10, 0));
	STR(buf);
	INT(shutdown(s, SD_SEND));
	INT(send(s, "x", 1, 0));
	INT(WSAGetLastError());
	INT(recv(s, buf, 10, 0));
	INT(recv(s, buf, 10, 0));
	WaitForSingleObject(server, INFINITE);
	GetExitCodeThread(server, &code);
	INT(code);
	INT(connect(s, (void *)&at, sizeof at));
	INT(WSAGetLastError());
	INT(closesocket(s));

	/* what the other end leaves unread resets the connection */
	SOCKET c = socket(AF_INET, SOCK_STREAM, 0);
	INT(connect(c, (void *)&at, sizeof at));
	s = accept(listener, NULL, NULL);
	INT(s != INVALID_SOCKET);
	INT(send(c, "unread", 6, 0));
	fd_set set;
	FD_ZERO(&set);
	FD_SET(s, &set);
	INT(select(0, &set, NULL, NULL, NULL));
	INT(FD_ISSET(s, &set) != 0);
	INT(closesocket(s));
	INT(recv(c, buf, 10, 0));
	INT(WSAGetLastError());
	INT(closesocket(c));

	/* time-outs, and waiting for all */
	c = socket(AF_INET, SOCK_STREAM, 0);
	INT(connect(c, (void *)&at, sizeof at));
	s = accept(listener, NULL, NULL);
	DWORD ms = 50;
	INT(setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, sizeof ms));
	INT(recv(c, buf, 1, 0));
	INT(WSAGetLastError());
	ms = 0;
	setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, sizeof ms);
	send(s, "ab", 2, 0);
	send(s, "cd", 2, 0);
	memset(buf, 0, sizeof buf);
	INT(recv(c, buf, 4, MSG_WAITALL));
	STR(buf);
	WSABUF parts[2] = {{2, buf}, {8, buf + 100}};
	DWORD got = 0, flags = 0;
	send(s, "12345", 5, 0);
	FD_ZERO(&set);
	FD_SET(c, &set);
	select(0, &set, NULL, NULL, NULL);
	memset(buf, 0, sizeof buf);
	INT(WSARecv(c, parts, 2, &got, &flags, NULL, NULL));
	INT(got);
	STR(buf);
	STR(buf + 100);
	parts[0].len = 3, parts[1].len = 2;
	memcpy(buf, "abc", 3), memcpy(buf + 100, "de", 2);
	INT(WSASend(s, parts, 2, &got, 0, NULL, NULL));
	INT(got);
	memset(out, 0, sizeof out);
	INT(read_all(c, out, 5));
	STR(out);
	closesocket(s);
	INT(recv(c, buf, 10, 0));
	closesocket(c);
	closesocket(listener);
	INT(WSACleanup());
	return 0;
}
