// build: -lbcrypt
#include "check.h"
#include <bcrypt.h>

static UCHAR digest[32] = "a digest of thirty-two bytes....";

static void rsa(void)
{
	BCRYPT_ALG_HANDLE a;
	BCRYPT_KEY_HANDLE k, p;
	UCHAR blob[2000], sig[512];
	ULONG n = 0;
	HEX(BCryptOpenAlgorithmProvider(&a, BCRYPT_RSA_ALGORITHM, NULL, 0));
	HEX(BCryptGenerateKeyPair(a, &k, 1024, 0));
	HEX(BCryptFinalizeKeyPair(k, 0));
	HEX(BCryptExportKey(k, NULL, BCRYPT_RSAPUBLIC_BLOB, NULL, 0, &n, 0));
	INT(n);
	HEX(BCryptExportKey(k, NULL, BCRYPT_RSAPUBLIC_BLOB, blob, sizeof blob, &n, 0));
	check_bytes("header", blob, 24);
	HEX(BCryptImportKeyPair(a, NULL, BCRYPT_RSAPUBLIC_BLOB, &p, blob, n, 0));
	BCRYPT_PKCS1_PADDING_INFO pad = {BCRYPT_SHA256_ALGORITHM};
	HEX(BCryptSignHash(k, &pad, digest, 32, NULL, 0, &n, BCRYPT_PAD_PKCS1));
	INT(n);
	HEX(BCryptSignHash(k, &pad, digest, 32, sig, sizeof sig, &n, BCRYPT_PAD_PKCS1));
	HEX(BCryptVerifySignature(p, &pad, digest, 32, sig, n, BCRYPT_PAD_PKCS1));
	sig[5] ^= 1;
	HEX(BCryptVerifySignature(p, &pad, digest, 32, sig, n, BCRYPT_PAD_PKCS1));
	BCRYPT_PSS_PADDING_INFO pss = {BCRYPT_SHA256_ALGORITHM, 32};
	HEX(BCryptSignHash(k, &pss, digest, 32, sig, sizeof sig, &n, BCRYPT_PAD_PSS));
	HEX(BCryptVerifySignature(p, &pss, digest, 32, sig, n, BCRYPT_PAD_PSS));
	HEX(BCryptDestroyKey(p));
	HEX(BCryptDestroyKey(k));
	HEX(BCryptCloseAlgorithmProvider(a, 0));
}

static void curve(const wchar_t *sign, const wchar_t *agree)
{
	BCRYPT_ALG_HANDLE a;
	BCRYPT_KEY_HANDLE k, other;
	UCHAR blob[500], sig[200];
	ULONG n = 0;
	char label[40];
	snprintf(label, sizeof label, "%ls", sign);
	CHECK(label, "%lx", BCryptOpenAlgorithmProvider(&a, sign, NULL, 0));
	HEX(BCryptGenerateKeyPair(a, &k, 0, 0));
	HEX(BCryptFinalizeKeyPair(k, 0));
	HEX(BCryptExportKey(k, NULL, BCRYPT_ECCPUBLIC_BLOB, blob, sizeof blob, &n, 0));
	INT(n);
	check_bytes("header", blob, 8);
	HEX(BCryptImportKeyPair(a, NULL, BCRYPT_ECCPUBLIC_BLOB, &other, blob, n, 0));
	HEX(BCryptSignHash(k, NULL, digest, 32, sig, sizeof sig, &n, 0));
	INT(n);
	HEX(BCryptVerifySignature(other, NULL, digest, 32, sig, n, 0));
	digest[0] ^= 1;
	HEX(BCryptVerifySignature(other, NULL, digest, 32, sig, n, 0));
	digest[0] ^= 1;
	HEX(BCryptDestroyKey(other));
	HEX(BCryptDestroyKey(k));
	HEX(BCryptCloseAlgorithmProvider(a, 0));
	(void)agree;
}

int main(void)
{
	rsa();
	curve(BCRYPT_ECDSA_P256_ALGORITHM, BCRYPT_ECDH_P256_ALGORITHM);
	curve(BCRYPT_ECDSA_P384_ALGORITHM, BCRYPT_ECDH_P384_ALGORITHM);
	/* RFC 6979, A.2.5 */
	BCRYPT_ALG_HANDLE a;
	BCRYPT_KEY_HANDLE k;
	UCHAR blob[8 + 64] = {'E', 'C', 'S', '1', 32, 0, 0, 0,
		0x60, 0xFE, 0xD4, 0xBA, 0x25, 0x5A, 0x9D, 0x31, 0xC9, 0x61, 0xEB, 0x74, 0xC6, 0x35, 0x6D, 0x68, 0xC0, 0x49, 0xB8, 0x92, 0x3B, 0x61, 0xFA, 0x6C, 0xE6, 0x69, 0x62, 0x2E, 0x60, 0xF2, 0x9F, 0xB6,
		0x79, 0x03, 0xFE, 0x10, 0x08, 0xB8, 0xBC, 0x99, 0xA4, 0x1A, 0xE9, 0xE9, 0x56, 0x28, 0xBC, 0x64, 0xF2, 0xF1, 0xB2, 0x0C, 0x2D, 0x7E, 0x9F, 0x51, 0x77, 0xA3, 0xC2, 0x94, 0xD4, 0x46, 0x22, 0x99};
	UCHAR sig[64] = {
		0xEF, 0xD4, 0x8B, 0x2A, 0xAC, 0xB6, 0xA8, 0xFD, 0x11, 0x40, 0xDD, 0x9C, 0xD4, 0x5E, 0x81, 0xD6, 0x9D, 0x2C, 0x87, 0x7B, 0x56, 0xAA, 0xF9, 0x91, 0xC3, 0x4D, 0x0E, 0xA8, 0x4E, 0xAF, 0x37, 0x16,
		0xF7, 0xCB, 0x1C, 0x94, 0x2D, 0x65, 0x7C, 0x41, 0xD4, 0x36, 0xC7, 0xA1, 0xB6, 0xE2, 0x9F, 0x65, 0xF3, 0xE9, 0x00, 0xDB, 0xB9, 0xAF, 0xF4, 0x06, 0x4D, 0xC4, 0xAB, 0x2F, 0x84, 0x3A, 0xCD, 0xA8};
	UCHAR hash[32];
	BCryptOpenAlgorithmProvider(&a, BCRYPT_SHA256_ALGORITHM, NULL, 0);
	HEX(BCryptHash(a, NULL, 0, (PUCHAR)"sample", 6, hash, 32));
	BCryptOpenAlgorithmProvider(&a, BCRYPT_ECDSA_P256_ALGORITHM, NULL, 0);
	HEX(BCryptImportKeyPair(a, NULL, BCRYPT_ECCPUBLIC_BLOB, &k, blob, sizeof blob, 0));
	HEX(BCryptVerifySignature(k, NULL, hash, 32, sig, 64, 0));
	sig[63] ^= 1;
	HEX(BCryptVerifySignature(k, NULL, hash, 32, sig, 64, 0));
	return 0;
}
