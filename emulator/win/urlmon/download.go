package urlmon

import (
	"errors"
	"fmt"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var downloadRows = win.Rows{
	win.Partial(win.Func6("URLDownloadToCacheFile{A,W}", urlDownloadToCacheFile, "lpUnkcaller szURL szFileName cchFileName dwReserved pBSC"), "http and https"),
	win.Partial(win.Func5("URLDownloadToFile{A,W}", urlDownloadToFile, "pCaller szURL szFileName dwReserved lpfnCB"), "http and https"),
}

// status is the callback of a download, an IBindStatusCallback of the guest's
// own; 0 for none.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775060(v=vs.85)
type status win.Ptr

// Methods of the callback by their place.
const (
	onStartBinding = 3
	onProgress     = 6
	onStopBinding  = 7
)

// States of a download, BINDSTATUS_*.
const (
	findingResource   = 1
	connecting        = 2
	beginDownloadData = 4
	downloadingData   = 5
	endDownloadData   = 6
	sendingRequest    = 11
)

func (s status) start(c *win.Call) {
	if s != 0 {
		c.Method(win.Ptr(s), onStartBinding, 0, 0)
	}
}

// progress tells the callback how far it is; what it returns says whether to
// go on.
func (s status) progress(c *win.Call, done, total int, state uint64, text string) bool {
	if s == 0 {
		return true
	}
	at := c.Heap.Alloc(uint64(2*len(text) + 2))
	if at == 0 {
		return true
	}
	defer c.Heap.Free(at)
	c.Write(win.Ptr(at), guest.UTF16(text))
	return win.Status(c.Method(win.Ptr(s), onProgress, uint64(done), uint64(total), state, at)) != win.ResultAbort
}

func (s status) stop(c *win.Call, result win.Status) {
	if s != 0 {
		c.Method(win.Ptr(s), onStopBinding, uint64(result), 0)
	}
}

// fetch requests a URL and returns the body of its answer.
func fetch(c *win.Call, url string, s status) ([]byte, win.Status) {
	u, err := httpstack.ParseURL(url)
	switch {
	case errors.Is(err, httpstack.ErrNoScheme) || err != nil:
		return nil, errInvalidURL
	case strings.EqualFold(u.Scheme, "ftp"), strings.EqualFold(u.Scheme, "file"):
		c.Gap("a URL of scheme " + strings.ToLower(u.Scheme))
		return nil, errCannotConnect
	case !u.HTTP():
		return nil, errUnknownProtocol
	}
	s.start(c)
	body, result := request(c, &u, s)
	s.stop(c, result)
	return body, result
}

func request(c *win.Call, u *httpstack.URL, s status) ([]byte, win.Status) {
	server := &httpstack.Connection{Session: &httpstack.Session{Agent: agent(c)}, Host: u.Host, Port: u.Port}
	r := server.NewRequest("", u.Path+u.Extra, u.Secure())
	r.Accept = []string{"*/*"}
	if !s.progress(c, 0, 0, findingResource, u.Host) || !s.progress(c, 0, 0, connecting, u.Host) || !s.progress(c, 0, 0, sendingRequest, u.Host) {
		return nil, win.ResultAbort
	}
	switch r.Send(c) {
	case 0:
	case httpstack.ErrNameNotResolved:
		return nil, errResourceNotFound
	case httpstack.ErrRedirectFailed:
		return nil, errRedirectFailed
	case httpstack.ErrInvalidURL:
		return nil, errInvalidURL
	default:
		return nil, errCannotConnect
	}
	if r.Response.Status >= 400 {
		return nil, errObjectNotFound
	}
	total := r.Response.Available()
	if !s.progress(c, 0, total, beginDownloadData, r.Response.URL) {
		return nil, win.ResultAbort
	}
	body := r.Response.Read(c, uint64(total))
	if !s.progress(c, total, total, downloadingData, r.Response.URL) || !s.progress(c, total, total, endDownloadData, r.Response.URL) {
		return nil, win.ResultAbort
	}
	return body, win.ResultOK
}

// urlDownloadToFile downloads a file. A server's refusal leaves none.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775123(v=vs.85)
func urlDownloadToFile(c *win.Call, pCaller win.Ptr, szURL, szFileName win.TStr, dwReserved win.DWORD, lpfnCB win.Ptr) (win.Status, win.Error) {
	if szURL.Null() || szFileName.Null() {
		return win.ResultInvalidArg, 0
	}
	body, result := fetch(c, szURL.Text, status(lpfnCB))
	if result != win.ResultOK || c.Faulted() {
		return result, 0
	}
	return save(c, szFileName.Text, body), 0
}

// save writes a file as urlmon.dll does: by the functions of the kernel.
func save(c *win.Call, path string, body []byte) win.Status {
	const (
		write        = 0x40000000 // GENERIC_WRITE
		createAlways = 2
		normal       = 0x80
		kernel       = "kernel32.dll"
	)
	name := guest.UTF16(path)
	at := c.Heap.Alloc(uint64(len(name)))
	data := c.Heap.Alloc(uint64(len(body) + 8))
	if at == 0 || data == 0 {
		return win.ResultOutOfMemory
	}
	defer c.Heap.Free(at)
	defer c.Heap.Free(data)
	c.Write(win.Ptr(at), name)
	c.Write(win.Ptr(data), body)
	file, err := c.Invoke(kernel, "CreateFileW", at, write, 0, 0, createAlways, normal, 0)
	if file == ^uint64(0) {
		return err.Result()
	}
	written := data + uint64(len(body))
	if ok, err := c.Invoke(kernel, "WriteFile", file, data, uint64(len(body)), written, 0); ok == 0 && len(body) > 0 {
		c.Invoke(kernel, "CloseHandle", file)
		return err.Result()
	}
	c.Invoke(kernel, "CloseHandle", file)
	return win.ResultOK
}

// hresult is a Win32 error as a HRESULT.
// cached counts the files in the cache.
type cached struct{}

// urlDownloadToCacheFile downloads a file to the cache and tells where it is.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775122(v=vs.85)
func urlDownloadToCacheFile(c *win.Call, lpUnkcaller win.Ptr, szURL win.TStr, szFileName win.Ptr, cchFileName, dwReserved win.DWORD, pBSC win.Ptr) (win.Status, win.Error) {
	if szURL.Null() || szFileName == 0 || cchFileName == 0 {
		return win.ResultInvalidArg, 0
	}
	body, result := fetch(c, szURL.Text, status(pBSC))
	if result != win.ResultOK || c.Faulted() {
		return result, 0
	}
	n, _ := c.State[cached{}].(int)
	c.State[cached{}] = n + 1
	local, _ := c.Variable("LOCALAPPDATA")
	folder := guest.Join(local, fmt.Sprintf(`Microsoft\Windows\INetCache\IE\%08X`, 0x4C1D09A0+n))
	c.Files.MakeDirectory(folder)
	path := guest.Join(folder, cacheName(szURL.Text))
	encoded := c.Encode(path)
	if uint64(len(encoded)) > uint64(cchFileName)*c.CharSize() {
		return win.ErrInsufficientBuffer.Result(), 0
	}
	if result := save(c, path, body); result != win.ResultOK {
		return result, 0
	}
	c.Write(szFileName, encoded)
	return win.ResultOK, 0
}

// cacheName is what the cache calls a URL's file: "name[1].ext".
func cacheName(url string) string {
	path, _, _ := strings.Cut(url, "?")
	path, _, _ = strings.Cut(path, "#")
	name := path[strings.LastIndexByte(path, '/')+1:]
	for _, bad := range `\:*?"<>|` {
		name = strings.ReplaceAll(name, string(bad), "_")
	}
	const longest = 100
	name = name[:min(len(name), longest)]
	stem, extension := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		stem, extension = name[:i], name[i:]
	}
	if stem == "" {
		stem = "index"
	}
	return stem + "[1]" + extension
}
