package shlwapi

import (
	"net/url"
	"strings"

	"sidetrace/emulator/win"
)

// URLs, by the rules of RFC 3986 as far as these functions follow them.

var urlRows = win.Rows{
	win.Func4("PathCreateFromUrl{A,W}", pathCreateFromURL, "pszUrl pszPath pcchPath dwFlags"),
	win.Func4("UrlCanonicalize{A,W}", urlCanonicalize, "pszUrl pszCanonicalized pcchCanonicalized dwFlags"),
	win.Func5("UrlCombine{A,W}", urlCombine, "pszBase pszRelative pszCombined pcchCombined dwFlags"),
	win.Func3("UrlCompare{A,W}", urlCompare, "psz1 psz2 fIgnoreSlash"),
	win.Func4("UrlCreateFromPath{A,W}", urlCreateFromPath, "pszPath pszUrl pcchUrl dwFlags"),
	win.Func4("UrlEscape{A,W}", urlEscape, "pszUrl pszEscaped pcchEscaped dwFlags"),
	win.Func1("UrlGetLocation{A,W}", urlGetLocation, "pszURL"),
	win.Func5("UrlGetPart{A,W}", urlGetPart, "pszIn pszOut pcchOut dwPart dwFlags"),
	win.Func2("UrlIs{A,W}", urlIs, "pszUrl UrlIs"),
	win.Func4("UrlUnescape{A,W}", urlUnescape, "pszUrl pszUnescaped pcchUnescaped dwFlags"),
}

const (
	urlDontEscapeExtraInfo = 0x0200_0000 // the same bit for unescaping
	urlEscapeSegmentOnly   = 0x0000_2000
	urlEscapePercent       = 0x0000_1000
	urlUnescapeInPlace     = 0x0010_0000
)

// put stores a result in a buffer whose size *count says. Where it does not
// fit, *count becomes the size it needs, with the terminator.
func put(c *win.Call, s string, buffer win.Ptr, count win.Out[uint32]) win.Status {
	b := c.Encode(s)
	need := uint32(uint64(len(b)) / c.CharSize())
	if count.Get(c) < need {
		count.Set(c, need)
		return win.ResultPointer
	}
	c.Write(buffer, b)
	count.Set(c, need-1)
	return win.ResultOK
}

// scheme is what stands before the colon of a URL: two characters at least, or
// it were a drive.
func scheme(s string) string {
	name, _, ok := strings.Cut(s, ":")
	if !ok || len(name) < 2 {
		return ""
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '-' && r != '.' {
			return ""
		}
	}
	return name
}

