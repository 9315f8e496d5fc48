package dpapi

import (
	"errors"
	"testing"

	"sidetrace/emulator/guest"
)

func TestBlob(t *testing.T) {
	var r guest.Random
	user, machine := Scope{Owner: "user"}, Scope{Owner: "pc", Machine: true}
	for _, s := range []Scope{user, machine} {
		b := s.Protect([]byte("data"), []byte("salt"), "what", r.Fill)
		plain, blob, err := Unprotect(user, machine, b, []byte("salt"))
		if err != nil || string(plain) != "data" || blob.Machine != s.Machine {
			t.Errorf("got %q, %v", plain, err)
		}
		if _, _, err := Unprotect(Scope{Seed: 1, Owner: "user"}, Scope{Seed: 1, Owner: "pc", Machine: true}, b, []byte("salt")); !errors.Is(err, ErrForeign) {
			t.Errorf("another machine: %v", err)
		}
		for i := range b {
			c := append([]byte(nil), b...)
			c[i] ^= 0x10
			if plain, _, err := Unprotect(user, machine, c, []byte("salt")); err == nil && i >= 24 {
				t.Errorf("byte %d changed gives %q", i, plain)
			}
			if _, _, err := Unprotect(user, machine, b[:i], nil); err == nil {
				t.Errorf("%d bytes are a blob", i)
			}
		}
	}
}

func TestMemory(t *testing.T) {
	data := []byte("sixteen bytes...")
	Memory(7, 0, data, false)
	if string(data) == "sixteen bytes..." {
		t.Error("not encrypted")
	}
	Memory(7, 0, data, true)
	if string(data) != "sixteen bytes..." {
		t.Errorf("got %q", data)
	}
}
