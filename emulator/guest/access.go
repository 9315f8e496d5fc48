package guest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"

	"sidetrace/emulator/cpu"
)

// AccessError is a guest pointer that cannot be used. A handler that meets one
// gives up; the guest gets the access violation it would get on Windows.
type AccessError struct {
	Address uint64
	Access  cpu.Access
}

func (e *AccessError) Error() string {
	return fmt.Sprintf("guest memory at %#x cannot be accessed", e.Address)
}

// span returns the longest piece of host memory for addr that is at most n
// bytes long and allows what need asks.
func (m *Memory) span(addr uint64, n int, write bool) []byte {
	a := m.Find(addr)
	if a == nil || a.host == nil {
		return nil
	}
	if a.Region == RegionStack && m.grow != nil {
		m.grow(addr)
	}
	off := addr - a.Base
	lo, hi := off, off
	want := off + uint64(n)
	for _, r := range a.runs {
		if r.end <= hi {
			continue
		}
		if write && !r.prot.Writable() || !r.prot.Readable() {
			break
		}
		hi = min(r.end, want)
		if hi == want {
			break
		}
	}
	if lo == hi {
		return nil
	}
	return a.host[lo:hi:hi]
}

// View returns n bytes of guest memory without copying. The slice is valid
// until the guest runs again and must not be written to.
func (m *Memory) View(addr uint64, n int) ([]byte, error) {
	switch {
	case n == 0:
		return nil, nil
	case n < 0:
		return nil, &AccessError{addr, cpu.ReadAccess}
	}
	b := m.span(addr, n, false)
	if len(b) == n {
		return b, nil
	}
	// The rest lies in neighbouring allocations, if it lies anywhere: all of it
	// is looked for before anything is copied.
	have := 0
	for have < n {
		piece := m.span(addr+uint64(have), n-have, false)
		if len(piece) == 0 {
			return nil, &AccessError{addr + uint64(have), cpu.ReadAccess}
		}
		have += len(piece)
	}
	whole := make([]byte, 0, n)
	for len(whole) < n {
		whole = append(whole, m.span(addr+uint64(len(whole)), n-len(whole), false)...)
	}
	return whole, nil
}

// Writable returns n bytes of guest memory for a handler to fill. They must
// lie in one allocation, as buffers do; translations of them are dropped.
func (m *Memory) Writable(addr uint64, n int) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	if n < 0 {
		return nil, &AccessError{addr, cpu.WriteAccess}
	}
	b := m.span(addr, n, true)
	if len(b) < n {
		return nil, &AccessError{addr + uint64(len(b)), cpu.WriteAccess}
	}
	if a := m.last; a.code {
		m.cpu.Invalidate(addr, uint64(n))
	}
	return b, nil
}

// Write copies data to the guest.
func (m *Memory) Write(addr uint64, data []byte) error {
	b, err := m.Writable(addr, len(data))
	if err != nil {
		return err
	}
	copy(b, data)
	return nil
}

// FlushCode makes the engine read code anew, as a processor that is told to.
func (p *Process) FlushCode(addr, size uint64) {
	p.notePatches()
	info := p.Mem.Query(addr)
	if a := info.Allocation; a != nil {
		p.cpu.Invalidate(addr, min(size, a.Base+a.Size-addr))
	}
}

// force writes whatever the protection is, as the system itself does when it
// prepares memory for the guest.
func (m *Memory) force(addr uint64, data []byte) error {
	a := m.Find(addr)
	if a == nil || a.host == nil || addr-a.Base+uint64(len(data)) > a.Size {
		return &AccessError{addr, cpu.WriteAccess}
	}
	copy(a.host[addr-a.Base:], data)
	if a.code {
		m.cpu.Invalidate(addr, uint64(len(data)))
	}
	return nil
}

// ReadUint reads a little-endian integer of size 1, 2, 4 or 8 bytes.
func (m *Memory) ReadUint(addr uint64, size int) (uint64, error) {
	b, err := m.View(addr, size)
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return uint64(b[0]), nil
	case 2:
		return uint64(binary.LittleEndian.Uint16(b)), nil
	case 4:
		return uint64(binary.LittleEndian.Uint32(b)), nil
	default:
		return binary.LittleEndian.Uint64(b), nil
	}
}

// WriteUint writes a little-endian integer of size 1, 2, 4 or 8 bytes.
func (m *Memory) WriteUint(addr uint64, size int, v uint64) error {
	b, err := m.Writable(addr, size)
	if err != nil {
		return err
	}
	putUint(b, size, v)
	return nil
}

func putUint(b []byte, size int, v uint64) {
	switch size {
	case 1:
		b[0] = byte(v)
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(v))
	default:
		binary.LittleEndian.PutUint64(b, v)
	}
}

// MaxString bounds, in characters, what is read when a guest passes a string;
// Windows' own longest (UNICODE_STRING) is half of it.
const MaxString = 64 << 10

// CString returns the bytes of a NUL-terminated string, without the NUL. The
// slice is valid until the guest runs again.
func (m *Memory) CString(addr uint64) ([]byte, error) {
	b := m.span(addr, MaxString, false)
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i], nil
	}
	if len(b) == MaxString {
		return b, nil
	}
	return nil, &AccessError{addr + uint64(len(b)), cpu.ReadAccess}
}

// WString returns a NUL-terminated UTF-16 string as its code units' bytes,
// without the terminator. The slice is valid until the guest runs again.
func (m *Memory) WString(addr uint64) ([]byte, error) {
	b := m.span(addr, 2*MaxString, false)
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 && b[i+1] == 0 {
			return b[:i], nil
		}
	}
	if len(b) == 2*MaxString {
		return b, nil
	}
	return nil, &AccessError{addr + uint64(len(b)), cpu.ReadAccess}
}

// AppendUTF8 decodes little-endian UTF-16 onto dst. Lone surrogates become the
// replacement character.
func AppendUTF8(dst, utf16le []byte) []byte {
	for i := 0; i+1 < len(utf16le); i += 2 {
		r := rune(binary.LittleEndian.Uint16(utf16le[i:]))
		if r < 0x80 {
			dst = append(dst, byte(r))
			continue
		}
		if utf16.IsSurrogate(r) {
			next := rune(0)
			if i+3 < len(utf16le) {
				next = rune(binary.LittleEndian.Uint16(utf16le[i+2:]))
			}
			if r = utf16.DecodeRune(r, next); r != 0xFFFD {
				i += 2
			}
		}
		dst = appendRune(dst, r)
	}
	return dst
}

// UTF16 encodes text as little-endian UTF-16 with a terminator.
func UTF16(s string) []byte {
	b := make([]byte, 0, 2*len(s)+2)
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return append(b, 0, 0)
}

// FromUTF16 decodes little-endian UTF-16, up to a terminator if there is one.
func FromUTF16(b []byte) string {
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 && b[i+1] == 0 {
			b = b[:i]
			break
		}
	}
	return string(AppendUTF8(nil, b))
}
