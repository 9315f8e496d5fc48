package advapi32_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

func TestGetUserName(t *testing.T) {
	m := machine(t)
	for api, name := range map[string][]byte{"GetUserNameA": guest.ANSI("alice"), "GetUserNameW": guest.UTF16("alice")} {
		out, size := m.Alloc(len(name)), m.Bytes(dword(5))
		if got, err, _ := m.Call(dll, api, out, size); got != 0 || err != win.ErrInsufficientBuffer || m.Uint(size, 4) != 6 {
			t.Errorf("%s: got %d, error %d, size %d", api, got, err, m.Uint(size, 4))
		}
		want(t, m, 1, api, out, size)
		if got := m.Get(out, len(name)+1); !bytes.Equal(got, append(name, '?')) || m.Uint(size, 4) != 6 {
			t.Errorf("%s: got %q, size %d", api, got, m.Uint(size, 4))
		}
	}
}

func TestSystemFunction032(t *testing.T) {
	m := machine(t)
	span := func(data []byte) (at, buffer uint64) {
		buffer = m.Bytes(data)
		b := binary.LittleEndian.AppendUint32(nil, uint32(len(data)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
		return m.Bytes(binary.LittleEndian.AppendUint64(b, buffer)), buffer
	}
	// RC4 test vector "Key", "Plaintext".
	data, buffer := span([]byte{0xBB, 0xF3, 0x16, 0xE8, 0xD9, 0x40, 0xAF, 0x0A, 0xD3})
	key, _ := span([]byte("Key"))
	want(t, m, 0, "SystemFunction032", data, key)
	if got := string(m.Get(buffer, 10)); got != "Plaintext?" {
		t.Errorf("got %q", got)
	}
	got := m.Behaviours("crypto.decrypt")
	if len(got) != 1 || !strings.HasPrefix(got[0], "crypto.decrypt api=SystemFunction032 algorithm=RC4 key_hex=4b6579 input_size=9 size=9 verified=false text=Plaintext ") {
		t.Errorf("got %q", got)
	}
	none, _ := span(nil)
	want(t, m, uint64(win.StatusInvalidParameter), "SystemFunction032", data, none)
}

func TestSystemFunction036(t *testing.T) {
	m, twin := machine(t), machine(t)
	a, b := m.Alloc(16), twin.Alloc(16)
	want(t, m, 1, "SystemFunction036", a, 16)
	want(t, twin, 1, "SystemFunction036", b, 16)
	if got := m.Get(a, 16); !bytes.Equal(got, twin.Get(b, 16)) || bytes.Contains(got, []byte("????")) {
		t.Errorf("got %x and %x", got, twin.Get(b, 16))
	}
}
