package wininet

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var moreRows = win.Rows{
	win.Func1("DeleteUrlCacheEntry", deleteURLCacheEntry, "lpszUrlName"),
	win.Func1("DeleteUrlCacheEntry{A,W}", deleteURLCacheEntry, "lpszUrlName"),
	win.Partial(win.Func4("InternetCanonicalizeUrl{A,W}", internetCanonicalizeURL, "lpszUrl lpszBuffer lpdwBufferLength dwFlags"), "blanks are escaped; flags are not looked at"),
	win.Func3("InternetCheckConnection{A,W}", internetCheckConnection, "lpszUrl dwFlags dwReserved"),
	win.Partial(win.Func5("InternetCombineUrl{A,W}", internetCombineURL, "lpszBaseUrl lpszRelativeUrl lpszBuffer lpdwBufferLength dwFlags"), "flags are not looked at"),
	win.Partial(win.Func4("InternetCreateUrl{A,W}", internetCreateURL, "lpUrlComponents dwFlags lpszUrl lpdwUrlLength"), "nothing is escaped"),
	win.Func4("InternetGetConnectedStateEx{A,W}", internetGetConnectedStateEx, "lpdwFlags lpszConnectionName dwNameLen dwReserved"),
	win.Func3("InternetGetLastResponseInfo{A,W}", internetGetLastResponseInfo, "lpdwError lpszBuffer lpdwBufferLength"),
	win.Func4("InternetReadFileEx{A,W}", internetReadFileEx, "hFile lpBuffersOut dwFlags dwContext"),
	win.Func4("InternetSetFilePointer", internetSetFilePointer, "hFile lDistanceToMove lpDistanceToMoveHigh dwMoveMethod"),
}

// deleteURLCacheEntry finds nothing: there is no cache.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-deleteurlcacheentry
func deleteURLCacheEntry(c *win.Call, lpszUrlName win.TStr) (win.Bool, win.Error) {
	if lpszUrlName.Null() {
		return false, win.ErrInvalidParameter
	}
	return false, win.ErrFileNotFound
}

// internetCheckConnection asks whether a host can be reached: it connects to
// it.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetcheckconnectionw
func internetCheckConnection(c *win.Call, lpszUrl win.TStr, dwFlags win.Hex, dwReserved win.DWORD) (win.Bool, win.Error) {
	if lpszUrl.Null() {
		return true, 0
	}
	u, err := httpstack.ParseURL(lpszUrl.Text)
	if err != nil || !u.HTTP() {
		return false, httpstack.ErrUnrecognizedScheme
	}
	problem := httpstack.Connect(c, u.Host, u.Port)
	return problem == 0, problem
}

// internetCanonicalizeURL puts a URL into its usual form.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetcanonicalizeurlw
func internetCanonicalizeURL(c *win.Call, lpszUrl win.TStr, lpszBuffer win.Ptr, lpdwBufferLength win.Out[uint32], dwFlags win.Hex) (win.Bool, win.Error) {
	if lpszUrl.Null() || lpdwBufferLength.Null() {
		return false, win.ErrInvalidParameter
	}
	if _, err := httpstack.ParseURL(lpszUrl.Text); err != nil {
		return false, httpstack.ErrInvalidURL
	}
	return httpstack.StoreURL(c, guest.CanonicalURL(strings.ReplaceAll(lpszUrl.Text, " ", "%20")), lpszBuffer, lpdwBufferLength)
}

// internetCombineURL makes a relative URL absolute.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetcombineurlw
func internetCombineURL(c *win.Call, lpszBaseUrl, lpszRelativeUrl win.TStr, lpszBuffer win.Ptr, lpdwBufferLength win.Out[uint32], dwFlags win.Hex) (win.Bool, win.Error) {
	if lpszBaseUrl.Null() || lpszRelativeUrl.Null() || lpdwBufferLength.Null() {
		return false, win.ErrInvalidParameter
	}
	combined, ok := httpstack.Combine(lpszBaseUrl.Text, lpszRelativeUrl.Text)
	if !ok {
		return false, httpstack.ErrInvalidURL
	}
	return httpstack.StoreURL(c, combined, lpszBuffer, lpdwBufferLength)
}

// internetCreateURL puts a URL together from its parts.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetcreateurlw
func internetCreateURL(c *win.Call, lpUrlComponents win.Ptr, dwFlags win.Hex, lpszUrl win.Ptr, lpdwUrlLength win.Out[uint32]) (win.Bool, win.Error) {
	if lpdwUrlLength.Null() {
		return false, win.ErrInvalidParameter
	}
	parts, err := httpstack.Parts(c, lpUrlComponents)
	if err != 0 {
		return false, err
	}
	if parts.Scheme == "" {
		for _, scheme := range []string{"ftp", "gopher", "http", "https", "file"} {
			if kind, _ := schemeKind(scheme); kind == parts.Kind {
				parts.Scheme = scheme
			}
		}
	}
	return httpstack.StoreURL(c, parts.URL(), lpszUrl, lpdwUrlLength)
}

// internetGetConnectedStateEx also names the connection.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetgetconnectedstateexw
func internetGetConnectedStateEx(c *win.Call, lpdwFlags win.Out[uint32], lpszConnectionName win.Ptr, dwNameLen, dwReserved win.DWORD) (win.Bool, win.Error) {
	const name = "LAN Connection"
	if lpszConnectionName != 0 && dwNameLen > 0 {
		text := name[:min(len(name), int(dwNameLen)-1)]
		c.Write(lpszConnectionName, c.Encode(text))
	}
	return internetGetConnectedState(c, lpdwFlags, 0)
}

// internetGetLastResponseInfo has nothing to say: HTTP has no such texts.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetgetlastresponseinfow
func internetGetLastResponseInfo(c *win.Call, lpdwError win.Out[uint32], lpszBuffer win.Ptr, lpdwBufferLength win.Out[uint32]) (win.Bool, win.Error) {
	if lpdwError.Null() || lpdwBufferLength.Null() {
		return false, win.ErrInvalidParameter
	}
	lpdwError.Set(c, 0)
	lpdwBufferLength.Set(c, 0)
	return true, 0
}

// internetReadFileEx reads into the buffer that a structure describes, and
// tells there how much.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetreadfileexw
func internetReadFileEx(c *win.Call, hFile win.Handle, lpBuffersOut win.Ptr, dwFlags win.Hex, dwContext win.Ptr) (win.Bool, win.Error) {
	if lpBuffersOut == 0 || c.ReadUint(lpBuffersOut, 4) != buffersSize {
		return false, win.ErrInvalidParameter
	}
	buffer, length := win.Ptr(c.ReadUint(lpBuffersOut+buffersBody, 8)), win.DWORD(c.ReadUint(lpBuffersOut+buffersBodyNow, 4))
	return internetReadFile(c, hFile, buffer, length, win.Out[uint32]{Addr: lpBuffersOut + buffersBodyNow})
}

// internetSetFilePointer moves the place that is read next.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetsetfilepointer
func internetSetFilePointer(c *win.Call, hFile win.Handle, lDistanceToMove win.Int, lpDistanceToMoveHigh win.Out[uint32], dwMoveMethod win.DWORD) (win.SizeFail, win.Error) {
	r, err := answer(c, hFile)
	if err != 0 {
		return 0, err
	}
	if !r.Seek(int(lDistanceToMove), int(dwMoveMethod)) {
		return 0, win.ErrInvalidParameter
	}
	return win.SizeFail(r.At()), 0
}
