package crt

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// streamRows are the functions that open, position and transfer streams.
//
// https://learn.microsoft.com/cpp/c-runtime-library/stream-i-o
var streamRows = win.Rows{
	win.Func0("_fcloseall", fcloseall),
	win.Func2("_fdopen", fdopen[win.AStr], "fd mode"),
	win.Func1("_fileno", fileno, "stream"),
	win.Stub("_flushall", win.Int(3), ""),
	win.Func3("_fseeki64", fseeki64, "stream offset origin"),
	win.Func3("_fsopen", fsopen[win.AStr], "filename mode shflag"),
	win.Func1("_ftelli64", ftelli64, "stream"),
	win.Stub("_lock_file", win.Void{}, "file"),
	win.Stub("_unlock_file", win.Void{}, "file"),
	win.Func2("_wfdopen", fdopen[win.WStr], "fd mode"),
	win.Func2("_wfopen", fopen[win.WStr], "filename mode"),
	win.Func3("_wfopen_s", fopenS[win.WStr], "pFile filename mode"),
	win.Func3("_wfsopen", fsopen[win.WStr], "filename mode shflag"),
	win.Func1("clearerr", clearerr, "stream"),
	win.Func1("fclose", fclose, "stream"),
	win.Func1("feof", feof, "stream"),
	win.Func1("ferror", ferror, "stream"),
	win.Func1("fflush", fflush, "stream"),
	win.Func2("fgetpos", fgetpos, "stream pos"),
	win.Func2("fopen", fopen[win.AStr], "filename mode"),
	win.Func3("fopen_s", fopenS[win.AStr], "pFile filename mode"),
	win.Func4("fread", fread, "buffer size count stream"),
	win.Func5("fread_s", freadS, "buffer bufferSize elementSize count stream"),
	win.Func3("freopen", freopen[win.AStr], "path mode stream"),
	win.Func3("fseek", fseek, "stream offset origin"),
	win.Func2("fsetpos", fsetpos, "stream pos"),
	win.Func1("ftell", ftell, "stream"),
	win.Func4("fwrite", fwrite, "buffer size count stream"),
	win.Func1("rewind", rewind, "stream"),
	win.Stub("setbuf", win.Void{}, "stream buffer"),
	win.Stub("setvbuf", win.Int(0), "stream buffer mode size"),
}

const eof = win.Int(-1)

// fopen opens a file as a stream that others may share.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fopen-wfopen
func fopen[T decoded](c *win.Call, filename, mode T) (win.Ptr, win.Error) {
	f, _ := textOf(filename)
	m, _ := textOf(mode)
	return of(c).fopenFile(c, f.Text, m.Text, guest.ShareRead|guest.ShareWrite), 0
}

// fopenS opens a file as a stream; whoever writes has it alone.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fopen-s-wfopen-s
func fopenS[T decoded](c *win.Call, pFile win.Out[uint64], filename, mode T) (win.Int, win.Error) {
	f, _ := textOf(filename)
	m, _ := textOf(mode)
	if pFile.Null() || f.Null() || m.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	share := guest.Share(0)
	if _, io, ok := fopenMode(c, m.Text); ok && io == ioRead {
		share = guest.ShareRead
	}
	file := of(c).fopenFile(c, f.Text, m.Text, share)
	pFile.Set(c, uint64(file))
	if file == 0 {
		return win.Int(current(c)), 0
	}
	return 0, 0
}

// fsopen opens a file as a stream, shared as shflag says.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fsopen-wfsopen
func fsopen[T decoded](c *win.Call, filename, mode T, shflag win.Hex) (win.Ptr, win.Error) {
	f, _ := textOf(filename)
	m, _ := textOf(mode)
	return of(c).fopenFile(c, f.Text, m.Text, shareOf(shflag)), 0
}

