// build: -ladvapi32
#include "check.h"
#include <wincrypt.h>

static HCRYPTPROV prov;

static void derive(ALG_ID hash, ALG_ID algorithm, DWORD flags)
{
	HCRYPTHASH h;
	HCRYPTKEY k;
	BYTE buf[64];
	DWORD n = 21;
	char label[64];
	snprintf(label, sizeof label, "derive %x %x %lx", hash, algorithm, flags);
	BOOL r = CryptCreateHash(prov, hash, 0, 0, &h);
	CHECK(label, "hash %d", r);
	CryptHashData(h, (BYTE *)"password", 8, 0);
	SetLastError(0);
	r = CryptDeriveKey(prov, algorithm, h, flags, &k);
	CHECK(label, "key %d, error %lx", r, r ? 0 : GetLastError());
	if (!r)
		return;
	memcpy(buf, "attack at dawn, maybe", 22);
	if (algorithm != CALG_RC4)
		INT(CryptEncrypt(k, 0, TRUE, 0, NULL, &n, 0));
	if (algorithm != CALG_RC4)
		INT(n);
	n = 21;
	INT(CryptEncrypt(k, 0, TRUE, 0, buf, &n, sizeof buf));
	check_bytes(label, buf, n);
	INT(CryptDecrypt(k, 0, TRUE, 0, buf, &n));
	INT(n);
	buf[n] = 0;
	STR((char *)buf);
	INT(CryptDestroyKey(k));
	INT(CryptDestroyHash(h));
}

int main(void)
{
	INT(CryptAcquireContextA(&prov, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
	HCRYPTHASH h;
	BYTE out[64];
	DWORD n;
	ALG_ID hashes[] = {CALG_MD5, CALG_SHA1, CALG_SHA_256, CALG_SHA_384, CALG_SHA_512, CALG_MD4};
	for (int i = 0; i < 6; i++) {
		BOOL r = CryptCreateHash(prov, hashes[i], 0, 0, &h);
		CHECK("hash", "%x: %d", hashes[i], r);
		INT(CryptHashData(h, (BYTE *)"abc", 3, 0));
		n = sizeof out;
		INT(CryptGetHashParam(h, HP_HASHVAL, out, &n, 0));
		check_bytes("value", out, n);
		CHECK("after", "%d, error %lx", CryptHashData(h, (BYTE *)"abc", 3, 0), GetLastError());
		CryptDestroyHash(h);
	}
	derive(CALG_SHA1, CALG_RC4, 0);
	derive(CALG_MD5, CALG_RC4, 128 << 16);
	derive(CALG_SHA1, CALG_AES_128, 0);
	derive(CALG_SHA1, CALG_AES_256, 0);
	derive(CALG_SHA_256, CALG_AES_256, 0);
	derive(CALG_SHA_256, CALG_AES_192, 0);
	derive(CALG_MD5, CALG_3DES, 0);
	derive(CALG_MD5, CALG_DES, 0);
	derive(CALG_SHA1, 0x1234, 0);
	/* a key that is given */
	struct {
		BLOBHEADER head;
		DWORD size;
		BYTE key[16];
	} blob = {{PLAINTEXTKEYBLOB, CUR_BLOB_VERSION, 0, CALG_AES_128}, 16, "0123456789abcdef"};
	HCRYPTKEY k;
	INT(CryptImportKey(prov, (BYTE *)&blob, sizeof blob, 0, 0, &k));
	DWORD mode = 0;
	n = sizeof mode;
	INT(CryptGetKeyParam(k, KP_MODE, (BYTE *)&mode, &n, 0));
	INT(mode);
	n = sizeof mode;
	INT(CryptGetKeyParam(k, KP_KEYLEN, (BYTE *)&mode, &n, 0));
	INT(mode);
	INT(CryptSetKeyParam(k, KP_IV, (BYTE *)"fedcba9876543210", 0));
	memcpy(out, "sixteen bytes...", 16);
	n = 16;
	INT(CryptEncrypt(k, 0, TRUE, 0, out, &n, sizeof out));
	check_bytes("CBC", out, n);
	mode = CRYPT_MODE_ECB;
	INT(CryptSetKeyParam(k, KP_MODE, (BYTE *)&mode, 0));
	memcpy(out, "sixteen bytes...", 16);
	n = 16;
	INT(CryptEncrypt(k, 0, FALSE, 0, out, &n, sizeof out));
	check_bytes("ECB", out, n);
	/* HMAC, with a key that is given */
	struct {
		BLOBHEADER head;
		DWORD size;
		BYTE key[10];
	} secret = {{PLAINTEXTKEYBLOB, CUR_BLOB_VERSION, 0, CALG_RC4}, 10, "secret key"};
	INT(CryptImportKey(prov, (BYTE *)&secret, sizeof secret, 0, 0, &k));
	INT(CryptCreateHash(prov, CALG_HMAC, k, 0, &h));
	HMAC_INFO info = {.HashAlgid = CALG_SHA_256};
	INT(CryptSetHashParam(h, HP_HMAC_INFO, (BYTE *)&info, 0));
	INT(CryptHashData(h, (BYTE *)"abc", 3, 0));
	n = sizeof out;
	INT(CryptGetHashParam(h, HP_HASHVAL, out, &n, 0));
	check_bytes("HMAC", out, n);
	CHECK("bad handle", "%d, error %lx", CryptDestroyKey(0x1230), GetLastError());
	INT(CryptReleaseContext(prov, 0));
	return 0;
}
