package crt

import "sidetrace/emulator/win"

// The multibyte functions of mbstring.h follow the system's code page, 1252,
// in which each byte is a character: most are the functions on strings under
// other names.

// multibyteNames are these.
//
// https://learn.microsoft.com/cpp/c-runtime-library/interpretation-of-multibyte-character-sequences
const multibyteNames = `
_mbscat=strcat _mbscat_s=strcat_s _mbschr=strchr _mbscmp=strcmp _mbscoll=strcoll _mbscpy=strcpy _mbscpy_s=strcpy_s
_mbscspn=strcspn _mbsdup=_strdup _mbsicmp=_stricmp _mbsicoll=_stricoll _mbslen=strlen _mbslwr=_strlwr _mbslwr_s=_strlwr_s
_mbsnbcat=strncat _mbsnbcat_s=strncat_s _mbsnbcmp=strncmp _mbsnbcoll=_strncoll _mbsnbcpy=strncpy _mbsnbcpy_s=strncpy_s
_mbsnbicmp=_strnicmp _mbsnbicoll=_strnicoll _mbsnbset=_strnset _mbsnbset_s=_strnset_s _mbsncat=strncat
_mbsncat_s=strncat_s _mbsncmp=strncmp _mbsncoll=_strncoll _mbsncpy=strncpy _mbsncpy_s=strncpy_s _mbsnicmp=_strnicmp
_mbsnicoll=_strnicoll _mbsnlen=strnlen _mbsnset=_strnset _mbsnset_s=_strnset_s _mbspbrk=strpbrk _mbsrchr=strrchr
_mbsrev=_strrev _mbsset=_strset _mbsset_s=_strset_s _mbsspn=strspn _mbsstr=strstr _mbstok=strtok _mbstok_s=strtok_s
_mbstrlen=strlen _mbstrnlen=strnlen _mbsupr=_strupr _mbsupr_s=_strupr_s
_ismbbalnum=isalnum _ismbbalpha=isalpha _ismbbgraph=isgraph _ismbbprint=isprint _ismbbpunct=ispunct
_ismbcalnum=isalnum _ismbcalpha=isalpha _ismbcdigit=isdigit _ismbcgraph=isgraph _ismbclower=islower _ismbcprint=isprint
_ismbcpunct=ispunct _ismbcspace=isspace _ismbcupper=isupper _mbctolower=tolower _mbctoupper=toupper
`

// multibyteLocalized are those with a variant for a locale.
const multibyteLocalized = `
_mbscat_s _mbschr _mbscmp _mbscoll _mbscpy_s _mbscspn _mbsicmp _mbsicoll _mbslen _mbslwr _mbslwr_s _mbsnbcat _mbsnbcat_s
_mbsnbcmp _mbsnbcoll _mbsnbcpy _mbsnbcpy_s _mbsnbicmp _mbsnbicoll _mbsnbset _mbsnbset_s _mbsncat _mbsncat_s _mbsncmp
_mbsncoll _mbsncpy _mbsncpy_s _mbsnicmp _mbsnicoll _mbsnlen _mbsnset _mbsnset_s _mbspbrk _mbsrchr _mbsrev _mbsset
_mbsset_s _mbsspn _mbsstr _mbstok _mbstok_s _mbstrlen _mbstrnlen _mbsupr _mbsupr_s _ismbbalnum _ismbbalpha _ismbbgraph
_ismbbprint _ismbbpunct _ismbcalnum _ismbcalpha _ismbcdigit _ismbcgraph _ismbclower _ismbcprint _ismbcpunct _ismbcspace
_ismbcupper _mbctolower _mbctoupper _mbbtombc _mbctombb _mbbtype _mbccpy _mbccpy_s _mbclen _mbctohira _mbctokata
_mbcjistojms _mbcjmstojis _mbsbtype _mbsdec _mbsinc _mbsnbcnt _mbsnccnt _mbsnextc _mbsninc _mbsspnp
_ismbbkalnum _ismbbkana _ismbbkprint _ismbbkpunct _ismbblead _ismbbtrail _ismbchira _ismbckata _ismbcl0 _ismbcl1 _ismbcl2
_ismbclegal _ismbcsymbol _ismbslead _ismbstrail
`

var multibyteRows = join(
	neverRows("_ismbbkalnum", "_ismbbkana", "_ismbbkprint", "_ismbbkpunct", "_ismbblead", "_ismbbtrail", "_ismbchira", "_ismbckata",
		"_ismbcl0", "_ismbcl1", "_ismbcl2", "_ismbclegal", "_ismbcsymbol", "_mbcjistojms", "_mbcjmstojis"),
	win.Rows{
		win.Func2("_ismbslead", ismbslead, "str current"),
		win.Func2("_ismbstrail", ismbslead, "str current"),
		win.Func1("_mbbtombc", mbbtombc, "ch"),
		win.Func2("_mbbtype", mbbtype, "ch kind"),
		win.Func2("_mbccpy", mbccpy, "dest src"),
		win.Func4("_mbccpy_s", mbccpyS, "dest buffSizeInBytes pCopied src"),
		win.Func1("_mbclen", mbclen, "ch"),
		win.Func1("_mbctohira", mbbtombc, "ch"),
		win.Func1("_mbctokata", mbbtombc, "ch"),
		win.Func1("_mbctombb", mbbtombc, "ch"),
		win.Func2("_mbsbtype", mbsbtype, "mbstr count"),
		win.Func2("_mbsdec", mbsdec, "start current"),
		win.Func1("_mbsinc", mbsinc, "current"),
		win.Func2("_mbsnbcnt", mbsnbcnt, "str number"),
		win.Func2("_mbsnccnt", mbsnbcnt, "str number"),
		win.Func1("_mbsnextc", mbsnextc, "str"),
		win.Func2("_mbsninc", mbsninc, "str count"),
		win.Func2("_mbsspnp", mbsspnp, "str charset"),
	},
)

