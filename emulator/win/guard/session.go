package guard

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// session performs API calls for a stage: arguments that are pointers lie in
// guest memory, in blocks that go back when the stage is over.
type session struct {
	c *win.Call
	*chain
	blocks []uint64
}

func (s *session) release() {
	for _, b := range s.blocks {
		s.c.Heap.Free(b)
	}
}

// call makes an API call and returns its result.
func (s *session) call(dll, name string, args ...uint64) uint64 {
	r, _ := s.c.Invoke(dll, name, args...)
	return r
}

// out is a block of n zero bytes for a result.
func (s *session) out(n int) uint64 { return s.put(make([]byte, n)) }

// put is a block with the given contents.
func (s *session) put(b []byte) uint64 {
	at := s.c.Heap.Alloc(uint64(len(b)))
	if at == 0 {
		return 0
	}
	s.blocks = append(s.blocks, at)
	s.c.Write(win.Ptr(at), b)
	return at
}

func (s *session) wide(text string) uint64 { return s.put(guest.UTF16(text)) }
func (s *session) ansi(text string) uint64 { return s.put(guest.ANSI(text)) }

func (s *session) bytes(at uint64, n int) []byte { return s.c.Bytes(win.Ptr(at), uint64(n)) }

func (s *session) uint32(at uint64) uint32 { return uint32(s.c.ReadUint(win.Ptr(at), 4)) }

func le(values ...any) []byte {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case uint32:
			b = binary.LittleEndian.AppendUint32(b, v)
		case uint64:
			b = binary.LittleEndian.AppendUint64(b, v)
		}
	}
	return b
}
