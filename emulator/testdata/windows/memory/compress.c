// build: -Wno-cast-function-type
#include "check.h"

typedef LONG(WINAPI *compress)(USHORT, UCHAR *, ULONG, UCHAR *, ULONG, ULONG, ULONG *, void *);
typedef LONG(WINAPI *decompress)(USHORT, UCHAR *, ULONG, UCHAR *, ULONG, ULONG *);
typedef LONG(WINAPI *fragment)(USHORT, UCHAR *, ULONG, UCHAR *, ULONG, ULONG, ULONG *, void *);
typedef LONG(WINAPI *space)(USHORT, ULONG *, ULONG *);

static UCHAR text[9000], packed[20000], out[9000];

int main(void)
{
	HMODULE ntdll = GetModuleHandleA("ntdll.dll");
	compress pack = (compress)GetProcAddress(ntdll, "RtlCompressBuffer");
	decompress unpack = (decompress)GetProcAddress(ntdll, "RtlDecompressBuffer");
	fragment part = (fragment)GetProcAddress(ntdll, "RtlDecompressFragment");
	space room = (space)GetProcAddress(ntdll, "RtlGetCompressionWorkSpaceSize");
	ULONG a = 0, b = 0, n = 0, m = 0;
	static UCHAR work[0x40000];
	for (unsigned i = 0; i < sizeof text; i++)
		text[i] = "the quick brown fox "[i % 20] + i / 3000;
	INT(room(2, &a, &b));
	INT(a > 0 && a <= sizeof work);
	HEX(room(0, &a, &b) & 0xFFFFFFFF);
	HEX(room(1, &a, &b) & 0xFFFFFFFF);
	HEX(room(9, &a, &b) & 0xFFFFFFFF);
	INT(pack(2, text, sizeof text, packed, sizeof packed, 4096, &n, work));
	INT(n > 0);
	INT(unpack(2, out, sizeof out, packed, n, &m));
	INT(m);
	INT(memcmp(text, out, sizeof text));
	memset(out, 0, sizeof out);
	INT(unpack(2, out, 100, packed, n, &m));
	INT(m);
	INT(memcmp(text, out, 100));
	INT(out[100]);
	INT(part(2, out, 500, packed, n, 4000, &m, work));
	INT(m);
	INT(memcmp(text + 4000, out, 500));
	HEX(pack(2, text, sizeof text, packed, 10, 4096, &n, work) & 0xFFFFFFFF);
	HEX(pack(0, text, sizeof text, packed, 10, 4096, &n, work) & 0xFFFFFFFF);
	HEX(pack(9, text, sizeof text, packed, 10, 4096, &n, work) & 0xFFFFFFFF);
	HEX(unpack(0, out, 10, packed, 10, &n) & 0xFFFFFFFF);
	HEX(unpack(9, out, 10, packed, 10, &n) & 0xFFFFFFFF);
	UCHAR bad[] = {0x05, 0xB0, 0x01, 0xFF, 0xFF, 0x00};
	HEX(unpack(2, out, 100, bad, sizeof bad, &n) & 0xFFFFFFFF);
	UCHAR stored[] = {0x04, 0x30, 'h', 'e', 'l', 'l', 'o', 0, 0};
	INT(unpack(2, out, 100, stored, sizeof stored, &m));
	CHECK("stored", "%.*s", (int)m, out);
	UCHAR repeated[] = {0x03, 0xB0, 0x02, 'a', 0x05, 0x00};
	INT(unpack(2, out, 100, repeated, sizeof repeated, &m));
	CHECK("repeated", "%.*s", (int)m, out);
	return 0;
}
