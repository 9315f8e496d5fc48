package crt

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// errno is a value of the variable errno.
//
// https://learn.microsoft.com/cpp/c-runtime-library/errno-constants
type errno uint32

const (
	ePERM     errno = 1
	eNOENT    errno = 2
	eBADF     errno = 9
	eNOMEM    errno = 12
	eACCES    errno = 13
	eEXIST    errno = 17
	eINVAL    errno = 22
	eMFILE    errno = 24
	eNOSPC    errno = 28
	ePIPE     errno = 32
	eDOM      errno = 33
	eRANGE    errno = 34
	eNOTEMPTY errno = 41
	eILSEQ    errno = 42
	eTRUNC    errno = 80 // STRUNCATE
)

var errorRows = win.Rows{
	win.Func0("__doserrno", doserrno),
	win.Func0("_errno", errnoAddress),
	win.Func1("_get_errno", getErrno, "pValue"),
	win.Func1("_set_errno", setErrno, "value"),
	win.Func1("_get_doserrno", getDoserrno, "pValue"),
	win.Func1("_set_doserrno", setDoserrno, "value"),
	win.Func1("__wcserror", wcserrorPrefix, "strErrMsg"),
	win.Func3("__wcserror_s", wcserrorPrefixS, "buffer sizeInWords strErrMsg"),
	win.Func1("_strerror", strerrorPrefix, "strErrMsg"),
	win.Func3("_strerror_s", strerrorPrefixS, "buffer sizeInBytes strErrMsg"),
	win.Func1("_wcserror", wcserror, "errnum"),
	win.Func3("_wcserror_s", strerrorS[win.WText], "buffer sizeInBytes errnum"),
	win.Func1("_wperror", perror[win.WStr], "message"),
	win.Func1("perror", perror[win.AStr], "message"),
	win.Func1("strerror", strerror, "errnum"),
	win.Func3("strerror_s", strerrorS[win.AText], "buffer sizeInBytes errnum"),
}

// fail sets errno.
func fail(c *win.Call, e errno) {
	of(c).put(of(c).thread(c).errno, 4, uint64(e))
}

// current is the calling thread's errno.
func current(c *win.Call) errno {
	return errno(c.ReadUint(win.Ptr(of(c).thread(c).errno), 4))
}

// errnoAddress returns the address of the calling thread's errno.
//
// https://learn.microsoft.com/cpp/c-runtime-library/errno-doserrno-sys-errlist-and-sys-nerr
func errnoAddress(c *win.Call) (win.Ptr, win.Error) { return win.Ptr(of(c).thread(c).errno), 0 }

// doserrno returns the address of the calling thread's _doserrno, which stays 0.
//
// https://learn.microsoft.com/cpp/c-runtime-library/errno-doserrno-sys-errlist-and-sys-nerr
func doserrno(c *win.Call) (win.Ptr, win.Error) { return win.Ptr(of(c).thread(c).doserrno), 0 }

// getErrno stores errno.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-errno
func getErrno(c *win.Call, pValue win.Out[uint32]) (win.Int, win.Error) {
	if pValue.Null() {
		return win.Int(eINVAL), 0
	}
	pValue.Set(c, uint32(current(c)))
	return 0, 0
}

// setErrno sets errno.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-errno
func setErrno(c *win.Call, value win.Int) (win.Int, win.Error) {
	fail(c, errno(value))
	return 0, 0
}

// messages are the texts of errno values, by value.
//
// https://learn.microsoft.com/cpp/c-runtime-library/errno-constants
var messages = [...]string{
	"No error", "Operation not permitted", "No such file or directory", "No such process", "Interrupted function call",
	"Input/output error", "No such device or address", "Arg list too long", "Exec format error", "Bad file descriptor",
	"No child processes", "Resource temporarily unavailable", "Not enough space", "Permission denied", "Bad address",
	"Unknown error", "Resource device", "File exists", "Improper link", "No such device", "Not a directory",
	"Is a directory", "Invalid argument", "Too many open files in system", "Too many open files",
	"Inappropriate I/O control operation", "Unknown error", "File too large", "No space left on device", "Invalid seek",
	"Read-only file system", "Too many links", "Broken pipe", "Domain error", "Result too large", "Unknown error",
	"Resource deadlock avoided", "Unknown error", "Filename too long", "No locks available", "Function not implemented",
	"Directory not empty", "Illegal byte sequence",
}

const unknownError = "Unknown error"

