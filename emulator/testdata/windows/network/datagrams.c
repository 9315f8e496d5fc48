// build: -lws2_32
#include <winsock2.h>
#include <ws2tcpip.h>
#include "check.h"

int main(void)
{
	WSADATA data;
	char buf[200];
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from;
	int n = sizeof at;
	WSAStartup(MAKEWORD(2, 2), &data);
	SOCKET a = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP), b = socket(AF_INET, SOCK_DGRAM, 0);
	INT(bind(a, (void *)&at, sizeof at));
	INT(getsockname(a, (void *)&at, &n));
	INT(sendto(b, "first", 5, 0, (void *)&at, sizeof at));
	INT(sendto(b, "second one", 10, 0, (void *)&at, sizeof at));
	INT(sendto(b, "", 0, 0, (void *)&at, sizeof at));
	memset(buf, 0, sizeof buf);
	n = sizeof from;
	INT(recvfrom(a, buf, sizeof buf, 0, (void *)&from, &n));
	STR(buf);
	INT(n);
	HEX(ntohl(from.sin_addr.s_addr));
	memset(buf, 0, sizeof buf);
	INT(recvfrom(a, buf, 6, 0, (void *)&from, &n));
	INT(WSAGetLastError());
	STR(buf);
	INT(recvfrom(a, buf, 6, 0, NULL, NULL));
	/* an answer to where it came from */
	INT(sendto(a, "answer", 6, 0, (void *)&from, sizeof from));
	memset(buf, 0, sizeof buf);
	INT(recv(b, buf, sizeof buf, 0));
	STR(buf);
	/* a peer of datagrams */
	INT(connect(b, (void *)&at, sizeof at));
	INT(send(b, "to the peer", 11, 0));
	memset(buf, 0, sizeof buf);
	INT(recv(a, buf, sizeof buf, 0));
	STR(buf);
	n = sizeof from;
	INT(getpeername(b, (void *)&from, &n));
	INT(from.sin_port == at.sin_port);
	u_long on = 1;
	INT(ioctlsocket(a, FIONBIO, &on));
	INT(recv(a, buf, sizeof buf, 0));
	INT(WSAGetLastError());
	struct timeval none = {0, 0};
	fd_set readers, writers;
	FD_ZERO(&readers);
	FD_ZERO(&writers);
	FD_SET(a, &readers);
	FD_SET(a, &writers);
	INT(select(0, &readers, &writers, NULL, &none));
	INT(FD_ISSET(a, &readers) != 0);
	INT(FD_ISSET(a, &writers) != 0);
	INT(send(b, "x", 1, 0));
	FD_ZERO(&readers);
	FD_SET(a, &readers);
	INT(select(0, &readers, NULL, NULL, NULL));
	WSAPOLLFD poll[2] = {{a, POLLRDNORM | POLLWRNORM, 0}, {b, POLLRDNORM, 0}};
	INT(WSAPoll(poll, 2, 0));
	HEX(poll[0].revents);
	HEX(poll[1].revents);
	int type = 0;
	n = sizeof type;
	INT(getsockopt(a, SOL_SOCKET, SO_TYPE, (char *)&type, &n));
	INT(type);
	closesocket(a);
	closesocket(b);
	INT(WSACleanup());
	return 0;
}
