package iphlpapi_test

import (
	"bytes"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/iphlpapi"
	"sidetrace/emulator/win/wintest"
)

const dll = "iphlpapi.dll"

// sized asks for a table twice: for its size, then for it.
func sized(t *testing.T, m *wintest.Machine, tooSmall uint32, call func(buffer, size uint64) uint64) uint64 {
	t.Helper()
	size := m.Bytes(make([]byte, 4))
	if got := call(0, size); uint32(got) != tooSmall {
		t.Fatalf("got %d, want %d", got, tooSmall)
	}
	buffer := m.Alloc(int(m.Uint(size, 4)))
	if got := call(buffer, size); got != 0 {
		t.Fatalf("got %d", got)
	}
	if margin := m.Get(buffer+m.Uint(size, 4), wintest.Margin); !bytes.Equal(margin, bytes.Repeat([]byte{wintest.Fill}, wintest.Margin)) {
		t.Error("wrote too much")
	}
	return buffer
}

func text(m *wintest.Machine, at uint64) string {
	s, _, _ := bytes.Cut(m.Get(at, 64), []byte{0})
	return string(s)
}

func TestAdapters(t *testing.T) {
	m := wintest.New(t, guest.Config{}, iphlpapi.Table())
	info := sized(t, m, 111, func(b, s uint64) uint64 { r, _, _ := m.Call(dll, "GetAdaptersInfo", b, s); return r })
	if text(m, info+448) != "192.0.2.10" || text(m, info+464) != "255.255.255.0" || text(m, info+496) != "192.0.2.1" || m.Uint(info, 8) != 0 {
		t.Errorf("got %q", m.Get(info, 704))
	}
	list := sized(t, m, 111, func(b, s uint64) uint64 {
		r, _, _ := m.Call(dll, "GetAdaptersAddresses", 0, 0x80, 0, b, s)
		return r
	})
	unicast := m.Uint(list+24, 8)
	if at := m.Uint(unicast+16, 8); !bytes.Equal(m.Get(at, 8), []byte{2, 0, 0, 0, 192, 0, 2, 10}) {
		t.Errorf("address %x", m.Get(at, 8))
	}
	if loopback := m.Uint(list+8, 8); m.Uint(loopback+100, 4) != 24 || m.Uint(loopback+8, 8) != 0 {
		t.Error("no loopback interface")
	}
	params := sized(t, m, 111, func(b, s uint64) uint64 { r, _, _ := m.Call(dll, "GetNetworkParams", b, s); return r })
	if text(m, params) != "WORKSTATION" {
		t.Errorf("got %q", text(m, params))
	}
	for name, want := range map[string]uint64{"GetIpAddrTable": 2, "GetIfTable": 2, "GetIpForwardTable": 2, "GetTcpTable": 3, "GetIpNetTable": 1} {
		table := sized(t, m, 122, func(b, s uint64) uint64 { r, _, _ := m.Call(dll, name, b, s, 0); return r })
		if got := m.Uint(table, 4); got != want {
			t.Errorf("%s: %d rows, want %d", name, got, want)
		}
	}
}

func TestEcho(t *testing.T) {
	m := wintest.New(t, guest.Config{DNS: map[string][]string{"a.test": {"203.0.113.7"}}}, iphlpapi.Table())
	h, _, _ := m.Call(dll, "IcmpCreateFile")
	reply := m.Alloc(100)
	echo := func(address, want uint64, err win.Error) {
		t.Helper()
		if got, e, line := m.Call(dll, "IcmpSendEcho", h, address, m.Bytes([]byte("ping")), 4, 0, reply, 100, 1000); got != want || e != err {
			t.Errorf("%s: error %d", line, e)
		}
	}
	echo(0x077100CB, 1, 0)
	if at := m.Uint(reply+16, 8); string(m.Get(at, 4)) != "ping" {
		t.Errorf("got %q", m.Get(at, 4))
	}
	echo(0x087100CB, 0, 11010)
}
