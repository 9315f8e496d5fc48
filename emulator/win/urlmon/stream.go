package urlmon

import (
	"sidetrace/emulator/win"
)

var streamRows = append(win.Rows{
	win.Partial(win.Func5("URLOpenBlockingStream{A,W}", urlOpenBlockingStream, "pCaller szURL ppStream dwReserved lpfnCB"), "http and https"),
	win.Partial(win.Func4("URLOpenStream{A,W}", urlOpenStream, "pCaller szURL dwReserved lpfnCB"), "the callback is not given the data"),
},
	win.Class(streamClass, []win.GUID{
		win.IID("0000000C-0000-0000-C000-000000000046"), // IStream
		win.IID("0C733A30-2A1C-11CE-ADE5-00AA0044773D"), // ISequentialStream
	},
		win.Func4("Read", streamRead, "this pv cb pcbRead"),
		win.Func4("Write", streamWrite, "this pv cb pcbWritten"),
		win.Func4("Seek", streamSeek, "this dlibMove dwOrigin plibNewPosition"),
		win.Func2("SetSize", streamSetSize, "this libNewSize"),
		win.Partial(win.Func5("CopyTo", streamCopyTo, "this pstm cb pcbRead pcbWritten"), "copies nothing"),
		win.Stub("Commit", win.ResultOK, "this grfCommitFlags"),
		win.Stub("Revert", win.ResultOK, "this"),
		win.Stub("LockRegion", win.Status(0x80030001), "this libOffset cb dwLockType"), // STG_E_INVALIDFUNCTION
		win.Stub("UnlockRegion", win.Status(0x80030001), "this libOffset cb dwLockType"),
		win.Func3("Stat", streamStat, "this pstatstg grfStatFlag"),
		win.Func2("Clone", streamClone, "this ppstm"),
	)...)

const streamClass = "UrlStream"

// stream is a downloaded body being read.
type stream struct {
	body []byte // the configuration's: not modified
	at   int64
}

// urlOpenBlockingStream downloads a URL and returns a stream of its body.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775127(v=vs.85)
func urlOpenBlockingStream(c *win.Call, pCaller win.Ptr, szURL win.TStr, ppStream win.Out[uint64], dwReserved win.DWORD, lpfnCB win.Ptr) (win.Status, win.Error) {
	if szURL.Null() || ppStream.Null() {
		return win.ResultInvalidArg, 0
	}
	ppStream.Set(c, 0)
	body, result := fetch(c, szURL.Text, status(lpfnCB))
	if result != win.ResultOK || c.Faulted() {
		return result, 0
	}
	object := c.NewObject(dll, streamClass, &stream{body: body})
	if object == 0 {
		return win.ResultOutOfMemory, 0
	}
	ppStream.Set(c, uint64(object))
	return win.ResultOK, 0
}

// urlOpenStream downloads a URL and tells the callback.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775129(v=vs.85)
func urlOpenStream(c *win.Call, pCaller win.Ptr, szURL win.TStr, dwReserved win.DWORD, lpfnCB win.Ptr) (win.Status, win.Error) {
	if szURL.Null() || lpfnCB == 0 {
		return win.ResultInvalidArg, 0
	}
	c.Gap("the data for the callback")
	_, result := fetch(c, szURL.Text, status(lpfnCB))
	return result, 0
}

// streamRead reads; at the end it returns S_FALSE.
//
// https://learn.microsoft.com/windows/win32/api/objidl/nf-objidl-isequentialstream-read
func streamRead(c *win.Call, this, pv win.Ptr, cb win.DWORD, pcbRead win.Out[uint32]) (win.Status, win.Error) {
	s, ok := win.Object[*stream](c, this)
	switch {
	case !ok:
		return win.ResultUnexpected, 0
	case pv == 0:
		return 0x80030009, 0 // STG_E_INVALIDPOINTER
	}
	rest := s.body[min(s.at, int64(len(s.body))):]
	part := rest[:min(len(rest), int(cb))]
	c.Write(pv, part)
	pcbRead.Set(c, uint32(len(part)))
	s.at += int64(len(part))
	if len(part) < int(cb) {
		return win.ResultFalse, 0
	}
	return win.ResultOK, 0
}

// streamWrite fails: what was downloaded cannot be written to.
func streamWrite(c *win.Call, this, pv win.Ptr, cb win.DWORD, pcbWritten win.Out[uint32]) (win.Status, win.Error) {
	return 0x80030005, 0 // STG_E_ACCESSDENIED
}

func streamSetSize(c *win.Call, this win.Ptr, libNewSize win.Int64) (win.Status, win.Error) {
	return 0x80030005, 0
}

// streamSeek moves the place that is read next.
//
// https://learn.microsoft.com/windows/win32/api/objidl/nf-objidl-istream-seek
func streamSeek(c *win.Call, this win.Ptr, dlibMove win.Int64, dwOrigin win.DWORD, plibNewPosition win.Out[uint64]) (win.Status, win.Error) {
	s, ok := win.Object[*stream](c, this)
	if !ok {
		return win.ResultUnexpected, 0
	}
	at := int64(dlibMove)
	switch dwOrigin {
	case 0:
	case 1:
		at += s.at
	case 2:
		at += int64(len(s.body))
	default:
		return 0x80030001, 0
	}
	if at < 0 {
		return 0x80030001, 0
	}
	s.at = at
	plibNewPosition.Set(c, uint64(at))
	return win.ResultOK, 0
}

func streamCopyTo(c *win.Call, this, pstm win.Ptr, cb win.Size, pcbRead, pcbWritten win.Out[uint64]) (win.Status, win.Error) {
	c.Gap("copying to another stream")
	return win.ResultNotImpl, 0
}

// streamStat tells the size.
//
// https://learn.microsoft.com/windows/win32/api/objidl/nf-objidl-istream-stat
func streamStat(c *win.Call, this, pstatstg win.Ptr, grfStatFlag win.Hex) (win.Status, win.Error) {
	const size, kind, length, streamKind = 80, 8, 16, 2 // STATSTG; STGTY_STREAM
	s, ok := win.Object[*stream](c, this)
	switch {
	case !ok:
		return win.ResultUnexpected, 0
	case pstatstg == 0:
		return 0x80030009, 0
	}
	c.Write(pstatstg, make([]byte, size))
	c.WriteUint(pstatstg+kind, 4, streamKind)
	c.WriteUint(pstatstg+length, 8, uint64(len(s.body)))
	return win.ResultOK, 0
}

// streamClone makes another stream of the same body, at the same place.
//
// https://learn.microsoft.com/windows/win32/api/objidl/nf-objidl-istream-clone
func streamClone(c *win.Call, this win.Ptr, ppstm win.Out[uint64]) (win.Status, win.Error) {
	s, ok := win.Object[*stream](c, this)
	if !ok {
		return win.ResultUnexpected, 0
	}
	twin := *s
	object := c.NewObject(dll, streamClass, &twin)
	if object == 0 {
		return win.ResultOutOfMemory, 0
	}
	ppstm.Set(c, uint64(object))
	return win.ResultOK, 0
}
