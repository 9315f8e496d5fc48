package wininet

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var urlRows = win.Rows{
	win.Partial(win.Func4("InternetCrackUrl{A,W}", internetCrackURL, "lpszUrl dwUrlLength dwFlags lpUrlComponents"),
		"nothing is decoded or escaped"),
}

// internetCrackURL takes a URL apart.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetcrackurlw
func internetCrackURL(c *win.Call, lpszUrl win.TText, dwUrlLength win.DWORD, dwFlags win.Hex, lpUrlComponents win.Ptr) (win.Bool, win.Error) {
	if dwUrlLength == 0 {
		dwUrlLength = ^win.DWORD(0)
	}
	text := httpstack.Text(c, lpszUrl, dwUrlLength)
	if c.Faulted() {
		return false, 0
	}
	err := httpstack.Crack(c, text, win.Ptr(lpszUrl), uint32(dwFlags), lpUrlComponents, schemeKind)
	return err == 0, err
}

// schemeKind is the INTERNET_SCHEME of a scheme; one that is not known is
// cracked all the same.
func schemeKind(scheme string) (uint32, bool) {
	const unknown = 0xFFFF_FFFF
	switch scheme {
	case "ftp":
		return 1, true
	case "gopher":
		return 2, true
	case "http":
		return 3, true
	case "https":
		return 4, true
	case "file":
		return 5, true
	}
	return unknown, true
}
