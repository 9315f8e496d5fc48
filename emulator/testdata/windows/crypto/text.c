// build: -lcrypt32
#include "check.h"
#include <wincrypt.h>

static BYTE data[40];

static void to_text(DWORD flags, DWORD n)
{
	char out[600], label[64];
	DWORD size = 0;
	snprintf(label, sizeof label, "to text %lx %lu", flags, n);
	BOOL r = CryptBinaryToStringA(data, n, flags, NULL, &size);
	CHECK(label, "%d, %lu", r, size);
	size = sizeof out;
	memset(out, 0, sizeof out);
	r = CryptBinaryToStringA(data, n, flags, out, &size);
	CHECK(label, "%d, %lu", r, size);
	check_bytes(label, out, size < sizeof out ? size : 0);
	if (n > 20)
		return;
	BYTE back[64];
	DWORD m = sizeof back, skip = 77, used = 77;
	SetLastError(0);
	r = CryptStringToBinaryA(out, 0, flags & 0xFF, back, &m, &skip, &used);
	CHECK("back", "%d, %lu, %lu, %lu, equal %d", r, r ? m : GetLastError(), skip, used, r && m == n && !memcmp(back, data, n));
}

static void to_bytes(const char *text, DWORD flags)
{
	BYTE out[200];
	DWORD n = sizeof out, skip = 0, used = 0;
	char label[100];
	snprintf(label, sizeof label, "to bytes %lx %s", flags, text);
	for (char *p = label; *p; p++)
		if (*p == '\n' || *p == '\r')
			*p = '|';
	SetLastError(0);
	BOOL r = CryptStringToBinaryA(text, 0, flags, out, &n, &skip, &used);
	CHECK(label, "%d, error %lu, skip %lu, used %lu", r, GetLastError(), r ? skip : 0, r ? used : 0);
	if (r)
		check_bytes(label, out, n);
}

int main(void)
{
	for (int i = 0; i < 40; i++)
		data[i] = (BYTE)(i * 37 + 11);
	DWORD formats[] = {CRYPT_STRING_BASE64, CRYPT_STRING_BASE64HEADER, CRYPT_STRING_BASE64REQUESTHEADER, CRYPT_STRING_BASE64X509CRLHEADER};
	for (int i = 0; i < 4; i++) {
		to_text(formats[i], 10);
		to_text(formats[i], 20);
		to_text(formats[i], 40);
		to_text(formats[i] | CRYPT_STRING_NOCRLF, 20);
		to_text(formats[i] | CRYPT_STRING_NOCR, 40);
	}
	to_bytes("SGVsbG8=", CRYPT_STRING_BASE64);
	to_bytes("SGVs\r\nbG8=", CRYPT_STRING_BASE64);
	to_bytes("SGVsbG8", CRYPT_STRING_BASE64);
	to_bytes("SGVsb!8=", CRYPT_STRING_BASE64);
	to_bytes("-----BEGIN X-----\r\nSGVsbG8=\r\n-----END X-----", CRYPT_STRING_BASE64HEADER);
	to_bytes("-----BEGIN X-----\r\nSGVsbG8=\r\n-----END X-----", CRYPT_STRING_BASE64_ANY);
	to_bytes("SGVsbG8=", CRYPT_STRING_BASE64_ANY);
	to_bytes("SGVsbG8=", CRYPT_STRING_BASE64HEADER);
	to_bytes("SGVsbG8=", CRYPT_STRING_ANY);
	return 0;
}
