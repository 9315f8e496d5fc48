// build: -lbcrypt
#include "check.h"
#include <bcrypt.h>

static UCHAR key[32], iv[16], plain[64], out[128], back[128];

static void run(const wchar_t *algorithm, const wchar_t *mode, ULONG size, ULONG block, ULONG flags, ULONG n)
{
	BCRYPT_ALG_HANDLE a;
	BCRYPT_KEY_HANDLE k;
	UCHAR v[16];
	ULONG got = 0;
	char label[80];
	snprintf(label, sizeof label, "%ls %ls %lu %lx %lu", algorithm, mode, size, flags, n);
	INT(BCryptOpenAlgorithmProvider(&a, algorithm, NULL, 0));
	HEX(BCryptSetProperty(a, BCRYPT_CHAINING_MODE, (PUCHAR)mode, 2 * (wcslen(mode) + 1), 0));
	HEX(BCryptGenerateSymmetricKey(a, &k, NULL, 0, key, size, 0));
	memcpy(v, iv, sizeof v);
	BOOL ecb = !wcscmp(mode, BCRYPT_CHAIN_MODE_ECB);
	HEX(BCryptEncrypt(k, plain, n, NULL, ecb ? NULL : v, ecb ? 0 : block, NULL, 0, &got, flags));
	INT(got);
	NTSTATUS s = BCryptEncrypt(k, plain, n, NULL, ecb ? NULL : v, ecb ? 0 : block, out, sizeof out, &got, flags);
	CHECK(label, "%lx, %lu", s, got);
	if (!s) {
		check_bytes("ciphertext", out, got);
		ULONG m = 0;
		memcpy(v, iv, sizeof v);
		HEX(BCryptDecrypt(k, out, got, NULL, ecb ? NULL : v, ecb ? 0 : block, back, sizeof back, &m, flags));
		INT(m);
		INT(memcmp(back, plain, n));
	}
	INT(BCryptDestroyKey(k));
	INT(BCryptCloseAlgorithmProvider(a, 0));
}

static void gcm(ULONG size)
{
	BCRYPT_ALG_HANDLE a;
	BCRYPT_KEY_HANDLE k;
	UCHAR tag[16], nonce[12];
	ULONG got = 0;
	BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO info;
	BCRYPT_INIT_AUTH_MODE_INFO(info);
	memset(nonce, 7, sizeof nonce);
	info.pbNonce = nonce, info.cbNonce = sizeof nonce;
	info.pbAuthData = (PUCHAR)"header", info.cbAuthData = 6;
	info.pbTag = tag, info.cbTag = sizeof tag;
	BCryptOpenAlgorithmProvider(&a, BCRYPT_AES_ALGORITHM, NULL, 0);
	HEX(BCryptSetProperty(a, BCRYPT_CHAINING_MODE, (PUCHAR)BCRYPT_CHAIN_MODE_GCM, sizeof BCRYPT_CHAIN_MODE_GCM, 0));
	HEX(BCryptGenerateSymmetricKey(a, &k, NULL, 0, key, size, 0));
	HEX(BCryptEncrypt(k, plain, 37, &info, NULL, 0, out, sizeof out, &got, 0));
	INT(got);
	check_bytes("GCM", out, got);
	check_bytes("tag", tag, 16);
	HEX(BCryptDecrypt(k, out, 37, &info, NULL, 0, back, sizeof back, &got, 0));
	INT(memcmp(back, plain, 37));
	tag[3] ^= 1;
	HEX(BCryptDecrypt(k, out, 37, &info, NULL, 0, back, sizeof back, &got, 0));
	INT(BCryptDestroyKey(k));
	INT(BCryptCloseAlgorithmProvider(a, 0));
}

int main(void)
{
	for (int i = 0; i < 64; i++) {
		plain[i] = (UCHAR)(i * 3 + 1);
		if (i < 32)
			key[i] = (UCHAR)(i ^ 0xA5);
		if (i < 16)
			iv[i] = (UCHAR)(0xF0 - i);
	}
	for (ULONG size = 16; size <= 32; size += 8) {
		run(BCRYPT_AES_ALGORITHM, BCRYPT_CHAIN_MODE_CBC, size, 16, BCRYPT_BLOCK_PADDING, 20);
		run(BCRYPT_AES_ALGORITHM, BCRYPT_CHAIN_MODE_CBC, size, 16, 0, 32);
		run(BCRYPT_AES_ALGORITHM, BCRYPT_CHAIN_MODE_ECB, size, 16, BCRYPT_BLOCK_PADDING, 32);
		if (size != 24)
			gcm(size);
	}
	run(BCRYPT_AES_ALGORITHM, BCRYPT_CHAIN_MODE_CBC, 16, 16, 0, 20);
	run(BCRYPT_AES_ALGORITHM, BCRYPT_CHAIN_MODE_CFB, 16, 16, 0, 16);
	run(BCRYPT_3DES_ALGORITHM, BCRYPT_CHAIN_MODE_CBC, 24, 8, BCRYPT_BLOCK_PADDING, 20);
	return 0;
}
