// build: -lbcrypt
#include "check.h"
#include <bcrypt.h>

static void digest(const wchar_t *name, ULONG flags)
{
	BCRYPT_ALG_HANDLE a;
	BCRYPT_HASH_HANDLE h, twin;
	UCHAR out[64];
	DWORD n = 0, size = 0;
	char label[64];
	snprintf(label, sizeof label, "%ls %lx", name, flags);
	NTSTATUS s = BCryptOpenAlgorithmProvider(&a, name, NULL, flags);
	CHECK(label, "open %lx", s);
	if (s)
		return;
	CHECK("length", "%lx", BCryptGetProperty(a, BCRYPT_HASH_LENGTH, (PUCHAR)&n, sizeof n, &size, 0));
	INT(n);
	INT(size);
	INT(BCryptCreateHash(a, &h, NULL, 0, (PUCHAR)"secret key", flags ? 10 : 0, 0));
	INT(BCryptHashData(h, (PUCHAR)"The quick brown fox ", 20, 0));
	INT(BCryptDuplicateHash(h, &twin, NULL, 0, 0));
	INT(BCryptHashData(h, (PUCHAR)"jumps over the lazy dog", 23, 0));
	INT(BCryptFinishHash(h, out, n, 0));
	check_bytes(label, out, n);
	INT(BCryptFinishHash(twin, out, n, 0));
	check_bytes("half", out, n);
	INT(BCryptDestroyHash(h));
	INT(BCryptDestroyHash(twin));
	INT(BCryptHash(a, (PUCHAR)"k", flags ? 1 : 0, (PUCHAR)"abc", 3, out, n));
	check_bytes("at once", out, n);
	INT(BCryptCloseAlgorithmProvider(a, 0));
}

int main(void)
{
	const wchar_t *names[] = {BCRYPT_MD5_ALGORITHM, BCRYPT_SHA1_ALGORITHM, BCRYPT_SHA256_ALGORITHM, BCRYPT_SHA384_ALGORITHM, BCRYPT_SHA512_ALGORITHM, BCRYPT_MD4_ALGORITHM};
	for (int i = 0; i < 6; i++) {
		digest(names[i], 0);
		digest(names[i], BCRYPT_ALG_HANDLE_HMAC_FLAG);
	}
	BCRYPT_ALG_HANDLE a;
	HEX(BCryptOpenAlgorithmProvider(&a, L"no such algorithm", NULL, 0));
	HEX(BCryptOpenAlgorithmProvider(NULL, BCRYPT_SHA1_ALGORITHM, NULL, 0));
	HEX(BCryptOpenAlgorithmProvider(&a, NULL, NULL, 0));
	UCHAR key[40];
	BCryptOpenAlgorithmProvider(&a, BCRYPT_SHA1_ALGORITHM, NULL, BCRYPT_ALG_HANDLE_HMAC_FLAG);
	HEX(BCryptDeriveKeyPBKDF2(a, (PUCHAR)"password", 8, (PUCHAR)"salt", 4, 4096, key, 20, 0));
	check_bytes("RFC 6070", key, 20);
	HEX(BCryptDeriveKeyPBKDF2(a, (PUCHAR)"password", 8, (PUCHAR)"salt", 4, 0, key, 20, 0));
	BCRYPT_HASH_HANDLE h;
	HEX(BCryptCreateHash(a, &h, NULL, 0, NULL, 0, 0));
	HEX(BCryptFinishHash(h, key, 5, 0));
	return 0;
}