// extra splits off a query or fragment.
func extra(s string) (path, rest string) {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// urlEscape turns unsafe characters into %XX, in the path by default.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlescapew
func urlEscape(c *win.Call, pszUrl win.TStr, pszEscaped win.Ptr, pcchEscaped win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	if pszUrl.Null() || pszEscaped == 0 || pcchEscaped.Null() || pcchEscaped.Get(c) == 0 {
		return win.ResultInvalidArg, 0
	}
	path, rest := pszUrl.Text, ""
	if dwFlags&urlEscapeSegmentOnly == 0 {
		path, rest = extra(pszUrl.Text)
	}
	return put(c, escape(path, dwFlags&urlEscapePercent != 0)+rest, pszEscaped, pcchEscaped), 0
}

func escape(s string, percent bool) string {
	const unsafe = " \"<>[]^`{|}\\"
	var out strings.Builder
	for i := range len(s) {
		b := s[i]
		if b <= ' ' || b >= 0x7F || strings.IndexByte(unsafe, b) >= 0 || b == '%' && percent {
			out.WriteString("%" + strings.ToUpper(string([]byte{hexDigit(b >> 4), hexDigit(b & 15)})))
			continue
		}
		out.WriteByte(b)
	}
	return out.String()
}

func hexDigit(n byte) byte { return "0123456789ABCDEF"[n] }

// urlUnescape turns %XX back; what is no such triple stays.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlunescapew
func urlUnescape(c *win.Call, pszUrl win.TStr, pszUnescaped win.Ptr, pcchUnescaped win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	if pszUrl.Null() {
		return win.ResultInvalidArg, 0
	}
	path, rest := pszUrl.Text, ""
	if dwFlags&urlDontEscapeExtraInfo != 0 {
		path, rest = extra(pszUrl.Text)
	}
	text := unescape(path) + rest
	if dwFlags&urlUnescapeInPlace != 0 {
		c.Write(pszUrl.Addr, c.Encode(text))
		return win.ResultOK, 0
	}
	if pszUnescaped == 0 || pcchUnescaped.Null() {
		return win.ResultInvalidArg, 0
	}
	return put(c, text, pszUnescaped, pcchUnescaped), 0
}

func unescape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if text, err := url.PathUnescape(s[i : i+3]); err == nil {
				out.WriteString(text)
				i += 2
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// urlGetPart gives one part of a URL; S_FALSE says that it has none.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlgetpartw
func urlGetPart(c *win.Call, pszIn win.TStr, pszOut win.Ptr, pcchOut win.Out[uint32], dwPart win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	const partScheme, partHost, partUser, partPassword, partPort, partQuery = 1, 2, 3, 4, 5, 6
	if pszIn.Null() || pszOut == 0 || pcchOut.Null() || pcchOut.Get(c) == 0 {
		return win.ResultInvalidArg, 0
	}
	name := scheme(pszIn.Text)
	part := ""
	authority, _ := extra(strings.TrimPrefix(strings.TrimPrefix(pszIn.Text, name), ":"))
	authority, hasAuthority := strings.CutPrefix(authority, "//")
	authority, _, _ = strings.Cut(authority, "/")
	user, host := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, host = authority[:i], authority[i+1:]
	}
	if !hasAuthority {
		user, host = "", ""
	}
	user, password, _ := strings.Cut(user, ":")
	host, port, _ := strings.Cut(host, ":")
	switch dwPart {
	case partScheme:
		part = name
	case partHost:
		part = host
	case partUser:
		part = user
	case partPassword:
		part = password
	case partPort:
		part = port
	case partQuery:
		_, part, _ = strings.Cut(pszIn.Text, "?")
	default:
		return win.ResultInvalidArg, 0
	}
	if part == "" {
		c.Write(pszOut, c.Encode(""))
		pcchOut.Set(c, 0)
		return win.ResultFalse, 0
	}
	return put(c, part, pszOut, pcchOut), 0
}

// urlIs tells what kind of URL one is.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlisw
func urlIs(c *win.Call, pszUrl win.TStr, UrlIs win.DWORD) (win.Bool, win.Error) {
	const isURL, isOpaque, isNoHistory, isFileURL, isAppliable, isDirectory, hasQuery = 0, 1, 2, 3, 4, 5, 6
	name := scheme(pszUrl.Text)
	switch UrlIs {
	case isURL:
		return name != "", 0
	case isOpaque:
		return win.Bool(name != "" && !strings.HasPrefix(pszUrl.Text[len(name)+1:], "/") && !strings.EqualFold(name, "file")), 0
	case isFileURL:
		return win.Bool(strings.EqualFold(name, "file")), 0
	case isDirectory:
		path, _ := extra(pszUrl.Text)
		return win.Bool(strings.HasSuffix(path, "/")), 0
	case hasQuery:
		return win.Bool(strings.Contains(pszUrl.Text, "?")), 0
	case isNoHistory, isAppliable:
		return false, 0
	}
	return false, 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlcombinew
func urlCombine(c *win.Call, pszBase, pszRelative win.TStr, pszCombined win.Ptr, pcchCombined win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	if pszBase.Null() || pszRelative.Null() || pcchCombined.Null() {
		return win.ResultInvalidArg, 0
	}
	base, err := url.Parse(pszBase.Text)
	if err != nil {
		return win.ResultInvalidArg, 0
	}
	combined, err := base.Parse(pszRelative.Text)
	if err != nil {
		return win.ResultInvalidArg, 0
	}
	return put(c, combined.String(), pszCombined, pcchCombined), 0
}

// urlCanonicalize resolves "." and "..".
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlcanonicalizew
func urlCanonicalize(c *win.Call, pszUrl win.TStr, pszCanonicalized win.Ptr, pcchCanonicalized win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	if pszUrl.Null() || pszCanonicalized == 0 || pcchCanonicalized.Null() || pcchCanonicalized.Get(c) == 0 {
		return win.ResultInvalidArg, 0
	}
	text := pszUrl.Text
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		if same, err := u.Parse(text); err == nil {
			text = same.String()
		}
	}
	return put(c, text, pszCanonicalized, pcchCanonicalized), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlcomparew
func urlCompare(c *win.Call, psz1, psz2 win.TStr, fIgnoreSlash win.Int) (win.Int, win.Error) {
	a, b := psz1.Text, psz2.Text
	if fIgnoreSlash != 0 {
		a, b = strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/")
	}
	return win.Int(strings.Compare(a, b)), 0
}

// urlGetLocation gives the place of the fragment, NULL if there is none.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlgetlocationw
func urlGetLocation(c *win.Call, pszURL win.TText) (win.Ptr, win.Error) {
	t := read(c, pszURL)
	return t.found(index(t.chars, '#', same)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-urlcreatefrompathw
func urlCreateFromPath(c *win.Call, pszPath win.TStr, pszUrl win.Ptr, pcchUrl win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	if pszPath.Null() || pszUrl == 0 || pcchUrl.Null() || pcchUrl.Get(c) == 0 {
		return win.ResultInvalidArg, 0
	}
	if scheme(pszPath.Text) != "" { // a URL already
		put(c, pszPath.Text, pszUrl, pcchUrl)
		return win.ResultFalse, 0
	}
	path := escape(strings.ReplaceAll(pszPath.Text, `\`, "/"), true)
	switch {
	case strings.HasPrefix(path, "//"): // \\server\share
		path = "file:" + path
	case len(path) >= 2 && path[1] == ':':
		path = "file:///" + path
	default:
		path = "file:" + path
	}
	return put(c, path, pszUrl, pcchUrl), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathcreatefromurlw
func pathCreateFromURL(c *win.Call, pszUrl win.TStr, pszPath win.Ptr, pcchPath win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	if pszUrl.Null() || pszPath == 0 || pcchPath.Null() || pcchPath.Get(c) == 0 || !strings.EqualFold(scheme(pszUrl.Text), "file") {
		return win.ResultInvalidArg, 0
	}
	path := unescape(pszUrl.Text[len("file:"):])
	switch {
	case strings.HasPrefix(path, "///"):
		path = path[3:]
	case strings.HasPrefix(path, "//localhost/"):
		path = path[len("//localhost/"):]
	}
	return put(c, strings.ReplaceAll(path, "/", `\`), pszPath, pcchPath), 0
}
