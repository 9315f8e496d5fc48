#include "check.h"

static int calls;

static BOOL CALLBACK locale_a(LPSTR s)
{
	calls++;
	if (calls == 1)
		CHECK("a locale", "%d", (int)strlen(s));
	return calls < 2;
}

static BOOL CALLBACK locale_ex(LPWSTR s, DWORD flags, LPARAM p)
{
	(void)flags;
	if (!wcscmp(s, L"en-US"))
		*(int *)p += 1;
	return TRUE;
}

static BOOL CALLBACK page(LPSTR s)
{
	if (!strcmp(s, "1252"))
		calls++;
	return TRUE;
}

static BOOL CALLBACK picture(LPSTR s)
{
	if (!strcmp(s, "M/d/yyyy") || !strcmp(s, "h:mm:ss tt") || !strcmp(s, "dddd, MMMM d, yyyy"))
		calls++;
	return TRUE;
}

static BOOL CALLBACK geo(GEOID id)
{
	if (id == 244)
		calls++;
	return TRUE;
}

static BOOL CALLBACK language(LPWSTR s, LONG_PTR p)
{
	if (!wcscmp(s, L"0409"))
		*(int *)p += 10;
	return TRUE;
}

int main(void)
{
	char text[100];
	wchar_t wide[100];
	INT(EnumSystemLocalesA(locale_a, LCID_SUPPORTED));
	INT(calls);
	int found = 0;
	INT(EnumSystemLocalesEx(locale_ex, LOCALE_ALL, (LPARAM)&found, NULL));
	INT(found);
	calls = 0;
	INT(EnumSystemCodePagesA(page, CP_SUPPORTED));
	INT(calls);
	calls = 0;
	INT(EnumDateFormatsA(picture, 0x409, DATE_SHORTDATE));
	INT(calls);
	INT(EnumDateFormatsA(picture, 0x409, DATE_LONGDATE));
	INT(calls);
	INT(EnumTimeFormatsA(picture, 0x409, 0));
	INT(calls);
	calls = 0;
	INT(EnumSystemGeoID(GEOCLASS_NATION, 0, geo));
	INT(calls);
	found = 0;
	INT(EnumUILanguagesW(language, MUI_LANGUAGE_ID, (LONG_PTR)&found));
	INT(found >= 10);

	INT(LCIDToLocaleName(0x409, wide, 100, 0));
	WSTR(wide);
	INT(LCIDToLocaleName(0x407, NULL, 0, 0));
	INT(LocaleNameToLCID(L"en-US", 0));
	INT(LocaleNameToLCID(L"DE-de", 0));
	FAILS(LocaleNameToLCID(L"xx-nothing", 0));
	INT(ResolveLocaleName(L"en-US", wide, 100));
	WSTR(wide);
	FAILS(LCIDToLocaleName(0x409, wide, 2, 0));
	INT(IsValidLocale(0x409, LCID_INSTALLED));
	INT(IsValidLocaleName(L"en-US"));
	INT(IsValidCodePage(1252));
	INT(IsValidCodePage(12345));
	INT(GetLocaleInfoA(0x409, LOCALE_SENGLANGUAGE, text, sizeof text));
	STR(text);
	INT(GetLocaleInfoA(0x409, LOCALE_SDECIMAL, text, sizeof text));
	STR(text);
	INT(GetLocaleInfoA(0x409, LOCALE_SDECIMAL, NULL, 0));
	FAILS(GetLocaleInfoA(0x409, LOCALE_SENGLANGUAGE, text, 2));
	DWORD number = 0;
	INT(GetLocaleInfoW(0x409, LOCALE_ILANGUAGE | LOCALE_RETURN_NUMBER, (LPWSTR)&number, 2));
	HEX(number);
	INT(GetLocaleInfoEx(L"en-US", LOCALE_SISO639LANGNAME, wide, 100));
	WSTR(wide);
	CPINFO info;
	INT(GetCPInfo(1252, &info));
	INT(info.MaxCharSize);
	INT(GetCPInfo(65001, &info));
	INT(info.MaxCharSize);
	FAILS(GetCPInfo(12345, &info));
	CPINFOEXA ex;
	INT(GetCPInfoExA(1252, 0, &ex));
	INT(ex.CodePage);
	INT(ex.MaxCharSize);
	return 0;
}
