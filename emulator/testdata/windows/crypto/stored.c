// build: -lncrypt -lbcrypt
#include "check.h"
#include <bcrypt.h>
#include <ncrypt.h>

int main(void)
{
	NCRYPT_PROV_HANDLE p = 0;
	NCRYPT_KEY_HANDLE k = 0, public = 0;
	HEX(NCryptOpenStorageProvider(&p, MS_KEY_STORAGE_PROVIDER, 0));
	INT(p != 0);
	HEX(NCryptCreatePersistedKey(p, &k, BCRYPT_RSA_ALGORITHM, NULL, 0, 0));
	HEX(NCryptCreatePersistedKey(0, &k, BCRYPT_RSA_ALGORITHM, NULL, 0, 0));
	DWORD bits = 1024, got = 0, n = 0;
	HEX(NCryptSetProperty(k, NCRYPT_LENGTH_PROPERTY, (BYTE *)&bits, sizeof bits, 0));
	HEX(NCryptFinalizeKey(k, 0));
	HEX(NCryptFinalizeKey(0, 0));
	HEX(NCryptGetProperty(k, NCRYPT_LENGTH_PROPERTY, (BYTE *)&got, sizeof got, &n, 0));
	INT(got);
	INT(n);
	INT(NCryptIsKeyHandle(k));

	BYTE blob[1024];
	HEX(NCryptExportKey(k, 0, BCRYPT_RSAPUBLIC_BLOB, NULL, NULL, 0, &n, 0));
	INT(n);
	HEX(NCryptExportKey(k, 0, BCRYPT_RSAPUBLIC_BLOB, NULL, blob, 10, &n, 0));
	HEX(NCryptExportKey(k, 0, BCRYPT_RSAPUBLIC_BLOB, NULL, blob, sizeof blob, &n, 0));
	INT(n);
	check_bytes("magic", blob, 4);
	HEX(NCryptImportKey(p, 0, BCRYPT_RSAPUBLIC_BLOB, NULL, &public, blob, n, 0));
	HEX(NCryptGetProperty(public, NCRYPT_LENGTH_PROPERTY, (BYTE *)&got, sizeof got, &n, 0));
	INT(got);

	BYTE hash[20] = {1, 2, 3}, signature[128], other[128];
	BCRYPT_PKCS1_PADDING_INFO pad = {BCRYPT_SHA1_ALGORITHM};
	HEX(NCryptSignHash(k, &pad, hash, sizeof hash, NULL, 0, &n, BCRYPT_PAD_PKCS1));
	INT(n);
	HEX(NCryptSignHash(k, &pad, hash, sizeof hash, signature, sizeof signature, &n, BCRYPT_PAD_PKCS1));
	HEX(NCryptVerifySignature(public, &pad, hash, sizeof hash, signature, n, BCRYPT_PAD_PKCS1));
	hash[0] ^= 1;
	HEX(NCryptVerifySignature(public, &pad, hash, sizeof hash, signature, n, BCRYPT_PAD_PKCS1));

	HEX(NCryptEncrypt(public, (BYTE *)"a small secret", 14, NULL, other, sizeof other, &n, NCRYPT_PAD_PKCS1_FLAG));
	INT(n);
	HEX(NCryptDecrypt(k, other, n, NULL, blob, sizeof blob, &n, NCRYPT_PAD_PKCS1_FLAG));
	CHECK("decrypted", "%lu, %d", n, memcmp(blob, "a small secret", 14));
	HEX(NCryptFreeObject(public));
	HEX(NCryptFreeObject(k));
	INT(NCryptIsKeyHandle(0));
	HEX(NCryptFreeObject(p));
	HEX(NCryptFreeObject(0));
	return 0;
}
