package crt

import (
	"encoding/binary"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// localeRows are the functions of locale.h, and those that mingw-w64's own
// runtime asks for the code page. There are the locales "C" and the machine's,
// English (United States) with code page 1252 or, in ucrtbase.dll, UTF-8.
//
// https://learn.microsoft.com/cpp/c-runtime-library/locale
var localeRows = win.Rows{
	win.Func0("___lc_codepage_func", lcCodepageFunc),
	win.Func0("___lc_collate_cp_func", lcCodepageFunc),
	win.Func0("___lc_handle_func", lcHandleFunc),
	win.Func0("___mb_cur_max_func", mbCurMaxFunc),
	valueRow("__pctype_func", "_pctype"),
	valueRow("__pwctype_func", "_pwctype"),
	win.Func1("_configthreadlocale", configthreadlocale, "per_thread_locale_type"),
	win.Func2("_create_locale", createLocale[win.AStr], "category locale"),
	win.Func1("_free_locale", freeLocale, "locale"),
	win.Func0("_get_current_locale", getCurrentLocale),
	win.Func0("_getmbcp", getmbcp),
	win.Stub("_setmbcp", win.Int(0), "codepage"),
	win.Func2("_wsetlocale", setlocale[win.WStr], "category locale"),
	win.Func0("localeconv", localeconv),
	win.Func2("setlocale", setlocale[win.AStr], "category locale"),
}

// ucrtLocaleRows are those that only ucrtbase.dll has.
var ucrtLocaleRows = win.Rows{
	win.Func0("___lc_locale_name_func", lcLocaleNameFunc),
	win.Stub("__initialize_lconv_for_unsigned_char", win.Int(0), ""),
	win.Stub("_lock_locales", win.Void{}, ""),
	win.Stub("_unlock_locales", win.Void{}, ""),
	win.Func2("_wcreate_locale", createLocale[win.WStr], "category locale"),
}

// Categories.
const (
	lcAll     = 0
	lcCollate = 1
	lcCtype   = 2
	lcTime    = 5
	lcCount   = 6
)

const (
	ansiCodePage = 1252
	utf8CodePage = 65001
	englishUS    = 0x409
)

// locale is the name of each category's locale, and the code page of LC_CTYPE:
// 0 in the "C" locale.
type locale struct {
	names    [lcCount]string
	codepage int
}

func newLocale() locale {
	l := locale{}
	for i := range l.names {
		l.names[i] = "C"
	}
	return l
}

// name is what setlocale returns.
func (l *locale) name(category int) string {
	if category != lcAll {
		return l.names[category]
	}
	same := true
	for _, n := range l.names[1:] {
		same = same && n == l.names[1]
	}
	if same {
		return l.names[1]
	}
	var parts []string
	for i, title := range []string{"", "LC_COLLATE", "LC_CTYPE", "LC_MONETARY", "LC_NUMERIC", "LC_TIME"} {
		if i > 0 {
			parts = append(parts, title+"="+l.names[i])
		}
	}
	return strings.Join(parts, ";")
}

// set changes a category; false means that there is no such locale.
func (l *locale) set(c *win.Call, category int, name string) bool {
	if category == lcAll && strings.HasPrefix(name, "LC_") {
		for _, part := range strings.Split(name, ";") {
			title, value, _ := strings.Cut(part, "=")
			i := strings.Index("LC_COLLATE  LC_CTYPE    LC_MONETARY LC_NUMERIC  LC_TIME     ", title+" ")
			if i < 0 || i%12 != 0 || !l.set(c, i/12+1, value) {
				return false
			}
		}
		return true
	}
	full, codepage, ok := resolveLocale(c, name)
	if !ok {
		return false
	}
	for i := lcCollate; i < lcCount; i++ {
		if category == lcAll || category == i {
			l.names[i] = full
		}
	}
	if category == lcAll || category == lcCtype {
		l.codepage = codepage
	}
	return true
}

// resolveLocale finds a locale by the name a program gives it.
func resolveLocale(c *win.Call, name string) (full string, codepage int, ok bool) {
	if name == "C" || name == "POSIX" && c.DLL() != "msvcrt.dll" {
		return "C", 0, true
	}
	language, page, hasPage := strings.Cut(name, ".")
	switch strings.ToLower(page) {
	case "", "acp", "1252":
		codepage = ansiCodePage
	case "65001", "utf8", "utf-8":
		codepage = utf8CodePage
	default:
		if hasPage && strings.Trim(page, "0123456789") == "" || strings.EqualFold(page, "ocp") {
			c.Gap("locale " + name)
		}
		return "", 0, false
	}
	if codepage == utf8CodePage && c.DLL() == "msvcrt.dll" {
		return "", 0, false
	}
	full = "English_United States"
	switch strings.ToLower(language) {
	case "", "english_united states", "english", "american", "us", "usa", "enu", "english_us", "english_usa", "english-us", "english-american":
	case "en-us", "en_us", "en":
		if c.DLL() == "msvcrt.dll" {
			return "", 0, false
		}
		if !hasPage {
			return language, codepage, true
		}
		full = language
	default:
		if otherLocale(language) {
			c.Gap("locale " + name)
		}
		return "", 0, false
	}
	if codepage == utf8CodePage {
		return full + "." + strings.ToLower(page), codepage, true
	}
	return full + ".1252", codepage, true
}

// otherLocale tells whether Windows knows a language that sidetrace does not.
func otherLocale(name string) bool {
	language, _, _ := strings.Cut(strings.ToLower(name), "_")
	switch language {
	case "german", "deu", "french", "fra", "spanish", "esp", "italian", "ita", "japanese", "jpn", "russian", "rus", "chinese", "chs",
		"korean", "kor", "polish", "plk", "portuguese", "ptb", "dutch", "nld", "swedish", "sve", "turkish", "trk", "uk", "eng":
		return true
	}
	return len(name) == 5 && (name[2] == '-' || name[2] == '_') || len(language) == 2 && strings.Trim(language, "abcdefghijklmnopqrstuvwxyz") == ""
}

// locale is the one that counts for the calling thread.
func (s *state) current(c *win.Call) *locale {
	if l := s.thread(c); l.ownLocale {
		return &l.locale
	}
	return &s.locale
}

// setlocale sets the locale of a category, or tells it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/setlocale-wsetlocale
func setlocale[T decoded](c *win.Call, category win.Int, locale T) (win.Ptr, win.Error) {
	s := of(c)
	name, wide := textOf(locale)
	if category < 0 || category >= lcCount {
		invalid(c, eINVAL)
		return 0, 0
	}
	l := s.current(c)
	if !name.Null() {
		changed := *l
		if !changed.set(c, int(category), name.Text) {
			return 0, 0
		}
		*l = changed
		s.publishLocale()
	}
	if wide {
		return win.Ptr(s.wideConstant(l.name(int(category)))), 0
	}
	return win.Ptr(s.constant(l.name(int(category)))), 0
}

// publishLocale brings the variables and tables that macros read up to date.
func (s *state) publishLocale() {
	s.put(s.variable("__mb_cur_max"), 4, uint64(mbCurMax(s.locale.codepage)))
	s.put(s.variable("__lc_codepage"), 4, uint64(s.locale.codepage))
	s.put(s.variable("_pctype"), 8, s.characterTable(s.locale.codepage)+2)
}

func mbCurMax(codepage int) int {
	if codepage == utf8CodePage {
		return 4
	}
	return 1
}

// configthreadlocale gives the thread a locale of its own, or takes it away,
// and returns what was before.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/configthreadlocale
func configthreadlocale(c *win.Call, per_thread_locale_type win.Int) (win.Int, win.Error) {
	const query, enable, disable = 0, 1, 2
	s := of(c)
	l := s.thread(c)
	was := win.Int(disable)
	if l.ownLocale {
		was = enable
	}
	switch per_thread_locale_type {
	case query, -1:
	case enable:
		if !l.ownLocale {
			l.ownLocale, l.locale = true, s.locale
		}
	case disable:
		l.ownLocale = false
	default:
		invalid(c, eINVAL)
		return -1, 0
	}
	return was, 0
}

// lcCodepageFunc returns the code page of LC_CTYPE.
//
// https://learn.microsoft.com/cpp/c-runtime-library/lc-codepage-func
func lcCodepageFunc(c *win.Call) (win.DWORD, win.Error) {
	return win.DWORD(of(c).current(c).codepage), 0
}

// mbCurMaxFunc returns MB_CUR_MAX.
//
// https://learn.microsoft.com/cpp/c-runtime-library/mb-cur-max-func-mb-cur-max-l-func-p-mb-cur-max-mb-cur-max
func mbCurMaxFunc(c *win.Call) (win.Int, win.Error) {
	return win.Int(mbCurMax(of(c).current(c).codepage)), 0
}

// getmbcp returns the code page of the multibyte functions, which is that of
// the system.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getmbcp
func getmbcp(c *win.Call) (win.Int, win.Error) { return ansiCodePage, 0 }

// lcHandleFunc returns the locale identifiers by category: 0 for "C".
//
// https://learn.microsoft.com/cpp/c-runtime-library/lc-codepage-func
func lcHandleFunc(c *win.Call) (win.Ptr, win.Error) {
	s := of(c)
	at := s.block("locale handles", func() []byte { return make([]byte, lcCount*4) })
	for i, name := range s.current(c).names {
		id := uint64(0)
		if name != "C" {
			id = englishUS
		}
		s.put(at+uint64(4*i), 4, id)
	}
	return win.Ptr(at), 0
}

// lcLocaleNameFunc returns the names by category, null for "C".
//
// https://learn.microsoft.com/cpp/c-runtime-library/lc-codepage-func
func lcLocaleNameFunc(c *win.Call) (win.Ptr, win.Error) {
	s := of(c)
	at := s.block("locale names", func() []byte { return make([]byte, lcCount*8) })
	for i, name := range s.current(c).names {
		text := uint64(0)
		if name != "C" {
			text = s.wideConstant("en-US")
		}
		s.put(at+uint64(8*i), 8, text)
	}
	return win.Ptr(at), 0
}

// localeSize is enough for what macros read of a locale: two pointers, and
// zeros behind them.
const localeSize = 0x220

// createLocale makes a locale for the functions that are told one.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/create-locale-wcreate-locale
func createLocale[T decoded](c *win.Call, category win.Int, locale T) (win.Ptr, win.Error) {
	name, _ := textOf(locale)
	l := newLocale()
	if category < 0 || category >= lcCount || name.Null() || !l.set(c, int(category), name.Text) {
		return 0, 0
	}
	return storeLocale(c, &l), 0
}

// getCurrentLocale makes a copy of the current locale.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-current-locale
func getCurrentLocale(c *win.Call) (win.Ptr, win.Error) {
	return storeLocale(c, of(c).current(c)), 0
}

func storeLocale(c *win.Call, l *locale) win.Ptr {
	s := of(c)
	b := make([]byte, localeSize)
	at := s.store(b)
	if at == 0 {
		fail(c, eNOMEM)
		return 0
	}
	s.put(at, 8, at+0x20)
	s.put(at+8, 8, at+0x180)
	s.put(at+0x20+4, 4, uint64(l.codepage)) // lc_codepage
	return win.Ptr(at)
}

// freeLocale gives such a locale back.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/free-locale
func freeLocale(c *win.Call, locale win.Ptr) (win.Void, win.Error) { return free(c, locale) }

// localeconv returns a struct lconv: ten strings, eight numbers, and some of
// the strings as wide ones.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/localeconv
func localeconv(c *win.Call) (win.Ptr, win.Error) {
	const undefined = 0x7F // CHAR_MAX
	s := of(c)
	l := s.current(c)
	texts := [10]string{"."}
	numbers := [8]byte{undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined}
	const monetary, numeric = 3, 4
	if l.names[numeric] != "C" {
		texts[1], texts[2] = ",", "\x03"
	}
	if l.names[monetary] != "C" {
		copy(texts[3:], []string{"USD", "$", ".", ",", "\x03", "", "-"})
		numbers = [8]byte{2, 2, 1, 0, 1, 0, 3, 0}
	}
	var b []byte
	for _, t := range texts {
		b = binary.LittleEndian.AppendUint64(b, s.constant(t))
	}
	b = append(b, numbers[:]...)
	for _, i := range []int{0, 1, 3, 4, 5, 6, 8, 9} {
		b = binary.LittleEndian.AppendUint64(b, s.wideConstant(texts[i]))
	}
	at := s.block("lconv", func() []byte { return make([]byte, len(b)) })
	c.Write(win.Ptr(at), b)
	return win.Ptr(at), 0
}

// wideConstant is the address of a wide string that never changes.
func (s *state) wideConstant(text string) uint64 {
	return s.block("wide "+text, func() []byte { return guest.UTF16(text) })
}
