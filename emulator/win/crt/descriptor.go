package crt

import (
	"bytes"
	"math"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// descriptor is an open file of the low-level functions; streams are built on
// them. Nothing is buffered: what is written is in the file at once.
type descriptor struct {
	handle guest.Handle
	object guest.Object // *guest.File, *guest.Console, *guest.Pipe or a device that is always empty
	text   bool         // line ends are translated
	append bool
}

// Modes of translation, and other flags of _open.
//
// https://learn.microsoft.com/cpp/c-runtime-library/file-constants
const (
	openReadWrite = 0x0002
	openWriteOnly = 0x0001
	openAppend    = 0x0008
	openTemporary = 0x0040
	openCreate    = 0x0100
	openTruncate  = 0x0200
	openExclusive = 0x0400
	modeText      = 0x4000
	modeBinary    = 0x8000
	modeUnicode   = 0x70000 // _O_WTEXT, _O_U16TEXT, _O_U8TEXT
)

const (
	stdin  = 0
	stdout = 1
	stderr = 2

	maxDescriptors = 2048
)

// openStandard gives descriptors 0 to 2 what the process started with.
func (s *state) openStandard() {
	for _, h := range []guest.Handle{s.p.Stdin, s.p.Stdout, s.p.Stderr} {
		s.files = append(s.files, &descriptor{handle: h, object: s.p.Handles.Get(h), text: true})
	}
}

// descriptor finds an open one, or sets errno.
func (s *state) descriptor(c *win.Call, fd win.Int) *descriptor {
	if fd < 0 || int(fd) >= len(s.files) || s.files[fd] == nil {
		fail(c, eBADF)
		return nil
	}
	return s.files[fd]
}

// add gives an opening the lowest free number.
func (s *state) add(c *win.Call, d *descriptor) win.Int {
	for fd, held := range s.files {
		if held == nil {
			s.files[fd] = d
			return win.Int(fd)
		}
	}
	if len(s.files) == maxDescriptors {
		fail(c, eMFILE)
		return -1
	}
	s.files = append(s.files, d)
	return win.Int(len(s.files) - 1)
}

// errnoOf is the errno for a last error, as the runtime maps them.
//
// https://learn.microsoft.com/cpp/c-runtime-library/errno-doserrno-sys-errlist-and-sys-nerr
func errnoOf(e win.Error) errno {
	switch e {
	case win.ErrFileNotFound, win.ErrPathNotFound, win.ErrInvalidName, win.ErrBadPathname, win.ErrNoMoreFiles, win.ErrBadNetPath:
		return eNOENT
	case win.ErrFileExists, win.ErrAlreadyExists:
		return eEXIST
	case win.ErrInvalidHandle:
		return eBADF
	case win.ErrDirNotEmpty:
		return eNOTEMPTY
	case win.ErrNotEnoughMemory:
		return eNOMEM
	case win.ErrDiskFull:
		return eNOSPC
	case win.ErrInvalidParameter:
		return eINVAL
	}
	return eACCES
}

// withPath makes a call of kernel32.dll whose first argument is a path.
func withPath(c *win.Call, function, path string, args ...uint64) (uint64, win.Error) {
	at := of(c).store(guest.UTF16(path))
	if at == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	r, err := c.Invoke("kernel32.dll", function, append([]uint64{at}, args...)...)
	c.Heap.Free(at)
	return r, err
}

const invalidHandle = ^uint64(0)

// open opens a file for the flags of _open and returns its descriptor, or -1.
func (s *state) open(c *win.Call, path string, flags win.Hex, share guest.Share) win.Int {
	const genericRead, genericWrite = 0x80000000, 0x40000000
	access := uint64(genericRead)
	switch {
	case flags&openReadWrite != 0:
		access |= genericWrite
	case flags&openWriteOnly != 0:
		access = genericWrite
	}
	const createNew, createAlways, openExisting, openAlways, truncateExisting = 1, 2, 3, 4, 5
	disposition := uint64(openExisting)
	switch {
	case flags&openCreate != 0 && flags&openExclusive != 0:
		disposition = createNew
	case flags&openCreate != 0 && flags&openTruncate != 0:
		disposition = createAlways
	case flags&openCreate != 0:
		disposition = openAlways
	case flags&openTruncate != 0:
		disposition = truncateExisting
	}
	attributes := uint64(0x80) // FILE_ATTRIBUTE_NORMAL
	if flags&openTemporary != 0 {
		attributes |= 0x04000000 // FILE_FLAG_DELETE_ON_CLOSE
	}
	if flags&modeUnicode != 0 {
		c.Gap("Unicode translation modes")
	}
	h, err := withPath(c, "CreateFileW", path, access, uint64(share), 0, disposition, attributes, 0)
	if h == invalidHandle || h == 0 {
		fail(c, errnoOf(err))
		return -1
	}
	return s.adopt(c, guest.Handle(h), flags)
}

// adopt makes a descriptor of a handle.
func (s *state) adopt(c *win.Call, h guest.Handle, flags win.Hex) win.Int {
	o := c.Handles.Get(h)
	if o == nil {
		fail(c, eBADF)
		return -1
	}
	return s.add(c, &descriptor{handle: h, object: o, text: s.translates(c, flags), append: flags&openAppend != 0})
}

// translates reports whether flags ask for translation of line ends: unless
// they say so, _fmode does.
func (s *state) translates(c *win.Call, flags win.Hex) bool {
	switch {
	case flags&modeBinary != 0:
		return false
	case flags&modeText != 0:
		return true
	}
	return c.ReadUint(win.Ptr(s.variable("_fmode")), 4)&modeBinary == 0
}

// close ends an opening; false means that there was none.
func (s *state) close(c *win.Call, fd win.Int) bool {
	d := s.descriptor(c, fd)
	if d == nil {
		return false
	}
	s.files[fd] = nil
	for _, other := range s.files { // made by _dup
		if other != nil && other.handle == d.handle {
			return true
		}
	}
	_, _ = c.Invoke("kernel32.dll", "CloseHandle", uint64(d.handle)) // the guest may have closed it itself
	return true
}

// send writes bytes and reports whether they could be. On the console and in
// pipes line ends stay as the program wrote them.
func (s *state) send(c *win.Call, d *descriptor, data []byte) bool {
	switch o := d.object.(type) {
	case *guest.Console:
		if o.Stream == "stdin" {
			fail(c, eBADF)
			return false
		}
		c.Print(o, data)
	case *guest.Pipe:
		if !o.Write || o.Alone() {
			fail(c, ePIPE)
			return false
		}
		if o.Put(data) < len(data) {
			c.Gap("a pipe that nobody reads")
		}
	case *guest.File:
		return s.sendDisk(c, d, o, data)
	}
	return true
}

func (s *state) sendDisk(c *win.Call, d *descriptor, f *guest.File, data []byte) bool {
	if !f.Write {
		fail(c, eBADF)
		return false
	}
	if d.append {
		f.Position = f.Node.Size()
	}
	if d.text {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	if len(data) == 0 {
		return true
	}
	if f.Position > math.MaxInt64-int64(len(data)) || c.Files.WriteAt(f.Node, data, f.Position) != nil {
		fail(c, eNOSPC)
		return false
	}
	c.Emit(trace.FileWrite{Path: f.Node.Path, Offset: f.Position, Size: int64(len(data))})
	f.Position += int64(len(data))
	return true
}

// receive reads up to limit bytes, translated if the descriptor is, and no
// further than the first byte that is stop (none if stop is negative). Nothing
// is the end of the file. The slice is valid until the file is written to.
// plain tells that the bytes are the file's own from offset at on.
func (s *state) receive(c *win.Call, d *descriptor, limit uint64, stop int) (b []byte, at int64, plain bool) {
	switch o := d.object.(type) {
	case *guest.Pipe:
		if o.Write {
			fail(c, eBADF)
			return nil, 0, false
		}
		for len(o.Data()) == 0 && !o.Alone() {
			c.T.Wait([]guest.Waitable{o.Ready()}, false, -1)
		}
		b, used := translate(o.Data(), limit, d.text, stop)
		b = bytes.Clone(b)
		o.Take(used)
		return b, 0, false
	case *guest.File:
		if !o.Read || o.Node.Directory {
			fail(c, eBADF)
			return nil, 0, false
		}
		at := o.Position
		if at < 0 || at >= o.Node.Size() {
			return nil, at, false
		}
		b, used := translate(o.Node.Data()[at:], limit, d.text, stop)
		if used > 0 {
			o.Position += int64(used)
			c.Emit(trace.FileRead{Path: o.Node.Path, Offset: at, Size: int64(used)})
		}
		return b, at, used == len(b)
	}
	return nil, 0, false // an empty console, or a device that is
}

const endOfText = 0x1A // Ctrl-Z

// translate takes bytes of data as a program reads them: as text, a carriage
// return before a line feed is left out and Ctrl-Z ends the file.
func translate(data []byte, limit uint64, text bool, stop int) (b []byte, used int) {
	if !text {
		n := int(min(limit, uint64(len(data))))
		if stop >= 0 {
			if i := bytes.IndexByte(data[:n], byte(stop)); i >= 0 {
				n = i + 1
			}
		}
		return data[:n], n
	}
	clean := true // nothing was left out: no copy is needed
	for used < len(data) && uint64(len(b)) < limit {
		ch := data[used]
		if ch == endOfText {
			break
		}
		used++
		if ch == '\r' && used < len(data) && data[used] == '\n' {
			if clean {
				b, clean = bytes.Clone(b), false
			}
			continue
		}
		if clean {
			b = data[:used]
		} else {
			b = append(b, ch)
		}
		if int(ch) == stop {
			break
		}
	}
	return b, used
}
