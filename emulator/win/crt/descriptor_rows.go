package crt

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// descriptorRows are the low-level functions on files.
//
// https://learn.microsoft.com/cpp/c-runtime-library/low-level-i-o
var descriptorRows = win.Rows{
	win.Func2("_chsize", chsize, "fd size"),
	win.Func2("_chsize_s", chsizeS, "fd size"),
	win.Func2("_creat", creat[win.AStr], "filename pmode"),
	win.Partial(win.Func3("_locking", locking, "fd mode nbytes"), "regions are not locked against other openings"),
	win.Func3("_pipe", pipe, "pfds psize textmode"),
	win.Func1("_telli64", telli64, "fd"),
	win.Func2("_wcreat", creat[win.WStr], "filename pmode"),
	win.Func1("_close", closeDescriptor, "fd"),
	win.Stub("_commit", win.Int(0), "fd"),
	win.Func1("_dup", dup, "fd"),
	win.Func2("_dup2", dup2, "fd1 fd2"),
	win.Func1("_eof", atEOF, "fd"),
	win.Func1("_filelength", filelength, "fd"),
	win.Func1("_filelengthi64", filelengthi64, "fd"),
	win.Func1("_get_osfhandle", getOsfhandle, "fd"),
	win.Func1("_isatty", isatty, "fd"),
	win.Func3("_lseek", lseek, "fd offset origin"),
	win.Func3("_lseeki64", lseeki64, "fd offset origin"),
	win.Func2("_open", open[win.AStr], "filename oflag"),
	win.Func2("_open_osfhandle", openOsfhandle, "osfhandle flags"),
	win.Func3("_read", read, "fd buffer buffer_size"),
	win.Func2("_setmode", setmode, "fd mode"),
	win.Func3("_sopen", sopen[win.AStr], "filename oflag shflag"),
	win.Func5("_sopen_s", sopenS[win.AStr], "pfh filename oflag shflag pmode"),
	win.Func1("_tell", tell, "fd"),
	win.Func2("_wopen", open[win.WStr], "filename oflag"),
	win.Func3("_write", write, "fd buffer count"),
	win.Func3("_wsopen", sopen[win.WStr], "filename oflag shflag"),
	win.Func5("_wsopen_s", sopenS[win.WStr], "pfh filename oflag shflag pmode"),
}

// open opens a file. The permission of new files (a further argument) is not
// looked at: they can be read and written.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/open-wopen
func open[T decoded](c *win.Call, filename T, oflag win.Hex) (win.Int, win.Error) {
	return sopen(c, filename, oflag, 0x40) // _SH_DENYNO
}

// sopen opens a file, shared as shflag says.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sopen-wsopen
func sopen[T decoded](c *win.Call, filename T, oflag, shflag win.Hex) (win.Int, win.Error) {
	f, _ := textOf(filename)
	return of(c).open(c, f.Text, oflag, shareOf(shflag)), 0
}

// sopenS opens a file and stores its descriptor.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sopen-s-wsopen-s
func sopenS[T decoded](c *win.Call, pfh win.Out[int32], filename T, oflag, shflag win.Hex, pmode win.Int) (win.Int, win.Error) {
	if pfh.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	fd, _ := sopen(c, filename, oflag, shflag)
	pfh.Set(c, int32(fd))
	if fd < 0 {
		return win.Int(current(c)), 0
	}
	return 0, 0
}

// closeDescriptor closes a file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/close
func closeDescriptor(c *win.Call, fd win.Int) (win.Int, win.Error) {
	if !of(c).close(c, fd) {
		return -1, 0
	}
	return 0, 0
}

// read reads bytes.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/read
func read(c *win.Call, fd win.Int, buffer win.Ptr, buffer_size win.DWORD) (win.Int, win.Error) {
	s := of(c)
	d := s.descriptor(c, fd)
	if d == nil {
		return -1, 0
	}
	b, at, plain := s.receive(c, d, uint64(buffer_size), -1)
	c.Write(buffer, b)
	if f, ok := d.object.(*guest.File); ok && plain && !c.Faulted() {
		c.NoteRead(uint64(buffer), len(b), f.Node, at)
	}
	return win.Int(len(b)), 0
}