func message(n win.Int) string {
	if n >= 0 && int(n) < len(messages) {
		return messages[n]
	}
	return unknownError
}

// strerror returns the text of an errno value, in a buffer of the thread.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strerror-strerror-wcserror-wcserror
func strerror(c *win.Call, errnum win.Int) (win.Ptr, win.Error) {
	return of(c).message(c, message(errnum)), 0
}

// strerrorPrefix returns the text of errno behind a prefix.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strerror-strerror-wcserror-wcserror
func strerrorPrefix(c *win.Call, strErrMsg win.AStr) (win.Ptr, win.Error) {
	return of(c).message(c, prefixed(c, strErrMsg.Str)+"\n"), 0
}

func prefixed(c *win.Call, prefix win.Str) string {
	text := message(win.Int(current(c)))
	if prefix.Text != "" {
		text = prefix.Text + ": " + text
	}
	return text
}

// message puts a short text into the thread's own buffer.
func (s *state) message(c *win.Call, text string) win.Ptr {
	const size = 134 // as long as strerror's
	l := s.thread(c)
	if l.message == 0 {
		l.message = s.store(make([]byte, size))
	}
	b := guest.ANSI(text)
	if len(b) > size {
		b = append(b[:size-1], 0)
	}
	c.Write(win.Ptr(l.message), b)
	return win.Ptr(l.message)
}

// strerrorS stores the text of an errno value.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strerror-s-strerror-s-wcserror-s-wcserror-s
func strerrorS[T text](c *win.Call, buffer win.Ptr, sizeInBytes win.Size, errnum win.Int) (win.Int, win.Error) {
	return cutText[T](c, buffer, sizeInBytes, message(errnum))
}

// cutText writes as much of a text as a buffer holds.
func cutText[T text](c *win.Call, buffer win.Ptr, size win.Size, text string) (win.Int, win.Error) {
	if buffer == 0 || size == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	writeNumber[T](c, buffer, text[:min(uint64(len(text)), uint64(size)-1)])
	return 0, 0
}

// strerrorPrefixS stores the text of errno behind a prefix.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strerror-s-strerror-s-wcserror-s-wcserror-s
func strerrorPrefixS(c *win.Call, buffer win.Ptr, sizeInBytes win.Size, strErrMsg win.AStr) (win.Int, win.Error) {
	return cutText[win.AText](c, buffer, sizeInBytes, prefixed(c, strErrMsg.Str)+"\n")
}

// wcserrorPrefixS is its wide twin.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strerror-s-strerror-s-wcserror-s-wcserror-s
func wcserrorPrefixS(c *win.Call, buffer win.Ptr, sizeInWords win.Size, strErrMsg win.WStr) (win.Int, win.Error) {
	return cutText[win.WText](c, buffer, sizeInWords, prefixed(c, strErrMsg.Str)+"\n")
}

// wcserror returns the text of an errno value, in a buffer of the thread.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strerror-strerror-wcserror-wcserror
func wcserror(c *win.Call, errnum win.Int) (win.Ptr, win.Error) {
	return threadText[win.WText](c, message(errnum)), 0
}

// wcserrorPrefix returns the text of errno behind a prefix.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strerror-strerror-wcserror-wcserror
func wcserrorPrefix(c *win.Call, strErrMsg win.WStr) (win.Ptr, win.Error) {
	text := prefixed(c, strErrMsg.Str)
	return threadText[win.WText](c, text[:min(len(text), 60)]+"\n"), 0
}

// perror prints the text of errno behind a prefix to stderr.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/perror-wperror
func perror[T decoded](c *win.Call, message T) (win.Void, win.Error) {
	s := of(c)
	prefix, _ := textOf(message)
	text := guest.ANSI(prefixed(c, prefix))
	s.write(c, s.file(stderr), append(text[:len(text)-1], '\n'))
	return win.Void{}, 0
}

// getDoserrno stores _doserrno.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-doserrno
func getDoserrno(c *win.Call, pValue win.Out[uint32]) (win.Int, win.Error) {
	if pValue.Null() {
		return win.Int(eINVAL), 0
	}
	pValue.Set(c, uint32(c.ReadUint(win.Ptr(of(c).thread(c).doserrno), 4)))
	return 0, 0
}

// setDoserrno sets _doserrno.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-doserrno
func setDoserrno(c *win.Call, value win.DWORD) (win.Int, win.Error) {
	of(c).put(of(c).thread(c).doserrno, 4, uint64(value))
	return 0, 0
}
