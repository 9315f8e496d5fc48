package crt

import (
	"encoding/binary"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// stream is what a FILE stands for.
type stream struct {
	addr      uint64
	fd        win.Int
	flags     uint32 // _IO*
	pushed    []byte // by ungetc, the last first
	temporary bool   // made by tmpfile
	command   bool   // made by _popen
}

// A FILE is the structure _iobuf of msvcrt.dll's stdio.h, of which only _flag
// and _file are used. Its _cnt stays 0, so that macros call functions.
const (
	fileSize   = 48
	fileFlag   = 24
	fileNumber = 28
	iobCount   = 20 // streams in _iob

	ioRead      = 0x01
	ioWrite     = 0x02
	ioEOF       = 0x10
	ioError     = 0x20
	ioReadWrite = 0x80
)

const (
	maxStreams = 512
	maxPushed  = 4 // characters
)

// placeStandard puts stdin, stdout and stderr at the beginning of _iob.
func (s *state) placeStandard(addr uint64) {
	for fd, flags := range []uint32{ioRead, ioWrite, ioWrite} {
		st := &stream{addr: addr + uint64(fd)*fileSize, fd: win.Int(fd), flags: flags}
		s.streams[st.addr] = st
		s.publish(st)
	}
}

// publish writes what macros read of a FILE.
func (s *state) publish(st *stream) {
	s.put(st.addr+fileFlag, 4, uint64(st.flags))
	s.put(st.addr+fileNumber, 4, uint64(uint32(st.fd)))
}

// file is one of the standard streams.
func (s *state) file(fd int) *stream { return s.streams[s.variable("_iob")+uint64(fd)*fileSize] }

// stream finds the stream of a FILE, or sets errno.
func (s *state) stream(c *win.Call, file win.Ptr) *stream {
	st := s.streams[uint64(file)]
	if st == nil {
		invalid(c, eINVAL)
	}
	return st
}

// mark sets flags of a stream.
func (s *state) mark(st *stream, flags uint32) {
	if st.flags&flags != flags {
		st.flags |= flags
		s.publish(st)
	}
}

// unmark takes flags back.
func (s *state) unmark(st *stream, flags uint32) {
	if st.flags&flags != 0 {
		st.flags &^= flags
		s.publish(st)
	}
}

// write writes bytes to a stream.
func (s *state) write(c *win.Call, st *stream, data []byte) bool {
	if st == nil {
		return false
	}
	d := s.descriptor(c, st.fd)
	if d == nil || !s.send(c, d, data) {
		s.mark(st, ioError)
		return false
	}
	return true
}

// read is receive for a stream: what was pushed back comes first.
func (s *state) read(c *win.Call, st *stream, limit uint64, stop int) (b []byte, at int64, plain bool) {
	for len(st.pushed) > 0 && uint64(len(b)) < limit {
		last := len(st.pushed) - 1
		ch := st.pushed[last]
		st.pushed = st.pushed[:last]
		b = append(b, ch)
		if int(ch) == stop {
			return b, 0, false
		}
	}
	d := s.descriptor(c, st.fd)
	if d == nil {
		s.mark(st, ioError)
		return b, 0, false
	}
	for uint64(len(b)) < limit && (len(b) == 0 || int(b[len(b)-1]) != stop) {
		more, from, same := s.receive(c, d, limit-uint64(len(b)), stop)
		if len(more) == 0 {
			s.mark(st, ioEOF)
			break
		}
		if b == nil {
			b, at, plain = more, from, same
		} else {
			b, plain = append(b[:len(b):len(b)], more...), false
		}
	}
	return b, at, plain
}

// fopenMode reads the mode of fopen.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fopen-wfopen
func fopenMode(c *win.Call, mode string) (flags win.Hex, io uint32, ok bool) {
	mode, encoding, found := strings.Cut(mode, ",")
	if found {
		c.Gap("fopen with " + encoding)
	}
	mode = strings.TrimLeft(mode, " ")
	if mode == "" {
		return 0, 0, false
	}
	switch mode[0] {
	case 'r':
		io = ioRead
	case 'w':
		flags, io = openWriteOnly|openCreate|openTruncate, ioWrite
	case 'a':
		flags, io = openWriteOnly|openCreate|openAppend, ioWrite
	default:
		return 0, 0, false
	}
	for _, ch := range mode[1:] {
		switch ch {
		case '+':
			flags, io = flags&^openWriteOnly|openReadWrite, ioReadWrite
		case 'b':
			flags |= modeBinary
		case 't':
			flags |= modeText
		case 'D':
			flags |= openTemporary
		case 'x':
			flags |= openExclusive
		}
	}
	return flags, io, true
}

// fopenFile opens a file as a stream and returns its FILE, or null.
func (s *state) fopenFile(c *win.Call, path, mode string, share guest.Share) win.Ptr {
	flags, io, ok := fopenMode(c, mode)
	if !ok {
		invalid(c, eINVAL)
		return 0
	}
	fd := s.open(c, path, flags, share)
	if fd < 0 {
		return 0
	}
	return s.attach(c, fd, io)
}

// attach makes a stream of a descriptor.
func (s *state) attach(c *win.Call, fd win.Int, io uint32) win.Ptr {
	if len(s.streams) >= maxStreams {
		s.close(c, fd)
		fail(c, eMFILE)
		return 0
	}
	at := s.store(make([]byte, fileSize))
	if at == 0 {
		s.close(c, fd)
		fail(c, eNOMEM)
		return 0
	}
	st := &stream{addr: at, fd: fd, flags: io}
	s.streams[at] = st
	s.publish(st)
	return win.Ptr(at)
}

// closeStream ends a stream; false means that its file was closed already.
func (s *state) closeStream(c *win.Call, st *stream) bool {
	delete(s.streams, st.addr)
	ok := s.close(c, st.fd)
	iob := s.variable("_iob")
	if st.addr-iob >= iobCount*fileSize {
		c.Heap.Free(st.addr)
	}
	return ok
}

// writeWide writes UTF-16 to a stream.
func (s *state) writeWide(c *win.Call, st *stream, w []byte) bool {
	if st == nil {
		return false
	}
	if d := s.descriptor(c, st.fd); d != nil && d.text {
		b, ok := narrow(s.current(c).codepage, w)
		if !ok {
			fail(c, eILSEQ)
			s.mark(st, ioError)
		}
		return s.write(c, st, b) && ok
	}
	return s.write(c, st, w)
}

// readWide reads one character; false at the end.
func (s *state) readWide(c *win.Call, st *stream) (uint16, bool) {
	if d := s.descriptor(c, st.fd); d != nil && !d.text {
		b, _, _ := s.read(c, st, 2, -1)
		if len(b) < 2 {
			return 0, false
		}
		return binary.LittleEndian.Uint16(b), true
	}
	b, _, _ := s.read(c, st, 1, -1)
	if len(b) == 0 {
		return 0, false
	}
	whole := append([]byte(nil), b...)
	for {
		r, n := decode(s.current(c).codepage, whole)
		if n > 0 {
			return uint16(r), true
		}
		if n == 0 {
			b, _, _ = s.read(c, st, 1, -1)
		}
		if n < 0 || len(b) == 0 {
			fail(c, eILSEQ)
			return 0, false
		}
		whole = append(whole, b...)
	}
}

// unreadWide gives a character back that readWide returned.
func (s *state) unreadWide(c *win.Call, st *stream, ch uint16) {
	if d := s.descriptor(c, st.fd); d != nil && !d.text {
		st.pushed = append(st.pushed, byte(ch>>8), byte(ch))
		return
	}
	b, _ := encode(s.current(c).codepage, rune(ch)) // what readWide decoded
	for i := len(b) - 1; i >= 0; i-- {
		st.pushed = append(st.pushed, b[i])
	}
}