// write writes bytes.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/write
func write(c *win.Call, fd win.Int, buffer win.Ptr, count win.DWORD) (win.Int, win.Error) {
	s := of(c)
	d := s.descriptor(c, fd)
	if d == nil {
		return -1, 0
	}
	b := c.Bytes(buffer, uint64(count))
	if c.Faulted() || !s.send(c, d, b) {
		return -1, 0
	}
	return win.Int(count), 0
}

// lseeki64 moves the position and returns it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lseek-lseeki64
func lseeki64(c *win.Call, fd win.Int, offset win.Int64, origin win.Int) (win.Int64, win.Error) {
	at, ok := of(c).seek(c, fd, int64(offset), origin)
	if !ok {
		return -1, 0
	}
	return win.Int64(at), 0
}

// lseek moves the position and returns it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lseek-lseeki64
func lseek(c *win.Call, fd, offset, origin win.Int) (win.Int, win.Error) {
	at, err := lseeki64(c, fd, win.Int64(offset), origin)
	return win.Int(at), err
}

// tell returns the position.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tell-telli64
func tell(c *win.Call, fd win.Int) (win.Int, win.Error) { return lseek(c, fd, 0, 1) }

// disk is the file on disk of a descriptor, or nil.
func (s *state) disk(c *win.Call, fd win.Int) *guest.File {
	d := s.descriptor(c, fd)
	if d == nil {
		return nil
	}
	f, _ := d.object.(*guest.File)
	return f
}

// filelengthi64 returns the size of a file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/filelength-filelengthi64
func filelengthi64(c *win.Call, fd win.Int) (win.Int64, win.Error) {
	f := of(c).disk(c, fd)
	if f == nil {
		return -1, 0
	}
	return win.Int64(f.Node.Size()), 0
}

// filelength returns the size of a file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/filelength-filelengthi64
func filelength(c *win.Call, fd win.Int) (win.Int, win.Error) {
	n, err := filelengthi64(c, fd)
	return win.Int(n), err
}

// chsize cuts a file or extends it with zeros.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/chsize
func chsize(c *win.Call, fd, size win.Int) (win.Int, win.Error) {
	f := of(c).disk(c, fd)
	switch {
	case f == nil:
		return -1, 0
	case !f.Write:
		fail(c, eBADF)
		return -1, 0
	case c.Files.Resize(f.Node, int64(size)) != nil:
		fail(c, eNOSPC)
		return -1, 0
	}
	return 0, 0
}

// atEOF tells whether the position is the file's end.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/eof
func atEOF(c *win.Call, fd win.Int) (win.Int, win.Error) {
	f := of(c).disk(c, fd)
	switch {
	case f == nil:
		return -1, 0
	case f.Position >= f.Node.Size():
		return 1, 0
	}
	return 0, 0
}

// isatty tells whether a descriptor is the console.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/isatty
func isatty(c *win.Call, fd win.Int) (win.Int, win.Error) {
	d := of(c).descriptor(c, fd)
	if d == nil {
		return 0, 0
	}
	if _, ok := d.object.(*guest.Console); ok {
		return 0x40, 0
	}
	return 0, 0
}

// setmode sets the translation of line ends and returns the one before.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/setmode
func setmode(c *win.Call, fd win.Int, mode win.Hex) (win.Int, win.Error) {
	d := of(c).descriptor(c, fd)
	if d == nil {
		return -1, 0
	}
	old := win.Int(modeBinary)
	if d.text {
		old = modeText
	}
	switch {
	case mode == modeText:
		d.text = true
	case mode == modeBinary:
		d.text = false
	case mode&modeUnicode != 0:
		c.Gap("Unicode translation modes")
	default:
		invalid(c, eINVAL)
		return -1, 0
	}
	return old, 0
}

// getOsfhandle returns the handle of a descriptor.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-osfhandle
func getOsfhandle(c *win.Call, fd win.Int) (win.FileHandle, win.Error) {
	d := of(c).descriptor(c, fd)
	if d == nil {
		return ^win.FileHandle(0), 0
	}
	return win.FileHandle(d.handle), 0
}

// openOsfhandle makes a descriptor of a handle.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/open-osfhandle
func openOsfhandle(c *win.Call, osfhandle win.Handle, flags win.Hex) (win.Int, win.Error) {
	return of(c).adopt(c, osfhandle.Guest(), flags), 0
}