// neverRows ask for what code page 1252 does not have: Japanese characters and
// bytes that are half of a character.
func neverRows(names ...string) win.Rows {
	var rows win.Rows
	for _, name := range names {
		rows = append(rows, win.Func1(name, isleadbyte, "ch"))
	}
	return rows
}

// ismbslead tells whether a byte of a string is half of a character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ismbslead-ismbstrail-ismbslead-l-ismbstrail-l
func ismbslead(c *win.Call, str, current win.Ptr) (win.Int, win.Error) {
	if str == 0 || current == 0 {
		invalid(c, eINVAL)
	}
	return 0, 0
}

// mbbtombc translates between characters of one and of two bytes, as Japanese
// has them.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbbtombc-mbbtombc-l
func mbbtombc(c *win.Call, ch win.Int) (win.Int, win.Error) { return ch, 0 }

// mbbtype tells what a byte is behind another: a character, or nothing that
// may be there.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbbtype-mbbtype-l
func mbbtype(c *win.Call, ch, kind win.Int) (win.Int, win.Error) {
	if kind == 1 { // it has to be the second half of a character
		return -1, 0
	}
	return 0, 0
}

// mbsbtype tells what a byte of a string is.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbsbtype-mbsbtype-l
func mbsbtype(c *win.Call, mbstr win.AText, count win.Size) (win.Int, win.Error) {
	if mbstr == 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	if length(c, mbstr, min(uint64(count), unlimited)) < uint64(count) {
		return -1, 0
	}
	return 0, 0
}

// mbccpy copies a character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbccpy-mbccpy-l
func mbccpy(c *win.Call, dest, src win.Ptr) (win.Void, win.Error) {
	c.WriteUint(dest, 1, c.ReadUint(src, 1))
	return win.Void{}, 0
}

// mbccpyS copies a character that fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbccpy-s-mbccpy-s-l
func mbccpyS(c *win.Call, dest win.Ptr, buffSizeInBytes win.Size, pCopied win.Out[int32], src win.Ptr) (win.Int, win.Error) {
	pCopied.Set(c, 0)
	if dest == 0 || buffSizeInBytes == 0 || src == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	pCopied.Set(c, 1)
	_, err := mbccpy(c, dest, src)
	return 0, err
}

// mbclen returns the length of a character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbclen-mblen-mblen-l-mbrlen
func mbclen(c *win.Call, ch win.Ptr) (win.Size, win.Error) { return 1, 0 }

// mbsdec goes one character back, or returns null at the beginning.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strdec-wcsdec-mbsdec-mbsdec-l
func mbsdec(c *win.Call, start, current win.Ptr) (win.Ptr, win.Error) {
	if start == 0 || current == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	if start >= current {
		return 0, 0
	}
	return current - 1, 0
}

// mbsinc goes one character on.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strinc-wcsinc-mbsinc-mbsinc-l
func mbsinc(c *win.Call, current win.Ptr) (win.Ptr, win.Error) {
	if current == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	return current + 1, 0
}

// mbsnbcnt returns how many of so many characters a string has, in bytes, or of
// so many bytes, in characters.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbsnbcnt-mbsnbcnt-l-mbsnccnt-mbsnccnt-l
func mbsnbcnt(c *win.Call, str win.AText, number win.Size) (win.Size, win.Error) {
	return strnlen(c, str, number)
}

// mbsnextc returns the first character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strnextc-wcsnextc-mbsnextc-mbsnextc-l
func mbsnextc(c *win.Call, str win.Ptr) (win.DWORD, win.Error) {
	return win.DWORD(c.ReadUint(str, 1)), 0
}

// mbsninc goes count characters on, to the end at most.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strninc-wcsninc-mbsninc-mbsninc-l
func mbsninc(c *win.Call, str win.AText, count win.Size) (win.Ptr, win.Error) {
	if str == 0 {
		return 0, 0
	}
	n, err := strnlen(c, str, count)
	return win.Ptr(str) + win.Ptr(n), err
}

// mbsspnp finds the first character that is not in a set, or returns null.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strspnp-wcsspnp-mbsspnp-mbsspnp-l
func mbsspnp(c *win.Call, str, charset win.AText) (win.Ptr, win.Error) {
	n, all := span(c, str, charset, true)
	if all {
		return 0, 0
	}
	return win.Ptr(str) + win.Ptr(n), 0
}
