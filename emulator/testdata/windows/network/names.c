// build: -lws2_32
#include <winsock2.h>
#include <ws2tcpip.h>
#include "check.h"

static void look(const char *node, const char *service, int flags, int family, int kind)
{
	struct addrinfo hints = {.ai_flags = flags, .ai_family = family, .ai_socktype = kind}, *list = (void *)1;
	char label[100];
	WSASetLastError(0);
	int r = getaddrinfo(node, service, &hints, &list);
	snprintf(label, sizeof label, "getaddrinfo %s %s %x %d %d", node ? node : "null", service ? service : "null", flags, family, kind);
	CHECK(label, "%d, error %d", r, r ? WSAGetLastError() : 0);
	if (r)
		return;
	CHECK("entry", "family %d, type %d, length %d, canonical %s", list->ai_family, list->ai_socktype, (int)list->ai_addrlen, list->ai_canonname ? list->ai_canonname : "none");
	char host[64], port[32];
	CHECK("names", "%d", getnameinfo(list->ai_addr, (int)list->ai_addrlen, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV));
	STR(host);
	STR(port);
	freeaddrinfo(list);
}

int main(void)
{
	WSADATA data;
	struct addrinfo *list;
	INT(getaddrinfo("127.0.0.1", NULL, NULL, &list));
	WSAStartup(MAKEWORD(2, 2), &data);
	look("127.0.0.1", "80", 0, AF_UNSPEC, SOCK_STREAM);
	look("192.0.2.3", NULL, AI_NUMERICHOST, AF_INET, SOCK_STREAM);
	look("::1", "443", AI_NUMERICHOST, AF_UNSPEC, SOCK_STREAM);
	look("192.0.2.3", NULL, AI_CANONNAME, AF_INET, SOCK_STREAM);
	look("no numbers", NULL, AI_NUMERICHOST, AF_INET, SOCK_STREAM);
	look("192.0.2.3", "https", AI_NUMERICHOST, AF_INET, SOCK_STREAM);
	look(NULL, "8080", AI_PASSIVE, AF_INET, SOCK_STREAM);
	look(NULL, "8080", 0, AF_INET, SOCK_STREAM);
	look(NULL, NULL, 0, AF_INET, SOCK_STREAM);
	look("127.0.0.1", "80", 0, 77, SOCK_STREAM);
	look("localhost", "25", 0, AF_INET, SOCK_DGRAM);
	struct hostent *h = gethostbyname("localhost");
	INT(h != NULL);
	INT(h->h_addrtype);
	INT(h->h_length);
	HEX(*(DWORD *)h->h_addr_list[0]);
	struct servent *s = getservbyname("https", "tcp");
	INT(s != NULL);
	STR(s->s_name);
	INT(ntohs(s->s_port));
	STR(s->s_proto);
	s = getservbyport(htons(25), "tcp");
	STR(s ? s->s_name : NULL);
	CHECK("no service", "%d, error %d", getservbyname("no such service", NULL) != NULL, WSAGetLastError());
	struct protoent *p = getprotobyname("tcp");
	INT(p ? p->p_proto : -1);
	STR(p->p_aliases[0]);
	p = getprotobynumber(17);
	STR(p ? p->p_name : NULL);
	CHECK("no protocol", "%d", getprotobyname("no such protocol") != NULL);
	char name[256];
	INT(gethostname(name, sizeof name));
	INT(strlen(name) > 0);
	WSASetLastError(0);
	CHECK("gethostname too small", "%d, error %d", gethostname(name, 1), WSAGetLastError());
	INT(WSACleanup());
	return 0;
}
