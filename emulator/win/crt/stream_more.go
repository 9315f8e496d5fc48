package crt

import (
	"fmt"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// moreStreamRows are further functions on streams: temporary files, names for
// them, lines of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/stream-i-o
var moreStreamRows = win.Rows{
	win.Func0("_fgetwchar", getwchar),
	win.Func1("_fputwchar", putwchar, "ch"),
	win.Stub("_getmaxstdio", win.Int(maxStreams), ""),
	win.Func1("_getws", getws, "buffer"),
	win.Func0("_rmtmp", rmtmp),
	win.Func1("_setmaxstdio", setmaxstdio, "newmaximum"),
	win.Func2("_tempnam", tempnam[win.AStr, win.AText], "dir prefix"),
	win.Func3("_wfreopen", freopen[win.WStr], "path mode stream"),
	win.Func4("_wfreopen_s", freopenS[win.WStr], "pFile path mode stream"),
	win.Func2("_wtempnam", tempnam[win.WStr, win.WText], "dir prefix"),
	win.Func1("_wtmpnam", tmpnam[win.WText], "str"),
	win.Func2("_wtmpnam_s", tmpnamS[win.WText], "str sizeInChars"),
	win.Func1("clearerr_s", clearerrS, "stream"),
	win.Func4("freopen_s", freopenS[win.AStr], "pFile path mode stream"),
	win.Func0("tmpfile", tmpfile),
	win.Func1("tmpfile_s", tmpfileS, "pFilePtr"),
	win.Func1("tmpnam", tmpnam[win.AText], "str"),
	win.Func2("tmpnam_s", tmpnamS[win.AText], "str sizeInChars"),
	win.Func2("ungetwc", ungetwc, "ch stream"),
}

// ucrtStreamRows are those that only ucrtbase.dll has.
var ucrtStreamRows = win.Rows{
	win.Func4("_get_stream_buffer_pointers", getStreamBufferPointers, "stream base pointer count"),
	win.Func2("_getws_s", getsS[win.WText], "buffer sizeInCharacters"),
	win.Func2("gets_s", getsS[win.AText], "buffer sizeInCharacters"),
}

// setmaxstdio accepts a limit of open streams up to the one there is.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/setmaxstdio
func setmaxstdio(c *win.Call, newmaximum win.Int) (win.Int, win.Error) {
	if newmaximum < iobCount || newmaximum > maxDescriptors {
		invalid(c, eINVAL)
		return -1, 0
	}
	return newmaximum, 0
}

// clearerrS is clearerr with a result.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/clearerr-s
func clearerrS(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	if of(c).stream(c, stream) == nil {
		return win.Int(eINVAL), 0
	}
	_, err := clearerr(c, stream)
	return 0, err
}

// freopenS closes a stream, opens another file in its place and stores it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/freopen-s-wfreopen-s
func freopenS[T decoded](c *win.Call, pFile win.Out[uint64], path, mode T, stream win.Ptr) (win.Int, win.Error) {
	if pFile.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	file, err := freopen(c, path, mode, stream)
	pFile.Set(c, uint64(file))
	if file == 0 {
		return win.Int(current(c)), err
	}
	return 0, err
}

// temporaryName is a name that no file has and that was not given before.
func (s *state) temporaryName(folder, prefix, suffix string) string {
	for {
		s.temporaries++
		path := guest.Join(folder, fmt.Sprintf("%s%d%s", prefix, s.temporaries, suffix))
		if s.p.Files.Get(path) == nil {
			return path
		}
	}
}

// temporaryFolder is where the variable TMP says, or the current directory.
func (s *state) temporaryFolder(c *win.Call) string {
	for _, name := range []string{"TMP", "TEMP"} {
		if i := s.env.find(name); i >= 0 {
			_, folder, _ := strings.Cut(s.env.list[i], "=")
			if n := c.Files.Get(folder); n != nil && n.Directory {
				return folder
			}
		}
	}
	return c.CurrentDirectory
}

// tmpnam makes a name for a temporary file, in a buffer of the thread if none is
// given.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tempnam-wtempnam-tmpnam-wtmpnam
func tmpnam[T text](c *win.Call, str win.Ptr) (win.Ptr, win.Error) {
	s := of(c)
	name := s.temporaryName(s.temporaryFolder(c), "s", ".")
	if str == 0 {
		return threadText[T](c, name[max(0, len(name)-60):]), 0
	}
	writeNumber[T](c, str, name)
	return str, 0
}

// tmpnamS makes a name that fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tmpnam-s-wtmpnam-s
func tmpnamS[T text](c *win.Call, str win.Ptr, sizeInChars win.Size) (win.Int, win.Error) {
	if str == 0 || sizeInChars == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	s := of(c)
	name := s.temporaryName(s.temporaryFolder(c), "u", ".")
	if uint64(len(name)) >= uint64(sizeInChars) {
		terminate[T](c, str)
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	writeNumber[T](c, str, name)
	return 0, 0
}

// tempnam makes a name for a temporary file in a new block. The folder is the
// one that the variable TMP names, or else dir.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tempnam-wtempnam-tmpnam-wtmpnam
func tempnam[S decoded, T text](c *win.Call, dir, prefix S) (win.Ptr, win.Error) {
	s := of(c)
	folder := s.temporaryFolder(c)
	if d, _ := textOf(dir); folder == c.CurrentDirectory && d.Text != "" {
		folder = d.Text
	}
	p, _ := textOf(prefix)
	return newText[T](c, s.temporaryName(folder, p.Text, "")), 0
}

// tmpfile opens a temporary file, which is removed when it is closed.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tmpfile
func tmpfile(c *win.Call) (win.Ptr, win.Error) {
	s := of(c)
	at := s.fopenFile(c, s.temporaryName(s.temporaryFolder(c), "t", ".tmp"), "w+bD", guest.ShareRead|guest.ShareWrite|guest.ShareDelete)
	if at != 0 {
		s.streams[uint64(at)].temporary = true
	}
	return at, 0
}

// tmpfileS stores a temporary file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tmpfile-s
func tmpfileS(c *win.Call, pFilePtr win.Out[uint64]) (win.Int, win.Error) {
	if pFilePtr.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	at, err := tmpfile(c)
	pFilePtr.Set(c, uint64(at))
	if at == 0 {
		return win.Int(current(c)), err
	}
	return 0, err
}

// rmtmp closes the temporary files and returns how many there were.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rmtmp
func rmtmp(c *win.Call) (win.Int, win.Error) {
	return of(c).closeStreams(c, func(st *stream) bool { return st.temporary }), 0
}

// ungetwc gives a character back to be read again.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ungetc-ungetwc
func ungetwc(c *win.Call, ch win.WORD, stream win.Ptr) (win.WORD, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil || ch == wideEOF || len(st.pushed) >= maxPushed {
		return wideEOF, 0
	}
	s.unreadWide(c, st, uint16(ch))
	s.unmark(st, ioEOF)
	return ch, 0
}

// getws reads a line of stdin.
//
// https://learn.microsoft.com/cpp/c-runtime-library/gets-getws
func getws(c *win.Call, buffer win.Ptr) (win.Ptr, win.Error) {
	return getLine[win.WText](c, buffer, unlimited)
}

// getsS reads a line of stdin that fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/gets-s-getws-s
func getsS[T text](c *win.Call, buffer win.Ptr, sizeInCharacters win.Size) (win.Ptr, win.Error) {
	if buffer == 0 || sizeInCharacters == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	return getLine[T](c, buffer, min(uint64(sizeInCharacters), unlimited))
}

// getLine reads characters up to a line feed, which is left out.
func getLine[T text](c *win.Call, buffer win.Ptr, size uint64) (win.Ptr, win.Error) {
	s := of(c)
	in := &inStream[T]{c, s, s.file(stdin)}
	var line []byte
	n := uint64(0)
	for ; ; n++ {
		ch, ok := in.next()
		if !ok && n == 0 {
			return 0, 0
		}
		if !ok || ch == '\n' {
			break
		}
		if n+1 >= size {
			terminate[T](c, buffer)
			invalid(c, eRANGE)
			return 0, 0
		}
		line = append(line, byte(ch))
		if width[T]() == 2 {
			line = append(line, byte(ch>>8))
		}
	}
	transfer[T](c, buffer, line)
	return buffer, 0
}

// getStreamBufferPointers stores where a stream keeps its buffer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func getStreamBufferPointers(c *win.Call, stream win.Ptr, base, pointer, count win.Out[uint64]) (win.Int, win.Error) {
	if of(c).stream(c, stream) == nil {
		return win.Int(eINVAL), 0
	}
	base.Set(c, uint64(stream)+16) // _base, _ptr and _cnt of the FILE
	pointer.Set(c, uint64(stream))
	count.Set(c, uint64(stream)+8)
	return 0, 0
}
