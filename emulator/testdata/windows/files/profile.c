#include "check.h"

static const char *get(const char *section, const char *key, const char *fallback)
{
	static char text[200];
	memset(text, '?', sizeof text);
	GetPrivateProfileStringA(section, key, fallback, text, sizeof text, ".\\test.ini");
	return text;
}

static void all(const char *label, DWORD n, char *text)
{
	for (DWORD i = 0; i < n; i++)
		if (!text[i])
			text[i] = '|';
	CHECK(label, "%lu %s", n, text);
}

int main(void)
{
	char text[200];
	STR(get("s", "k", "fallback"));
	INT(WritePrivateProfileStringA("one", "key", "value", ".\\test.ini"));
	INT(WritePrivateProfileStringA("one", "number", "42", ".\\test.ini"));
	INT(WritePrivateProfileStringA("two", "quoted", "\"in quotes\"", ".\\test.ini"));
	INT(WritePrivateProfileStringA("two", "spaces", "  around  ", ".\\test.ini"));
	INT(WritePrivateProfileStringA("one", "key", "changed", ".\\test.ini"));
	STR(get("one", "key", ""));
	STR(get("ONE", "KEY", ""));
	STR(get("two", "quoted", ""));
	STR(get("two", "spaces", ""));
	STR(get("two", "missing", "fallback  "));
	INT(GetPrivateProfileIntA("one", "number", 7, ".\\test.ini"));
	INT(GetPrivateProfileIntA("one", "missing", 7, ".\\test.ini"));
	INT(GetPrivateProfileIntA("one", "key", 7, ".\\test.ini"));
	all("sections", GetPrivateProfileSectionNamesA(text, sizeof text, ".\\test.ini"), text);
	all("keys", GetPrivateProfileStringA("one", NULL, "", text, sizeof text, ".\\test.ini"), text);
	all("section", GetPrivateProfileSectionA("one", text, sizeof text, ".\\test.ini"), text);
	INT(GetPrivateProfileStringA("one", "key", "", text, 5, ".\\test.ini"));
	STR(text);
	INT(GetPrivateProfileStringA("one", NULL, "", text, 8, ".\\test.ini"));
	INT(WritePrivateProfileStringA("one", "number", NULL, ".\\test.ini"));
	STR(get("one", "number", "gone"));
	INT(WritePrivateProfileStringA("two", NULL, NULL, ".\\test.ini"));
	STR(get("two", "quoted", "gone"));
	INT(WritePrivateProfileSectionA("three", "a=1\0b=2\0", ".\\test.ini"));
	STR(get("three", "b", ""));
	int whole[2] = {0x11223344, -1}, back[2] = {0};
	INT(WritePrivateProfileStructA("struct", "s", whole, sizeof whole, ".\\test.ini"));
	STR(get("struct", "s", ""));
	INT(GetPrivateProfileStructA("struct", "s", back, sizeof back, ".\\test.ini"));
	INT(memcmp(whole, back, sizeof whole));
	INT(GetPrivateProfileStructA("struct", "s", back, 4, ".\\test.ini"));
	wchar_t wide[40];
	INT(GetPrivateProfileStringW(L"one", L"key", L"", wide, 40, L".\\test.ini"));
	WSTR(wide);
	HANDLE h = CreateFileA("test.ini", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	DWORD n = 0;
	INT(ReadFile(h, text, sizeof text, &n, NULL));
	CloseHandle(h);
	CHECK("begins", "%.13s", text[0] == '[' ? "with a section" : text);
	return 0;
}
