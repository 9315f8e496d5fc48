package ciphers

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"testing"
)

func fromHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The vectors of RFC 1319, appendix A.5.
func TestMD2(t *testing.T) {
	for text, want := range map[string]string{
		"":               "8350e5a3e24c153df2275c9f80692773",
		"a":              "32ec01ec4a6dac72c0ab96fb34c0b5d1",
		"abc":            "da853b0d3f88d99b30283a69e6ded6bb",
		"message digest": "ab4f496bfb2a530b219ff33031fe06b0",
		"12345678901234567890123456789012345678901234567890123456789012345678901234567890": "d5976f79d83d3a0dc9806c3c66f3efd8",
	} {
		h := NewMD2()
		for _, b := range []byte(text) {
			h.Write([]byte{b})
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// The vectors of RFC 2268, section 5.
func TestRC2(t *testing.T) {
	for _, tt := range []struct {
		key       string
		effective int
		plain     string
		want      string
	}{
		{"0000000000000000", 63, "0000000000000000", "ebb773f993278eff"},
		{"ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"},
		{"88", 64, "0000000000000000", "61a8a244adacccf0"},
		{"88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"},
	} {
		c, err := NewRC2Effective(fromHex(t, tt.key), tt.effective)
		if err != nil {
			t.Fatal(err)
		}
		b := fromHex(t, tt.plain)
		c.Encrypt(b, b)
		if got := hex.EncodeToString(b); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.key, got, tt.want)
		}
		c.Decrypt(b, b)
		if got := hex.EncodeToString(b); got != tt.plain {
			t.Errorf("%s: decrypted to %s", tt.key, got)
		}
	}
}

// The vectors of RFC 4493, section 4.
func TestCMAC(t *testing.T) {
	block, err := aes.NewCipher(fromHex(t, "2b7e151628aed2a6abf7158809cf4f3c"))
	if err != nil {
		t.Fatal(err)
	}
	message := fromHex(t, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
	for n, want := range map[int]string{
		0: "bb1d6929e95937287fa37d129b756746", 16: "070a16b46b4d4144f79bdd9dd04a287c",
		40: "dfa66747de9ae63030ca32611497c827", 64: "51f0bebf7e3b9d92fc49741779363cfe",
	} {
		h := NewCMAC(block)
		for i := 0; i < n; i += 7 {
			h.Write(message[i:min(i+7, n)])
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("%d bytes: got %s, want %s", n, got, want)
		}
	}
}

// Packet vectors 1 and 2 of RFC 3610, section 8.
func TestCCM(t *testing.T) {
	block, err := aes.NewCipher(fromHex(t, "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ nonce, extra, plain, want string }{
		{"00000003020100a0a1a2a3a4a5", "0001020304050607", "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
			"588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0"},
		{"00000004030201a0a1a2a3a4a5", "0001020304050607", "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
			"72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916"},
	} {
		aead, err := NewCCM(block, 13, 8)
		if err != nil {
			t.Fatal(err)
		}
		nonce, extra, plain := fromHex(t, tt.nonce), fromHex(t, tt.extra), fromHex(t, tt.plain)
		sealed := aead.Seal(nil, nonce, plain, extra)
		if got := hex.EncodeToString(sealed); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
		if back, err := aead.Open(nil, nonce, sealed, extra); err != nil || !bytes.Equal(back, plain) {
			t.Errorf("opened to %x, %v", back, err)
		}
		sealed[0] ^= 1
		if _, err := aead.Open(nil, nonce, sealed, extra); err == nil {
			t.Error("a changed message was opened")
		}
	}
}