// shareOf reads _SH_DENYRW, _SH_DENYWR, _SH_DENYRD and _SH_DENYNO.
//
// https://learn.microsoft.com/cpp/c-runtime-library/sharing-constants
func shareOf(shflag win.Hex) guest.Share {
	switch shflag {
	case 0x10:
		return 0
	case 0x20:
		return guest.ShareRead
	case 0x30:
		return guest.ShareWrite
	}
	return guest.ShareRead | guest.ShareWrite
}

// fdopen makes a stream of a descriptor.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fdopen-wfdopen
func fdopen[T decoded](c *win.Call, fd win.Int, mode T) (win.Ptr, win.Error) {
	s := of(c)
	m, _ := textOf(mode)
	flags, io, ok := fopenMode(c, m.Text)
	if !ok {
		invalid(c, eINVAL)
		return 0, 0
	}
	d := s.descriptor(c, fd)
	if d == nil {
		return 0, 0
	}
	d.text = s.translates(c, flags)
	return s.attach(c, fd, io), 0
}

// freopen closes a stream and opens another file in its place.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/freopen-wfreopen
func freopen[T decoded](c *win.Call, path, mode T, stream win.Ptr) (win.Ptr, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	f, _ := textOf(path)
	m, _ := textOf(mode)
	flags, io, ok := fopenMode(c, m.Text)
	if st == nil || !ok {
		invalid(c, eINVAL)
		return 0, 0
	}
	s.close(c, st.fd)
	st.fd, st.flags, st.pushed = s.open(c, f.Text, flags, guest.ShareRead|guest.ShareWrite), io, nil
	s.publish(st)
	if st.fd < 0 {
		return 0, 0
	}
	return stream, 0
}

// fclose closes a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fclose-fcloseall
func fclose(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil || !s.closeStream(c, st) {
		return eof, 0
	}
	return 0, 0
}

// fcloseall closes all streams but the standard ones.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fclose-fcloseall
func fcloseall(c *win.Call) (win.Int, win.Error) {
	s := of(c)
	return s.closeStreams(c, func(st *stream) bool { return st.fd > stderr }), 0
}

// closeStreams closes those that are chosen, in the order of their descriptors,
// and returns how many there were.
func (s *state) closeStreams(c *win.Call, chosen func(*stream) bool) win.Int {
	closed := win.Int(0)
	for fd := range win.Int(len(s.files)) {
		for _, st := range s.streams { // one at most has the descriptor, whatever the order
			if st.fd == fd && chosen(st) {
				s.closeStream(c, st)
				closed++
				break
			}
		}
	}
	return closed
}

// fileno returns the descriptor of a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fileno
func fileno(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	st := of(c).stream(c, stream)
	if st == nil {
		return -1, 0
	}
	return st.fd, 0
}

// flagsOf are a stream's flags, 0 if there is no stream.
func flagsOf(c *win.Call, file win.Ptr) uint32 {
	if st := of(c).stream(c, file); st != nil {
		return st.flags
	}
	return 0
}

// feof tells whether a read met the end of the file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/feof
func feof(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	return win.Int(flagsOf(c, stream) & ioEOF), 0
}

// ferror tells whether a read or write failed.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ferror
func ferror(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	return win.Int(flagsOf(c, stream) & ioError), 0
}

// clearerr forgets errors and the end of the file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/clearerr
func clearerr(c *win.Call, stream win.Ptr) (win.Void, win.Error) {
	s := of(c)
	if st := s.stream(c, stream); st != nil {
		s.unmark(st, ioEOF|ioError)
	}
	return win.Void{}, 0
}

// fflush has nothing to do: nothing is buffered.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fflush
func fflush(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	if stream != 0 && of(c).stream(c, stream) == nil {
		return eof, 0
	}
	return 0, 0
}

