package crt

// commonNames are functions that msvcrt.dll and ucrtbase.dll export by several
// names.
const commonNames = `
_strcmpi=_stricmp
`

// commonLocalized are the functions with a variant for a locale in both.
const commonLocalized = `
_atodbl atof _atoflt atoi _atoi64 atol _atoldbl isalnum isalpha iscntrl _isctype isdigit isgraph isleadbyte islower isprint
isspace isupper iswalnum iswalpha iswcntrl iswctype iswdigit iswgraph iswlower iswprint iswpunct iswspace iswupper iswxdigit
isxdigit mblen mbstowcs mbstowcs_s mbtowc _memicmp strcoll _stricmp _stricoll _strlwr _strlwr_s _strncoll _strnicmp
_strnicoll strtod _strtoi64 strtol _strtoui64 strtoul _strupr _strupr_s strxfrm tolower toupper towlower towupper wcscoll
wcsftime _wcsicmp _wcsicoll _wcslwr _wcslwr_s _wcsncoll _wcsnicmp _wcsnicoll _wcstoi64 wcstol wcstombs wcstombs_s
_wcstoui64 wcstoul _wcsupr _wcsupr_s wcsxfrm wctomb wctomb_s _wtof _wtoi _wtoi64 _wtol
`

// ucrtNames are those of ucrtbase.dll alone.
const ucrtNames = `
_calloc_base=calloc _free_base=free _malloc_base=malloc _realloc_base=realloc
_fclose_nolock=fclose _fflush_nolock=fflush _fgetc_nolock=fgetc _fgetwc_nolock=fgetwc _fputc_nolock=fputc
_fputwc_nolock=fputwc _fread_nolock=fread _fread_nolock_s=fread_s _fseek_nolock=fseek _fseeki64_nolock=_fseeki64
_ftell_nolock=ftell _ftelli64_nolock=_ftelli64 _fwrite_nolock=fwrite _getc_nolock=getc _getwc_nolock=getwc
_putc_nolock=putc _putwc_nolock=putwc _ungetc_nolock=ungetc
_getch_nolock=_getch _getche_nolock=_getche _getwch_nolock=_getwch _getwche_nolock=_getwche _putch_nolock=_putch
_putwch_nolock=_putwch _ungetch_nolock=_ungetch _ungetwch_nolock=_ungetwch _ungetwc_nolock=ungetwc
_ismbbblank=isblank _ismbcblank=isblank
__strncnt=strnlen __wcsncnt=wcsnlen
`

// ucrtLocalized are the functions with a variant for a locale in ucrtbase.dll
// alone.
const ucrtLocalized = `
atoll isblank ispunct iswblank _ismbbblank _ismbcblank __iswcsym __iswcsymf strftime strtof strtoimax strtold strtoll
strtoull strtoumax wcstod wcstof wcstoimax wcstold wcstoll wcstoull wcstoumax _wtoll
`

// vcruntimeNames are those of vcruntime140.dll: handlers of the older versions
// of the tables, which the newer one reads as well.
const vcruntimeNames = `
__CxxFrameHandler=__CxxFrameHandler3 __CxxFrameHandler2=__CxxFrameHandler3
__C_specific_handler_noexcept=__C_specific_handler
`
