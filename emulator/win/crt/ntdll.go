package crt

import (
	"slices"
	"strings"

	"sidetrace/emulator/win"
)

// ntdllNames are the functions of the C runtime that ntdll.dll exports too.
const ntdllNames = `
	memchr memcmp memcpy memmove memset strcat strchr strcmp strcpy strcspn strlen strncat strncmp strncpy strpbrk strrchr strspn strstr strtol strtoul
	wcscat wcschr wcscmp wcscpy wcscspn wcslen wcsncat wcsncmp wcsncpy wcspbrk wcsrchr wcsspn wcsstr wcstol wcstoul
	_memicmp _stricmp _strnicmp _strlwr _strupr _wcsicmp _wcsnicmp _wcslwr _wcsupr
	isalnum isalpha iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit tolower toupper iswalpha iswctype iswdigit iswlower iswspace iswxdigit towlower towupper
	atoi atol _atoi64 _i64toa _i64tow _itoa _itow _ltoa _ltow _ui64toa _ui64tow _ultoa _ultow _wtoi _wtoi64 _wtol
	sprintf _snprintf _snwprintf swprintf vsprintf _vsnprintf _vsnwprintf sscanf
	sprintf_s strcpy_s strcat_s strncpy_s strncat_s memcpy_s memmove_s wcscpy_s wcscat_s wcsncpy_s wcsncat_s swprintf_s
	qsort bsearch abs labs ceil cos fabs floor log pow sin sqrt tan atan`

// NtdllRows are those of them that have handlers.
func NtdllRows() win.Rows {
	names := strings.Fields(ntdllNames)
	var rows win.Rows
	for _, r := range msvcrtTable() {
		if slices.Contains(names, r.Name) {
			rows = append(rows, r)
		}
	}
	return rows
}