// fread reads elements and returns how many were read whole.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fread
func fread(c *win.Call, buffer win.Ptr, size, count win.Size, stream win.Ptr) (win.Size, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	n, ok := product(size, count)
	if st == nil || !ok || n == 0 {
		return 0, 0
	}
	b, at, plain := s.read(c, st, n, -1)
	c.Write(buffer, b)
	if plain && !c.Faulted() {
		if f, ok := s.files[st.fd].object.(*guest.File); ok {
			c.NoteRead(uint64(buffer), len(b), f.Node, at)
		}
	}
	return win.Size(len(b)) / size, 0
}

// freadS is fread into a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fread-s
func freadS(c *win.Call, buffer win.Ptr, bufferSize, elementSize, count win.Size, stream win.Ptr) (win.Size, win.Error) {
	if n, ok := product(elementSize, count); !ok || n > uint64(bufferSize) {
		invalid(c, eRANGE)
		return 0, 0
	}
	return fread(c, buffer, elementSize, count, stream)
}

// fwrite writes elements and returns how many were written.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fwrite
func fwrite(c *win.Call, buffer win.Ptr, size, count win.Size, stream win.Ptr) (win.Size, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	n, ok := product(size, count)
	if st == nil || !ok || n == 0 {
		return 0, 0
	}
	b := c.Bytes(buffer, n)
	if c.Faulted() || !s.write(c, st, b) {
		return 0, 0
	}
	return count, 0
}

// seek moves the position of an open file and returns it; false if that
// cannot be.
func (s *state) seek(c *win.Call, fd win.Int, offset int64, origin win.Int) (int64, bool) {
	d := s.descriptor(c, fd)
	if d == nil {
		return 0, false
	}
	f, ok := d.object.(*guest.File)
	if !ok {
		return 0, true // as on a console, where it means nothing
	}
	switch origin {
	case 0:
	case 1:
		offset += f.Position
	case 2:
		offset += f.Node.Size()
	default:
		invalid(c, eINVAL)
		return 0, false
	}
	if offset < 0 {
		invalid(c, eINVAL)
		return 0, false
	}
	f.Position = offset
	return offset, true
}

// fseek moves the position of a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fseek-fseeki64
func fseek(c *win.Call, stream win.Ptr, offset win.Int, origin win.Int) (win.Int, win.Error) {
	return fseeki64(c, stream, win.Int64(offset), origin)
}

// fseeki64 moves the position of a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fseek-fseeki64
func fseeki64(c *win.Call, stream win.Ptr, offset win.Int64, origin win.Int) (win.Int, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil {
		return -1, 0
	}
	if origin == 1 {
		offset -= win.Int64(len(st.pushed))
	}
	if _, ok := s.seek(c, st.fd, int64(offset), origin); !ok {
		return -1, 0
	}
	st.pushed = nil
	s.unmark(st, ioEOF)
	return 0, 0
}

// rewind moves to the beginning and forgets errors.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rewind
func rewind(c *win.Call, stream win.Ptr) (win.Void, win.Error) {
	_, _ = fseek(c, stream, 0, 0)
	return clearerr(c, stream)
}

// ftelli64 returns the position of a stream in the file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ftell-ftelli64
func ftelli64(c *win.Call, stream win.Ptr) (win.Int64, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil {
		return -1, 0
	}
	at, ok := s.seek(c, st.fd, 0, 1)
	if !ok {
		return -1, 0
	}
	return win.Int64(at - int64(len(st.pushed))), 0
}

// ftell returns the position of a stream in the file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ftell-ftelli64
func ftell(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	at, err := ftelli64(c, stream)
	return win.Int(at), err
}

// fgetpos stores the position of a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fgetpos
func fgetpos(c *win.Call, stream win.Ptr, pos win.Out[int64]) (win.Int, win.Error) {
	at, err := ftelli64(c, stream)
	if at < 0 {
		return -1, err
	}
	pos.Set(c, int64(at))
	return 0, err
}

// fsetpos moves to a position that fgetpos stored.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fsetpos
func fsetpos(c *win.Call, stream win.Ptr, pos win.Out[int64]) (win.Int, win.Error) {
	return fseeki64(c, stream, win.Int64(pos.Get(c)), 0)
}
