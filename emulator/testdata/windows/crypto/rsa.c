// build: -ladvapi32
#include "check.h"
#include <wincrypt.h>

int main(void)
{
	HCRYPTPROV p, q;
	HCRYPTKEY pair, public, session, again;
	HCRYPTHASH h;
	BYTE blob[2000], sig[512], buf[512];
	DWORD n, m;
	INT(CryptAcquireContextA(&p, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
	INT(CryptAcquireContextA(&q, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
	SetLastError(0);
	CHECK("no key yet", "%d, error %lx", CryptGetUserKey(p, AT_SIGNATURE, &pair), GetLastError());
	INT(CryptGenKey(p, AT_KEYEXCHANGE, 1024 << 16 | CRYPT_EXPORTABLE, &pair));
	n = 0;
	INT(CryptExportKey(pair, 0, PUBLICKEYBLOB, 0, NULL, &n));
	INT(n);
	INT(CryptExportKey(pair, 0, PUBLICKEYBLOB, 0, blob, &n));
	check_bytes("header", blob, 20);
	INT(CryptImportKey(q, blob, n, 0, 0, &public));
	/* a session key goes from one context to the other */
	INT(CryptGenKey(q, CALG_AES_128, CRYPT_EXPORTABLE, &session));
	n = sizeof blob;
	INT(CryptExportKey(session, public, SIMPLEBLOB, 0, blob, &n));
	INT(n);
	check_bytes("header", blob, 12);
	INT(CryptImportKey(p, blob, n, pair, 0, &again));
	memcpy(buf, "from one to the other", 22);
	m = 22;
	INT(CryptEncrypt(session, 0, TRUE, 0, buf, &m, sizeof buf));
	INT(m);
	INT(CryptDecrypt(again, 0, TRUE, 0, buf, &m));
	INT(m);
	STR((char *)buf);
	/* and a message under the public key */
	memcpy(buf, "short", 6);
	m = 6;
	INT(CryptEncrypt(public, 0, TRUE, 0, buf, &m, sizeof buf));
	INT(m);
	INT(CryptDecrypt(pair, 0, TRUE, 0, buf, &m));
	INT(m);
	STR((char *)buf);
	/* signatures */
	INT(CryptCreateHash(p, CALG_SHA_256, 0, 0, &h));
	INT(CryptHashData(h, (BYTE *)"signed", 6, 0));
	n = 0;
	INT(CryptSignHashA(h, AT_KEYEXCHANGE, NULL, 0, NULL, &n));
	INT(n);
	INT(CryptSignHashA(h, AT_KEYEXCHANGE, NULL, 0, sig, &n));
	CryptDestroyHash(h);
	CryptCreateHash(q, CALG_SHA_256, 0, 0, &h);
	CryptHashData(h, (BYTE *)"signed", 6, 0);
	INT(CryptVerifySignatureA(h, sig, n, public, NULL, 0));
	sig[9] ^= 1;
	SetLastError(0);
	CHECK("changed", "%d, error %lx", CryptVerifySignatureA(h, sig, n, public, NULL, 0), GetLastError());
	CryptDestroyHash(h);
	n = 0;
	INT(CryptExportKey(pair, 0, PRIVATEKEYBLOB, 0, NULL, &n));
	INT(n);
	INT(CryptExportKey(pair, 0, PRIVATEKEYBLOB, 0, blob, &n));
	check_bytes("header", blob, 20);
	SetLastError(0);
	CHECK("no private key", "%d, error %lx", CryptExportKey(public, 0, PRIVATEKEYBLOB, 0, NULL, &n), GetLastError());
	INT(CryptDestroyKey(public));
	INT(CryptDestroyKey(pair));
	INT(CryptReleaseContext(q, 0));
	INT(CryptReleaseContext(p, 0));
	return 0;
}
