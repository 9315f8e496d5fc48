// build: -lws2_32
#include <winsock2.h>
#include <ws2tcpip.h>
#include "check.h"

#define SOCKET_FAILS(x) do { WSASetLastError(0); long long r_ = (long long)(x); CHECK(#x, "%lld, error %d", r_, r_ < 0 ? WSAGetLastError() : 0); } while (0)

int main(void)
{
	WSADATA data;
	char buf[64];
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = 0x0100007F};
	int n = sizeof sa, v, size;

	SOCKET_FAILS((int)socket(AF_INET, SOCK_STREAM, 0));
	SOCKET_FAILS(gethostname(buf, sizeof buf));
	SOCKET_FAILS(select(0, NULL, NULL, NULL, NULL));
	INT(WSAStartup(0, &data));
	INT(WSAStartup(MAKEWORD(1, 0), &data));
	HEX(data.wVersion);
	INT(WSAStartup(MAKEWORD(1, 1), &data));
	HEX(data.wVersion);
	INT(WSAStartup(MAKEWORD(2, 0), &data));
	HEX(data.wVersion);
	INT(WSAStartup(MAKEWORD(3, 9), &data));
	HEX(data.wVersion);
	INT(WSAStartup(MAKEWORD(2, 2), NULL));
	SOCKET_FAILS((int)socket(77, SOCK_STREAM, 0));
	SOCKET_FAILS((int)socket(AF_INET, 77, 0));
	SOCKET_FAILS((int)socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	SOCKET_FAILS(closesocket(0x7654));
	SOCKET_FAILS(bind(0x7654, (void *)&sa, sizeof sa));
	SOCKET_FAILS(send(0x7654, "x", 1, 0));
	SOCKET_FAILS(recv(INVALID_SOCKET, buf, 1, 0));
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	INT(s != INVALID_SOCKET);
	SOCKET_FAILS(send(s, "x", 1, 0));
	SOCKET_FAILS(recv(s, buf, 1, 0));
	SOCKET_FAILS(getpeername(s, (void *)&sa, &n));
	SOCKET_FAILS(getsockname(s, (void *)&sa, &n));
	SOCKET_FAILS(listen(s, 5));
	SOCKET_FAILS((int)accept(s, NULL, NULL));
	SOCKET_FAILS(shutdown(s, SD_SEND));
	SOCKET_FAILS(bind(s, (void *)&sa, 4));
	sa.sin_family = AF_INET;
	sa.sin_addr.s_addr = 0x08080808;
	SOCKET_FAILS(bind(s, (void *)&sa, sizeof sa));
	sa.sin_addr.s_addr = 0x0100007F;
	sa.sin_port = 0;
	SOCKET_FAILS(bind(s, (void *)&sa, sizeof sa));
	SOCKET_FAILS(bind(s, (void *)&sa, sizeof sa));
	n = sizeof sa;
	INT(getsockname(s, (void *)&sa, &n));
	INT(n);
	INT(sa.sin_port != 0);
	INT(sa.sin_family);
	HEX(sa.sin_addr.s_addr);
	SOCKET t = socket(AF_INET, SOCK_STREAM, 0);
	SOCKET_FAILS(bind(t, (void *)&sa, sizeof sa));
	size = sizeof v;
	SOCKET_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&v, &size));
	INT(v);
	SOCKET_FAILS(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&v, &size));
	INT(v);
	SOCKET_FAILS(getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, (char *)&v, &size));
	INT(v);
	SOCKET_FAILS(listen(s, 5));
	size = sizeof v;
	SOCKET_FAILS(getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, (char *)&v, &size));
	INT(v);
	v = 1500;
	SOCKET_FAILS(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&v, sizeof v));
	v = 0;
	size = sizeof v;
	SOCKET_FAILS(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&v, &size));
	INT(v);
	v = 1;
	SOCKET_FAILS(setsockopt(t, SOL_SOCKET, SO_REUSEADDR, (char *)&v, sizeof v));
	v = 7;
	size = sizeof v;
	SOCKET_FAILS(getsockopt(t, SOL_SOCKET, SO_REUSEADDR, (char *)&v, &size));
	INT(v);
	SOCKET_FAILS(setsockopt(t, SOL_SOCKET, SO_REUSEADDR, NULL, sizeof v));
	SOCKET_FAILS(connect(s, (void *)&sa, sizeof sa));
	SOCKET u = socket(AF_INET, SOCK_DGRAM, 0);
	SOCKET_FAILS(listen(u, 5));
	SOCKET_FAILS((int)accept(u, NULL, NULL));
	SOCKET_FAILS(send(u, "x", 1, 0));
	u_long no = 1;
	SOCKET_FAILS(ioctlsocket(s, FIONBIO, &no));
	SOCKET_FAILS((int)accept(s, NULL, NULL));
	SOCKET_FAILS(ioctlsocket(s, FIONREAD, &no));
	INT(no);
	fd_set set;
	struct timeval none = {0, 0};
	FD_ZERO(&set);
	FD_SET(s, &set);
	SOCKET_FAILS(select(0, &set, NULL, NULL, &none));
	INT(set.fd_count);
	FD_SET((SOCKET)0x7654, &set);
	SOCKET_FAILS(select(0, &set, NULL, NULL, &none));
	FD_ZERO(&set);
	SOCKET_FAILS(select(0, &set, NULL, NULL, &none));
	SOCKET_FAILS(closesocket(s));
	SOCKET_FAILS(closesocket(s));
	INT(closesocket(t));
	INT(closesocket(u));
	/* nothing listens: refused */
	SOCKET r = socket(AF_INET, SOCK_STREAM, 0);
	sa.sin_port = htons(1);
	SOCKET_FAILS(connect(r, (void *)&sa, sizeof sa));
	INT(closesocket(r));
	r = socket(AF_INET, SOCK_STREAM, 0);
	sa.sin_port = 0;
	v = connect(r, (void *)&sa, sizeof sa);
	CHECK("port 0", "%d, error %d", v, WSAGetLastError());
	INT(closesocket(r));
	return 0;
}
