// build: -lcrypt32 -ladvapi32
#include "check.h"
#include <wincrypt.h>
#include <ntsecapi.h>

int main(void)
{
	DATA_BLOB in = {12, (BYTE *)"my password"}, out, back, entropy = {4, (BYTE *)"salt"}, other = {4, (BYTE *)"salz"};
	LPWSTR text = NULL;
	INT(CryptProtectData(&in, L"a description", NULL, NULL, NULL, CRYPTPROTECT_UI_FORBIDDEN, &out));
	check_bytes("version and provider", out.pbData, 20);
	INT(CryptUnprotectData(&out, &text, NULL, NULL, NULL, 0, &back));
	WSTR(text);
	INT(back.cbData);
	STR((char *)back.pbData);
	out.pbData[out.cbData - 5] ^= 1;
	SetLastError(0);
	CHECK("changed", "%d, error %lu", CryptUnprotectData(&out, NULL, NULL, NULL, NULL, 0, &back), GetLastError());
	INT(CryptProtectData(&in, L"", &entropy, NULL, NULL, 0, &out));
	INT(CryptUnprotectData(&out, NULL, &entropy, NULL, NULL, 0, &back));
	STR((char *)back.pbData);
	SetLastError(0);
	CHECK("other entropy", "%d, error %lu", CryptUnprotectData(&out, NULL, &other, NULL, NULL, 0, &back), GetLastError());
	SetLastError(0);
	CHECK("no entropy", "%d, error %lu", CryptUnprotectData(&out, NULL, NULL, NULL, NULL, 0, &back), GetLastError());
	SetLastError(0);
	CHECK("no blob", "%d, error %lu", CryptUnprotectData(&in, NULL, NULL, NULL, NULL, 0, &back), GetLastError());
	SetLastError(0);
	CHECK("null", "%d, error %lu", CryptUnprotectData(NULL, NULL, NULL, NULL, NULL, 0, &back), GetLastError());
	return 0;
}
