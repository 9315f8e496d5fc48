// build: -lole32 -loleaut32 -luuid
#include "check.h"
#include <objbase.h>
#include <oleauto.h>

/* Identifiers, memory of COM, strings with their length, variants. */
int main(void)
{
	GUID g, h;
	WCHAR w[64], *text = NULL;
	HEX(CoCreateGuid(&g));
	HEX(CoCreateGuid(&h));
	INT(IsEqualGUID(&g, &h));
	HEX(g.Data3 >> 12);
	HEX(g.Data4[0] >> 6);
	GUID known = {0x01234567, 0x89ab, 0xcdef, {1, 2, 3, 4, 5, 6, 7, 0xff}};
	INT(StringFromGUID2(&known, w, 64));
	WSTR(w);
	INT(StringFromGUID2(&known, w, 38));
	HEX(StringFromCLSID(&known, &text));
	WSTR(text);
	CoTaskMemFree(text);
	HEX(CLSIDFromString(L"{01234567-89AB-CDEF-0102-0304050607FF}", &g));
	INT(IsEqualGUID(&g, &known));
	HEX(CLSIDFromString(L"01234567-89AB-CDEF-0102-0304050607FF", &g));
	HEX(CLSIDFromString(L"No.Such.Name", &g));
	HEX(CLSIDFromProgID(L"No.Such.Name", &g));
	HEX(IIDFromString(L"{00000000-0000-0000-C000-000000000046}", &g));
	INT(IsEqualGUID(&g, &IID_IUnknown));

	char *m = CoTaskMemAlloc(10);
	strcpy(m, "kept");
	m = CoTaskMemRealloc(m, 1000);
	STR(m);
	INT(CoTaskMemRealloc(m, 0) == NULL);
	CoTaskMemFree(NULL);

	BSTR s = SysAllocString(L"text");
	INT(SysStringLen(s));
	INT(SysStringByteLen(s));
	WSTR(s);
	INT(((DWORD *)s)[-1]);
	INT(SysReAllocString(&s, L"longer text"));
	WSTR(s);
	INT(SysReAllocStringLen(&s, L"cut here", 3));
	WSTR(s);
	SysFreeString(s);
	INT(SysAllocString(NULL) == NULL);
	INT(SysStringLen(NULL));
	s = SysAllocStringLen(L"a\0b", 3);
	INT(SysStringLen(s));
	SysFreeString(s);
	s = SysAllocStringByteLen("bytes", 5);
	INT(SysStringLen(s));
	INT(SysStringByteLen(s));
	CHECK("bytes", "%.5s", (char *)s);
	SysFreeString(s);
	SysFreeString(NULL);

	VARIANT a, b;
	VariantInit(&a);
	VariantInit(&b);
	INT(a.vt);
	a.vt = VT_BSTR;
	a.bstrVal = SysAllocString(L"variant");
	HEX(VariantCopy(&b, &a));
	INT(b.vt);
	INT(a.bstrVal != b.bstrVal);
	WSTR(b.bstrVal);
	HEX(VariantClear(&a));
	INT(a.vt);
	WSTR(b.bstrVal);
	HEX(VariantClear(&b));
	a.vt = 999;
	HEX(VariantClear(&a));
	return 0;
}
