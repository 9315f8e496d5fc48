// build: -lcrypt32
#include "check.h"
#include <wincrypt.h>

static BYTE out[1024], back[1024];

static void encode(const char *label, const char *type, const void *info)
{
	DWORD n = 0, m = sizeof out;
	BOOL sized = CryptEncodeObject(X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, type, info, NULL, &n);
	SetLastError(0xDEAD);
	BOOL done = CryptEncodeObject(X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, type, info, out, &m);
	CHECK(label, "%d %d %d", sized, done, n == m);
	if (done)
		check_bytes("encoded", out, m);
	else
		CHECK("error", "%lx", GetLastError());
	BYTE *p = NULL;
	n = 0;
	if (CryptEncodeObjectEx(X509_ASN_ENCODING, type, info, CRYPT_ENCODE_ALLOC_FLAG, NULL, &p, &n)) {
		CHECK("allocated", "%d", n == m && !memcmp(p, out, n));
		LocalFree(p);
	}
	n = 1;
	SetLastError(0xDEAD);
	BOOL small = CryptEncodeObject(X509_ASN_ENCODING, type, info, back, &n);
	CHECK("small", "%d, %lu, %lu", small, n, GetLastError());
}

static DWORD decode(const char *label, const char *type, const BYTE *der, DWORD size)
{
	DWORD n = sizeof back;
	SetLastError(0xDEAD);
	BOOL ok = CryptDecodeObject(X509_ASN_ENCODING, type, der, size, 0, back, &n);
	CHECK(label, "%d, error %lx", ok, ok ? 0 : GetLastError());
	return n;
}

int main(void)
{
	int number = -300;
	encode("integer", X509_INTEGER, &number);
	CRYPT_DATA_BLOB octets = {5, (BYTE *)"hello"};
	encode("octets", X509_OCTET_STRING, &octets);
	CRYPT_BIT_BLOB bits = {2, (BYTE *)"\xAB\xC0", 4};
	encode("bits", X509_BITS, &bits);

	LPSTR usages[] = {szOID_PKIX_KP_SERVER_AUTH, szOID_PKIX_KP_CODE_SIGNING};
	CERT_ENHKEY_USAGE usage = {2, usages};
	encode("usage", X509_ENHANCED_KEY_USAGE, &usage);
	decode("usage back", X509_ENHANCED_KEY_USAGE, out, 24);
	CERT_ENHKEY_USAGE *u = (CERT_ENHKEY_USAGE *)back;
	CHECK("usages", "%lu %s", u->cUsageIdentifier, u->cUsageIdentifier ? u->rgpszUsageIdentifier[1] : "");

	CERT_PUBLIC_KEY_INFO key = {{szOID_RSA_RSA, {0, NULL}}, {3, (BYTE *)"\1\2\3", 0}};
	encode("public key", X509_PUBLIC_KEY_INFO, &key);
	static BYTE modulus[12 + 8 + 64];
	PUBLICKEYSTRUC *head = (PUBLICKEYSTRUC *)modulus;
	RSAPUBKEY *rsa = (RSAPUBKEY *)(head + 1);
	head->bType = PUBLICKEYBLOB, head->bVersion = CUR_BLOB_VERSION, head->aiKeyAlg = CALG_RSA_KEYX;
	rsa->magic = 0x31415352, rsa->bitlen = 512, rsa->pubexp = 65537;
	for (int i = 0; i < 64; i++)
		modulus[20 + i] = (BYTE)(201 - i);
	encode("RSA", RSA_CSP_PUBLICKEYBLOB, modulus);
	INT(CryptDecodeObject(X509_ASN_ENCODING, RSA_CSP_PUBLICKEYBLOB, out, 74, 0, back, &(DWORD){sizeof back}));
	INT(memcmp(back + 8, modulus + 8, 76));

	FILETIME t = {0x8A7F8000, 0x01D95C5E};
	encode("UTC time", PKCS_UTC_TIME, &t);
	encode("time", X509_CHOICE_OF_TIME, &t);
	DWORD n = sizeof t;
	FILETIME again = {0, 0};
	INT(CryptDecodeObject(X509_ASN_ENCODING, X509_CHOICE_OF_TIME, out, 15, 0, &again, &n));
	INT(CompareFileTime(&t, &again));

	CERT_RDN_ATTR attributes[] = {{szOID_COMMON_NAME, CERT_RDN_PRINTABLE_STRING, {4, (BYTE *)"Test"}}, {szOID_ORGANIZATION_NAME, CERT_RDN_UTF8_STRING, {4, (BYTE *)"Corp"}}};
	CERT_RDN rdn[] = {{1, attributes}, {1, attributes + 1}};
	CERT_NAME_INFO name = {2, rdn};
	encode("name", X509_NAME, &name);
	static BYTE der[128];
	memcpy(der, out, sizeof der);
	decode("name back", X509_NAME, der, 2 + der[1]);
	CERT_NAME_INFO *got = (CERT_NAME_INFO *)back;
	CHECK("names", "%lu %s %lu %.4s", got->cRDN, got->rgRDN[1].rgRDNAttr[0].pszObjId, got->rgRDN[1].rgRDNAttr[0].dwValueType, got->rgRDN[1].rgRDNAttr[0].Value.pbData);
	decode("unicode name", X509_UNICODE_NAME, der, 2 + der[1]);
	CHECK("unicode names", "%lu %lu %lu", got->cRDN, got->rgRDN[0].rgRDNAttr[0].dwValueType, got->rgRDN[0].rgRDNAttr[0].Value.cbData);
	decode("broken", X509_NAME, (BYTE *)"\x30\x05\x01", 3);
	decode("not a name", X509_NAME, (BYTE *)"\x02\x01\x01", 3);
	return 0;
}
