// build: -lntdll
#include "check.h"
#include <winternl.h>

NTSTATUS NTAPI NtCreateKey(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG, UNICODE_STRING *, ULONG, ULONG *);
NTSTATUS NTAPI NtOpenKey(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtDeleteKey(HANDLE);
NTSTATUS NTAPI NtDeleteValueKey(HANDLE, UNICODE_STRING *);
NTSTATUS NTAPI NtSetValueKey(HANDLE, UNICODE_STRING *, ULONG, ULONG, const void *, ULONG);
NTSTATUS NTAPI NtQueryValueKey(HANDLE, UNICODE_STRING *, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtEnumerateKey(HANDLE, ULONG, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtEnumerateValueKey(HANDLE, ULONG, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtQueryKey(HANDLE, int, void *, ULONG, ULONG *);

static UNICODE_STRING text(const wchar_t *s)
{
	UNICODE_STRING u;
	RtlInitUnicodeString(&u, s);
	return u;
}

static HANDLE open_key(const char *label, HANDLE root, const wchar_t *path, int create)
{
	HANDLE h = NULL;
	ULONG disposition = 0;
	UNICODE_STRING name = text(path);
	OBJECT_ATTRIBUTES a;
	InitializeObjectAttributes(&a, &name, OBJ_CASE_INSENSITIVE, root, NULL);
	NTSTATUS s = create ? NtCreateKey(&h, KEY_ALL_ACCESS, &a, 0, NULL, 0, &disposition) : NtOpenKey(&h, KEY_READ, &a);
	CHECK(label, "%lx, disposition %lu", s, disposition);
	return h;
}

int main(void)
{
	HKEY base;
	RegCreateKeyExA(HKEY_CURRENT_USER, "Software\\sidetrace native", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &base, NULL);
	HANDLE root = base;
	open_key("missing", root, L"missing", 0);
	open_key("too deep", root, L"no\\such", 1);
	open_key("not absolute", NULL, L"relative", 0);
	HANDLE k = open_key("new", root, L"new", 1);
	NtClose(open_key("again", root, L"NEW", 1));
	UNICODE_STRING number = text(L"number"), word = text(L"text"), none = text(L"none");
	DWORD v = 0x12345678;
	HEX(NtSetValueKey(k, &number, 0, REG_DWORD, &v, sizeof v));
	HEX(NtSetValueKey(k, &word, 0, REG_SZ, L"value", 12));
	struct { ULONG index, type, length; BYTE data[100]; } partial;
	ULONG n = 0;
	HEX(NtQueryValueKey(k, &number, 2, &partial, sizeof partial, &n));
	INT(n);
	INT(partial.type);
	INT(partial.length);
	HEX(*(DWORD *)partial.data);
	HEX(NtQueryValueKey(k, &word, 2, &partial, sizeof partial, &n));
	WSTR((wchar_t *)partial.data);
	HEX(NtQueryValueKey(k, &word, 2, &partial, 14, &n));
	INT(n);
	HEX(NtQueryValueKey(k, &word, 2, &partial, 5, &n));
	HEX(NtQueryValueKey(k, &none, 2, &partial, sizeof partial, &n));
	struct { ULONG index, type, length; wchar_t name[50]; } basic;
	HEX(NtEnumerateValueKey(k, 0, 0, &basic, sizeof basic, &n));
	INT(basic.length);
	HEX(NtEnumerateValueKey(k, 2, 0, &basic, sizeof basic, &n));
	HANDLE sub = open_key("subkey", k, L"sub", 1);
	struct { LARGE_INTEGER time; ULONG title, length; wchar_t name[50]; } key;
	HEX(NtEnumerateKey(k, 0, 0, &key, sizeof key, &n));
	key.name[key.length / 2] = 0;
	WSTR(key.name);
	HEX(NtEnumerateKey(k, 1, 0, &key, sizeof key, &n));
	struct { LARGE_INTEGER time; ULONG title, class_at, class_length, keys, longest_key, longest_class, values, longest_name, longest_data; } full;
	HEX(NtQueryKey(k, 2, &full, sizeof full, &n));
	INT(full.keys);
	INT(full.longest_key);
	INT(full.values);
	INT(full.longest_name);
	INT(full.longest_data);
	HEX(NtDeleteKey(sub));
	HEX(NtDeleteValueKey(k, &number));
	HEX(NtDeleteValueKey(k, &number));
	HEX(NtDeleteKey(k));
	open_key("gone", root, L"new", 0);
	HEX(NtClose(sub));
	HEX(NtClose(k));
	RegCloseKey(base);
	INT(RegDeleteKeyA(HKEY_CURRENT_USER, "Software\\sidetrace native"));
	return 0;
}
