// build: -lws2_32
#include <winsock2.h>
#include <ws2tcpip.h>
#include "check.h"

static void pton(int family, const char *text)
{
	unsigned char b[16];
	char label[80];
	memset(b, 0xEE, sizeof b);
	WSASetLastError(0);
	int r = inet_pton(family, text, b);
	snprintf(label, sizeof label, "inet_pton %d %s", family, text);
	CHECK(label, "%d, error %d", r, r < 0 ? WSAGetLastError() : 0);
	if (r == 1) {
		char out[64] = "";
		snprintf(label, sizeof label, "bytes of %s", text);
		check_bytes(label, b, family == AF_INET ? 4 : 16);
		snprintf(label, sizeof label, "inet_ntop of %s", text);
		check_text(label, inet_ntop(family, b, out, sizeof out));
	}
}

static void addr(const char *text)
{
	char label[80];
	snprintf(label, sizeof label, "inet_addr %s", text);
	CHECK(label, "%08lx", inet_addr(text));
}

static void string_to_address(const char *text, int family)
{
	char label[80];
	unsigned char b[28];
	int n = sizeof b;
	memset(b, 0xEE, sizeof b);
	WSASetLastError(0);
	int r = WSAStringToAddressA((char *)text, family, NULL, (void *)b, &n);
	snprintf(label, sizeof label, "WSAStringToAddress %s %d", text, family);
	CHECK(label, "%d, error %d, length %d", r, r ? WSAGetLastError() : 0, r ? 0 : n);
	if (r == 0) {
		char out[80];
		DWORD size = sizeof out;
		snprintf(label, sizeof label, "sockaddr of %s", text);
		check_bytes(label, b, n);
		r = WSAAddressToStringA((void *)b, n, NULL, out, &size);
		snprintf(label, sizeof label, "WSAAddressToString of %s", text);
		CHECK(label, "%d, %s, %lu", r, out, size);
	}
}

int main(void)
{
	WSADATA data;
	INT(WSAStartup(MAKEWORD(2, 2), &data));
	HEX(data.wVersion);
	HEX(data.wHighVersion);
	STR(data.szDescription);
	STR(data.szSystemStatus);
	INT(data.iMaxSockets);
	HEX(htons(0x1234));
	HEX(htonl(0x12345678));
	HEX(ntohs(0x50));
	HEX(ntohl(0x7F000001));
	addr("127.0.0.1");
	addr("1.2.3");
	addr("1.2");
	addr("16909060");
	addr("0x7f.1");
	addr("010.0.0.1");
	addr("256.1.1.1");
	addr("1.2.3.4.5");
	addr("1.2.3.x");
	addr("255.255.255.255");
	addr("1.2.3.4 x");
	struct in_addr in = {.s_addr = 0x0403A8C0};
	STR(inet_ntoa(in));
	pton(AF_INET, "192.0.2.1");
	pton(AF_INET, "192.0.2.256");
	pton(AF_INET, "192.0.2");
	pton(AF_INET, "01.2.3.4");
	pton(AF_INET6, "::1");
	pton(AF_INET6, "2001:db8::8:800:200c:417a");
	pton(AF_INET6, "::");
	pton(AF_INET6, "1::2::3");
	pton(AF_INET6, "fe80:0:0:0:0:0:0:1");
	pton(99, "1.2.3.4");
	char small[4];
	struct in_addr a = {.s_addr = 0x04030201};
	WSASetLastError(0);
	CHECK("inet_ntop too small", "%d, error %d", inet_ntop(AF_INET, &a, small, sizeof small) != NULL, WSAGetLastError());
	wchar_t wide[64];
	WSTR(InetNtopW(AF_INET, &a, wide, 64));
	unsigned char b[16];
	INT(InetPtonW(AF_INET, L"10.20.30.40", b));
	check_bytes("InetPtonW", b, 4);
	string_to_address("192.0.2.7", AF_INET);
	string_to_address("192.0.2.7:8080", AF_INET);
	string_to_address("192.0.2.7:80800", AF_INET);
	string_to_address("host.example", AF_INET);
	string_to_address("::1", AF_INET6);
	string_to_address("[2001:db8::1]:443", AF_INET6);
	string_to_address("1.2.3.4", 77);
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = 0x0100007F};
	DWORD size = 5;
	char text[32] = "?";
	int r = WSAAddressToStringA((void *)&sa, sizeof sa, NULL, text, &size);
	CHECK("WSAAddressToString too small", "%d, error %d, %lu", r, WSAGetLastError(), size);
	size = 32;
	wchar_t wtext[32];
	INT(WSAAddressToStringW((void *)&sa, sizeof sa, NULL, wtext, &size));
	WSTR(wtext);
	INT(size);
	INT(WSACleanup());
	INT(WSACleanup());
	INT(WSAGetLastError());
	return 0;
}