// dup makes another descriptor of the same opening.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/dup-dup2
func dup(c *win.Call, fd win.Int) (win.Int, win.Error) {
	s := of(c)
	d := s.descriptor(c, fd)
	if d == nil {
		return -1, 0
	}
	same := *d
	return s.add(c, &same), 0
}

// dup2 makes a descriptor lead to the opening of another.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/dup-dup2
func dup2(c *win.Call, fd1, fd2 win.Int) (win.Int, win.Error) {
	s := of(c)
	d := s.descriptor(c, fd1)
	if d == nil || fd2 < 0 || fd2 >= maxDescriptors {
		fail(c, eBADF)
		return -1, 0
	}
	if fd1 == fd2 {
		return 0, 0
	}
	for int(fd2) >= len(s.files) {
		s.files = append(s.files, nil)
	}
	same := *d
	if s.files[fd2] != nil {
		s.close(c, fd2)
	}
	s.files[fd2] = &same
	return 0, 0
}

// chsizeS cuts a file or extends it with zeros, and returns an error number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/chsize-s
func chsizeS(c *win.Call, fd win.Int, size win.Int64) (win.Int, win.Error) {
	f := of(c).disk(c, fd)
	switch {
	case f == nil:
		return win.Int(eBADF), 0
	case size < 0:
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	case !f.Write:
		fail(c, eACCES)
		return win.Int(eACCES), 0
	case c.Files.Resize(f.Node, int64(size)) != nil:
		fail(c, eNOSPC)
		return win.Int(eNOSPC), 0
	}
	return 0, 0
}

// creat makes an empty file for writing. That it may not be written to later
// (pmode) is not looked at.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/creat-wcreat
func creat[T decoded](c *win.Call, filename T, pmode win.Hex) (win.Int, win.Error) {
	return open(c, filename, openCreate|openTruncate|openReadWrite)
}

// telli64 returns the position.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tell-telli64
func telli64(c *win.Call, fd win.Int) (win.Int64, win.Error) { return lseeki64(c, fd, 0, 1) }

// locking locks a part of a file, or unlocks it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/locking
func locking(c *win.Call, fd, mode, nbytes win.Int) (win.Int, win.Error) {
	if of(c).descriptor(c, fd) == nil {
		return -1, 0
	}
	if mode < 0 || mode > 4 || nbytes < 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	return 0, 0
}

// pipe makes a pipe and stores its descriptors, the one to read from first.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/pipe
func pipe(c *win.Call, pfds win.Ptr, psize win.DWORD, textmode win.Hex) (win.Int, win.Error) {
	if pfds == 0 || textmode&^(modeText|modeBinary|0x80) != 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	s := of(c)
	at := s.store(make([]byte, 16))
	r, err := c.Invoke("kernel32.dll", "CreatePipe", at, at+8, 0, uint64(psize))
	read, write := c.ReadUint(win.Ptr(at), 8), c.ReadUint(win.Ptr(at+8), 8)
	c.Heap.Free(at)
	if uint32(r) == 0 {
		return outcome(c, r, err)
	}
	for i, h := range []uint64{read, write} {
		fd := s.adopt(c, guest.Handle(h), textmode)
		if fd < 0 {
			return -1, 0
		}
		c.WriteUint(pfds+win.Ptr(4*i), 4, uint64(fd))
	}
	return 0, 0
}

// ucrtDescriptorRows are what the headers of ucrtbase.dll make _open of in C++.
var ucrtDescriptorRows = win.Rows{
	win.Func6("_sopen_dispatch", sopenDispatch[win.AStr], "filename oflag shflag pmode pfh secure"),
	win.Func6("_wsopen_dispatch", sopenDispatch[win.WStr], "filename oflag shflag pmode pfh secure"),
}

// sopenDispatch opens a file and stores its descriptor.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func sopenDispatch[T decoded](c *win.Call, filename T, oflag, shflag win.Hex, pmode win.Int, pfh win.Out[int32], secure win.Int) (win.Int, win.Error) {
	return sopenS(c, pfh, filename, oflag, shflag, pmode)
}
