// build: -lntdll
#include "check.h"
#include <winternl.h>

NTSTATUS NTAPI RtlHashUnicodeString(const UNICODE_STRING *, BOOLEAN, ULONG, ULONG *);
NTSTATUS NTAPI RtlAppendUnicodeToString(UNICODE_STRING *, const wchar_t *);
NTSTATUS NTAPI RtlAppendUnicodeStringToString(UNICODE_STRING *, const UNICODE_STRING *);
void NTAPI RtlCopyUnicodeString(UNICODE_STRING *, const UNICODE_STRING *);
NTSTATUS NTAPI RtlUpcaseUnicodeString(UNICODE_STRING *, const UNICODE_STRING *, BOOLEAN);
BOOLEAN NTAPI RtlPrefixUnicodeString(const UNICODE_STRING *, const UNICODE_STRING *, BOOLEAN);
BOOLEAN NTAPI RtlCreateUnicodeStringFromAsciiz(UNICODE_STRING *, const char *);
NTSTATUS NTAPI RtlUTF8ToUnicodeN(wchar_t *, ULONG, ULONG *, const char *, ULONG);
NTSTATUS NTAPI RtlUnicodeToUTF8N(char *, ULONG, ULONG *, const wchar_t *, ULONG);
NTSTATUS NTAPI RtlMultiByteToUnicodeN(wchar_t *, ULONG, ULONG *, const char *, ULONG);
NTSTATUS NTAPI RtlUnicodeToMultiByteN(char *, ULONG, ULONG *, const wchar_t *, ULONG);
NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG, ULONG, UNICODE_STRING *);
NTSTATUS NTAPI RtlUnicodeStringToInteger(const UNICODE_STRING *, ULONG, ULONG *);
NTSTATUS NTAPI RtlGUIDFromString(UNICODE_STRING *, GUID *);
NTSTATUS NTAPI RtlStringFromGUID(const GUID *, UNICODE_STRING *);
DWORD NTAPI RtlComputeCrc32(DWORD, const BYTE *, INT);
char *NTAPI RtlIpv4AddressToStringA(const void *, char *);
ULONG NTAPI RtlDetermineDosPathNameType_U(const wchar_t *);
void NTAPI RtlSecondsSince1970ToTime(ULONG, LARGE_INTEGER *);
typedef struct { ULONG size; ULONG *bits; } BITMAP_;
void NTAPI RtlInitializeBitMap(BITMAP_ *, ULONG *, ULONG);
void NTAPI RtlSetBits(BITMAP_ *, ULONG, ULONG);
void NTAPI RtlClearBits(BITMAP_ *, ULONG, ULONG);
ULONG NTAPI RtlNumberOfSetBits(BITMAP_ *);
ULONG NTAPI RtlFindClearBitsAndSet(BITMAP_ *, ULONG, ULONG);

static void show(const char *label, const UNICODE_STRING *s)
{
	printf("%s: %u of %u ", label, s->Length, s->MaximumLength);
	for (int i = 0; i < s->Length / 2; i++)
		printf(s->Buffer[i] < 0x7F ? "%c" : "<%x>", s->Buffer[i]);
	putchar('\n');
}

