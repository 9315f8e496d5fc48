package dnsapi_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/dnsapi"
	"sidetrace/emulator/win/wintest"
)

func TestQuery(t *testing.T) {
	m := wintest.New(t, guest.Config{DNS: map[string][]string{"c2.test": {"203.0.113.7", "203.0.113.8", "2001:db8::7"}}}, dnsapi.Table())
	out := m.Alloc(8)
	query := func(want uint32, name string, kind uint64) uint64 {
		t.Helper()
		if got, _, line := m.Call("dnsapi.dll", "DnsQuery_W", m.WString(name), kind, 0, 0, out, 0); uint32(got) != want {
			t.Fatalf("%s: got %d, want %d", line, got, want)
		}
		return m.Uint(out, 8)
	}
	first := query(0, "C2.test", 1)
	second := m.Uint(first, 8)
	if got := hex.EncodeToString(m.Get(first+32, 4)) + hex.EncodeToString(m.Get(second+32, 4)); got != "cb007107cb007108" || m.Uint(second, 8) != 0 {
		t.Errorf("got %s", got)
	}
	if m.Uint(first+16, 2) != 1 || m.Uint(first+18, 2) != 4 || m.Uint(first+20, 4) != 9 {
		t.Errorf("type, length and flags: %x", m.Get(first+16, 8))
	}
	m.Call("dnsapi.dll", "DnsFree", first, 1)
	if six := query(0, "c2.test", 28); m.Uint(six+18, 2) != 16 || m.Get(six+32, 1)[0] != 0x20 {
		t.Error("no AAAA")
	}
	if p := query(0, "7.113.0.203.in-addr.arpa", 12); string(m.Get(m.Uint(p+32, 8), 14)) != "c\x002\x00.\x00t\x00e\x00s\x00t\x00" {
		t.Error("no PTR")
	}
	query(9003, "nobody.invalid", 1)
	if gaps := m.Gaps(); len(gaps) != 0 {
		t.Errorf("gaps %q", gaps)
	}
	query(9003, "nobody.test", 1)
	query(9501, "c2.test", 16)
	if gaps := m.Gaps(); len(gaps) != 2 {
		t.Errorf("gaps %q", gaps)
	}
	if got := m.Behaviours("dns.query"); len(got) != 6 || !strings.Contains(got[0], "203.0.113.7") {
		t.Errorf("got %q", got)
	}
}

func TestValidateName(t *testing.T) {
	m := wintest.New(t, guest.Config{}, dnsapi.Table())
	for _, tt := range []struct {
		name   string
		format uint64
		want   uint64
	}{
		{"a.example", 0, 0}, {"a_b.example", 0, 9556}, {"a b", 0, 9560}, {"", 0, 123}, {"a..b", 0, 123}, {"a.b", 1, 123},
		{"*", 4, 0}, {"_ldap", 5, 0}, {"123", 3, 9561}, {strings.Repeat("x", 64), 0, 123},
	} {
		if got, _, line := m.Call("dnsapi.dll", "DnsValidateName_W", m.WString(tt.name), tt.format); got != tt.want {
			t.Errorf("%s: got %d, want %d", line, got, tt.want)
		}
	}
}
