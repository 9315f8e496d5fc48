package bcrypt_test

import (
	"bytes"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Section 2.8.2 of RFC 8439, by the pseudo handle.
func TestChaCha20Poly1305(t *testing.T) {
	a := newAPI(t)
	plain := []byte("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.")
	want := unhex(t, "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116")
	key := make([]byte, 32)
	for i := range key {
		key[i] = 0x80 + byte(i)
	}
	h, n, buffer := a.Alloc(8), a.Alloc(4), a.Bytes(plain)
	a.want(0, "BCryptGenerateSymmetricKey", 0x3A1, h, 0, 0, a.Bytes(key), 32, 0)
	k := a.Uint(h, 8)
	info, tag := a.authInfo(authInfo{unhex(t, "070000004041424344454647"), unhex(t, "50515253c0c1c2c3c4c5c6c7"), make([]byte, 16), 88, 0})
	size := uint64(len(plain))
	a.want(0, "BCryptEncrypt", k, buffer, size, info, 0, 0, buffer, size, n, 0)
	if got := a.Get(buffer, len(plain)); !bytes.Equal(got, want) {
		t.Errorf("got %x", got)
	}
	if got := a.Get(tag, 16); !bytes.Equal(got, unhex(t, "1ae10b594f09e26a7e902ecbd0600691")) {
		t.Errorf("tag: got %x", got)
	}
	a.want(0, "BCryptDecrypt", k, buffer, size, info, 0, 0, buffer, size, n, 0)
	if got := a.Get(buffer, len(plain)); !bytes.Equal(got, plain) {
		t.Errorf("decrypted: got %q", got)
	}
	short, _ := a.authInfo(authInfo{make([]byte, 12), nil, make([]byte, 12), 88, 0})
	a.want(win.StatusInvalidParameter, "BCryptEncrypt", k, buffer, size, short, 0, 0, buffer, size, n, 0)
	if got := a.Behaviours("crypto.decrypt"); len(got) != 1 {
		t.Errorf("recorded: %q", got)
	}
	a.want(win.StatusInvalidParameter, "BCryptGenerateSymmetricKey", 0x3A1, h, 0, 0, a.Bytes(key), 16, 0)
}

// Packet vector 1 of RFC 3610, through the property and the structure.
func TestCCM(t *testing.T) {
	a := newAPI(t)
	plain := unhex(t, "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e")
	k, n, buffer := a.key("AES", "ChainingModeCCM", unhex(t, "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf")), a.Alloc(4), a.Bytes(plain)
	info, tag := a.authInfo(authInfo{unhex(t, "00000003020100a0a1a2a3a4a5"), unhex(t, "0001020304050607"), make([]byte, 8), 88, 0})
	a.want(0, "BCryptEncrypt", k, buffer, 23, info, 0, 0, buffer, 23, n, 0)
	if got := append(a.Get(buffer, 23), a.Get(tag, 8)...); !bytes.Equal(got, unhex(t, "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0")) {
		t.Errorf("got %x", got)
	}
	a.want(0, "BCryptDecrypt", k, buffer, 23, info, 0, 0, buffer, 23, n, 0)
	if got := a.Get(buffer, 23); !bytes.Equal(got, plain) {
		t.Errorf("decrypted: got %x", got)
	}
	odd, _ := a.authInfo(authInfo{make([]byte, 13), nil, make([]byte, 7), 88, 0})
	a.want(win.StatusInvalidParameter, "BCryptEncrypt", k, buffer, 23, odd, 0, 0, buffer, 23, n, 0)
	long, _ := a.authInfo(authInfo{make([]byte, 14), nil, make([]byte, 8), 88, 0})
	a.want(win.StatusInvalidParameter, "BCryptEncrypt", k, buffer, 23, long, 0, 0, buffer, 23, n, 0)
}

// RFC 4493 through BCryptHash; a key of a wrong length is refused.
func TestAESCMAC(t *testing.T) {
	a := newAPI(t)
	key, message, out := a.Bytes(unhex(t, "2b7e151628aed2a6abf7158809cf4f3c")), a.Bytes(unhex(t, "6bc1bee22e409f96e93d7e117393172a")), a.Alloc(16)
	a.want(0, "BCryptHash", 0x101, key, 16, message, 16, out, 16)
	if got := a.Get(out, 16); !bytes.Equal(got, unhex(t, "070a16b46b4d4144f79bdd9dd04a287c")) {
		t.Errorf("got %x", got)
	}
	a.want(win.StatusInvalidParameter, "BCryptHash", 0x101, key, 15, message, 16, out, 16)
	h := a.Alloc(8)
	a.want(win.StatusInvalidParameter, "BCryptCreateHash", a.open("AES-CMAC", "", 0), h, 0, 0, 0, 0, 0)
}

// The constants of bcrypt.h, as Microsoft's page on pseudo handles lists them.
func TestPseudoHandles(t *testing.T) {
	a := newAPI(t)
	for handle, want := range map[uint64]string{
		0x1: "MD2", 0x11: "MD4", 0x61: "SHA512", 0x71: "RC4", 0xE1: "RSA", 0x101: "AES-CMAC", 0x171: "3DES_112",
		0x1D1: "AES", 0x1F1: "DES", 0x261: "RC2", 0x2A1: "ECDH_P256", 0x2E1: "ECDSA_P256", 0x2F1: "ECDSA_P384",
		0x301: "ECDSA_P521", 0x311: "RSA_SIGN", 0x331: "PBKDF2", 0x3A1: "CHACHA20_POLY1305",
	} {
		out, n := a.Alloc(64), a.Alloc(4)
		a.want(0, "BCryptGetProperty", handle, a.WString("AlgorithmName"), out, 64, n, 0)
		if got := a.Get(out, 2*len(want)+2); !bytes.Equal(got, guest.UTF16(want)) {
			t.Errorf("%#x: got %q, want %q", handle, got, want)
		}
	}
	a.want(win.StatusInvalidHandle, "BCryptGetProperty", 0x2D1, a.WString("AlgorithmName"), 0, 0, a.Alloc(4), 0)
	if len(a.Gaps()) != 1 {
		t.Errorf("gaps: got %q, want one about DSA", a.Gaps())
	}
}

func TestRC2(t *testing.T) {
	a := newAPI(t)
	k, buffer, n := a.key("RC2", "ChainingModeECB", unhex(t, "88bca90e90875a7f0f79c384627bafb2")), a.Bytes(make([]byte, 8)), a.Alloc(4)
	a.want(0, "BCryptEncrypt", k, buffer, 8, 0, 0, 0, buffer, 8, n, 0)
	if got := a.Get(buffer, 8); !bytes.Equal(got, unhex(t, "2269552ab0f85ca6")) {
		t.Errorf("got %x", got)
	}
}
