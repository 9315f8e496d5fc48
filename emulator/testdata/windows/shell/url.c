// build: -lshlwapi
#include "check.h"
#include <shlwapi.h>

/* The URL and registry functions of shlwapi.dll. */
static void escape(const char *url, DWORD flags)
{
	char b[200], label[200];
	DWORD n = sizeof b;
	HRESULT r = UrlEscapeA(url, b, &n, flags);
	snprintf(label, sizeof label, "UrlEscape(%s,%lx)", url, flags);
	CHECK(label, "%lx %lu %s", r, n, b);
}

static void unescape(const char *url, DWORD flags)
{
	char b[200], label[200];
	DWORD n = sizeof b;
	HRESULT r = UrlUnescapeA((char *)url, b, &n, flags);
	snprintf(label, sizeof label, "UrlUnescape(%s,%lx)", url, flags);
	CHECK(label, "%lx %lu %s", r, n, b);
}

static void part(const char *url, DWORD which)
{
	char b[200] = "", label[200];
	DWORD n = sizeof b;
	HRESULT r = UrlGetPartA(url, b, &n, which, 0);
	snprintf(label, sizeof label, "UrlGetPart(%s,%lu)", url, which);
	CHECK(label, "%lx %s", r, r == S_OK ? b : "");
}

int main(void)
{
	char b[200];
	DWORD n, type, value;

	escape("http://a.b/c d", 0);
	escape("http://a.b/c d?x y", 0);
	escape("http://a.b/c%d", URL_ESCAPE_PERCENT);
	escape("http://a.b/c?d e#f", URL_DONT_ESCAPE_EXTRA_INFO);
	escape("a<b>\"c", URL_ESCAPE_SEGMENT_ONLY);
	unescape("http://a.b/c%20d", 0);
	unescape("a%41%zz%4", 0);
	unescape("a%20b?c%20d", URL_DONT_UNESCAPE_EXTRA_INFO);
	for (DWORD i = 1; i <= 6; i++)
		part("http://user:pass@host.name:8080/path/file?query=1#frag", i);
	part("nothing", URL_PART_SCHEME);
	INT(UrlIsA("http://a/b", URLIS_URL));
	INT(UrlIsA("file:///c:/x", URLIS_FILEURL));
	INT(UrlIsA("mailto:x@y", URLIS_OPAQUE));
	INT(UrlIsA("nothing", URLIS_URL));
	n = sizeof b;
	CHECK("UrlCreateFromPath", "%lx %s", UrlCreateFromPathA("C:\\a b\\c.txt", b, &n, 0), b);
	n = sizeof b;
	CHECK("PathCreateFromUrl", "%lx %s", PathCreateFromUrlA("file:///C:/a%20b/c.txt", b, &n, 0), b);
	n = sizeof b;
	CHECK("UrlCombine", "%lx %s", UrlCombineA("http://a/b/c/d", "../e", b, &n, 0), b);
	n = sizeof b;
	CHECK("UrlCanonicalize", "%lx %s", UrlCanonicalizeA("http://a/b/../c/./d", b, &n, 0), b);
	INT(UrlCompareA("http://a/b", "http://a/b", FALSE));
	STR(UrlGetLocationA("http://a/b#c"));

	INT(SHSetValueA(HKEY_CURRENT_USER, "Software\\sidetrace", "n", REG_DWORD, &(DWORD){7}, 4));
	n = 4;
	INT(SHGetValueA(HKEY_CURRENT_USER, "Software\\sidetrace", "n", &type, &value, &n));
	CHECK("value", "%lu %lu %lu", type, value, n);
	INT(SHSetValueA(HKEY_CURRENT_USER, "Software\\sidetrace", "s", REG_SZ, "text", 5));
	n = sizeof b;
	INT(SHGetValueA(HKEY_CURRENT_USER, "Software\\sidetrace", "s", &type, b, &n));
	CHECK("text", "%lu %s %lu", type, b, n);
	INT(SHGetValueA(HKEY_CURRENT_USER, "Software\\sidetrace", "none", NULL, NULL, NULL));
	INT(SHGetValueA(HKEY_CURRENT_USER, "Software\\no such key", "none", NULL, NULL, NULL));
	INT(SHDeleteValueA(HKEY_CURRENT_USER, "Software\\sidetrace", "n"));
	INT(SHDeleteValueA(HKEY_CURRENT_USER, "Software\\sidetrace", "n"));
	INT(SHDeleteEmptyKeyA(HKEY_CURRENT_USER, "Software\\sidetrace"));
	INT(SHDeleteEmptyKeyA(HKEY_CURRENT_USER, "Software\\sidetrace"));
	return 0;
}