int main(void)
{
	wchar_t room[16] = L"";
	UNICODE_STRING s = {0, sizeof room, room}, a, b;
	HEX(RtlAppendUnicodeToString(&s, L"one"));
	RtlInitUnicodeString(&a, L"Two");
	HEX(RtlAppendUnicodeStringToString(&s, &a));
	show("appended", &s);
	HEX(RtlAppendUnicodeToString(&s, L"far too long for it"));
	RtlCopyUnicodeString(&s, &a);
	show("copied", &s);
	RtlInitUnicodeString(&a, L"kernel32.dll");
	ULONG hash = 0;
	HEX(RtlHashUnicodeString(&a, TRUE, 1, &hash));
	HEX(hash);
	HEX(RtlHashUnicodeString(&a, FALSE, 0, &hash));
	HEX(hash);
	HEX(RtlHashUnicodeString(&a, FALSE, 7, &hash));
	HEX(RtlUpcaseUnicodeString(&b, &a, TRUE));
	show("capital", &b);
	INT(RtlPrefixUnicodeString(&a, &b, FALSE));
	INT(RtlPrefixUnicodeString(&a, &b, TRUE));
	RtlFreeUnicodeString(&b);
	INT(RtlCreateUnicodeStringFromAsciiz(&b, "ascii"));
	show("from ASCII", &b);
	RtlFreeUnicodeString(&b);
	char bytes[32];
	wchar_t wide[32];
	ULONG n = 0;
	HEX(RtlUTF8ToUnicodeN(wide, sizeof wide, &n, "\xc3\xa9\xe2\x82\xac", 6));
	INT(n);
	WSTR(wide);
	HEX(RtlUTF8ToUnicodeN(NULL, 0, &n, "abc", 3));
	INT(n);
	HEX(RtlUTF8ToUnicodeN(wide, 2, &n, "abc", 3));
	INT(n);
	HEX(RtlUTF8ToUnicodeN(wide, sizeof wide, &n, "a\xff", 2));
	HEX(RtlUnicodeToUTF8N(bytes, sizeof bytes, &n, L"\xe9\x20ac", 4));
	check_bytes("UTF-8", bytes, n);
	HEX(RtlMultiByteToUnicodeN(wide, sizeof wide, &n, "caf\xe9", 5));
	WSTR(wide);
	HEX(RtlUnicodeToMultiByteN(bytes, 3, &n, L"abcdef", 12));
	CHECK("cut", "%lu %.3s", n, bytes);
	HEX(RtlIntegerToUnicodeString(255, 16, &s));
	show("hexadecimal", &s);
	HEX(RtlIntegerToUnicodeString(255, 7, &s));
	ULONG v = 0;
	RtlInitUnicodeString(&a, L"0x1F tail");
	HEX(RtlUnicodeStringToInteger(&a, 0, &v));
	INT(v);
	RtlInitUnicodeString(&a, L" -12");
	HEX(RtlUnicodeStringToInteger(&a, 10, &v));
	HEX(v);
	GUID g;
	RtlInitUnicodeString(&a, L"{00112233-4455-6677-8899-AABBCCDDEEFF}");
	HEX(RtlGUIDFromString(&a, &g));
	check_bytes("GUID", &g, sizeof g);
	HEX(RtlStringFromGUID(&g, &b));
	show("as text", &b);
	RtlInitUnicodeString(&a, L"{0011}");
	HEX(RtlGUIDFromString(&a, &g));
	HEX(RtlComputeCrc32(0, (const BYTE *)"123456789", 9));
	BYTE ip[4] = {192, 0, 2, 1};
	INT(RtlIpv4AddressToStringA(ip, bytes) - bytes);
	STR(bytes);
	INT(RtlDetermineDosPathNameType_U(L"C:\\x"));
	INT(RtlDetermineDosPathNameType_U(L"C:x"));
	INT(RtlDetermineDosPathNameType_U(L"\\x"));
	INT(RtlDetermineDosPathNameType_U(L"x"));
	INT(RtlDetermineDosPathNameType_U(L"\\\\server\\share"));
	INT(RtlDetermineDosPathNameType_U(L"\\\\.\\pipe"));
	const wchar_t *part = NULL;
	INT((BOOLEAN)RtlDosPathNameToNtPathName_U(L"C:\\windows\\..\\x\\y.txt", &b, &part, NULL));
	b.MaximumLength = 0;
	show("native", &b);
	WSTR(part);
	INT((BOOLEAN)RtlDosPathNameToNtPathName_U(L"", &b, &part, NULL));
	LARGE_INTEGER t;
	RtlSecondsSince1970ToTime(1000000000, &t);
	INT(t.QuadPart);
	INT(RtlTimeToSecondsSince1970(&t, &v));
	INT(v);
	t.QuadPart = 0;
	INT(RtlTimeToSecondsSince1970(&t, &v));
	ULONG bits[2] = {0};
	BITMAP_ map;
	RtlInitializeBitMap(&map, bits, 40);
	RtlSetBits(&map, 3, 5);
	HEX(bits[0]);
	RtlClearBits(&map, 4, 1);
	INT(RtlNumberOfSetBits(&map));
	INT(RtlFindClearBitsAndSet(&map, 3, 0));
	INT(RtlFindClearBitsAndSet(&map, 10, 0));
	INT((int)RtlFindClearBitsAndSet(&map, 40, 0));
	return 0;
}
