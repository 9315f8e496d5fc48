package crt

import (
	"bytes"

	"sidetrace/emulator/win"
)

// localeRows are the functions of locale.h, and those that mingw-w64's own
// runtime asks for the code page.
//
// https://learn.microsoft.com/cpp/c-runtime-library/locale
var localeRows = win.Rows{
	win.Stub("___lc_codepage_func", win.DWORD(0), ""), // the "C" locale has none
	win.Func0("___lc_handle_func", lcHandleFunc),
	win.Stub("___mb_cur_max_func", win.Int(1), ""),
	valueRow("__pctype_func", "_pctype"),
	win.Stub("_getmbcp", win.Int(0), ""),
	win.Stub("_setmbcp", win.Int(0), "codepage"),
	win.Func0("localeconv", localeconv),
	win.Partial(win.Func2("setlocale", setlocale, "category locale"), `the locale stays "C"`),
}

// setlocale returns the name of the locale. The only one is "C"; "" asks for
// the user's, which is not told from it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/setlocale-wsetlocale
func setlocale(c *win.Call, category win.Int, locale win.AStr) (win.Ptr, win.Error) {
	if !locale.Null() && locale.Text != "" && locale.Text != "C" {
		c.Gap("locale " + locale.Text)
	}
	return win.Ptr(of(c).constant("C")), 0
}

// lcHandleFunc returns the locale identifiers by category, all 0.
//
// https://learn.microsoft.com/cpp/c-runtime-library/lc-codepage-func
func lcHandleFunc(c *win.Call) (win.Ptr, win.Error) {
	return win.Ptr(of(c).block("locale handles", func() []byte { return make([]byte, 6*8) })), 0
}

// localeconv returns a struct lconv of the "C" locale: pointers to the decimal
// point and to empty strings, numbers that are not given, and the wide strings.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/localeconv
func localeconv(c *win.Call) (win.Ptr, win.Error) {
	s := of(c)
	return win.Ptr(s.block("lconv", func() []byte {
		const strings, numbers, wideStrings = 10, 8, 8
		empty := s.constant("\x00") // an empty wide string too
		addrs := []uint64{s.constant(".")}
		for len(addrs) < strings {
			addrs = append(addrs, empty)
		}
		b := pointers(addrs)[:8*strings]
		b = append(b, bytes.Repeat([]byte{0x7F}, numbers)...) // CHAR_MAX
		addrs = []uint64{s.store([]byte{'.', 0, 0, 0})}
		for len(addrs) < wideStrings {
			addrs = append(addrs, empty)
		}
		return append(b, pointers(addrs)[:8*wideStrings]...)
	})), 0
}
