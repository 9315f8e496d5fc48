package replicas

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image/png"
	"testing"
)

// hidden reads an icon as the published decoder does: behind the PNG's IEND
// and its checksum a "$" and base64 to the end.
func hidden(t *testing.T, icon, key, nonce []byte) string {
	t.Helper()
	_, text, found := bytes.Cut(icon, []byte("IEND\xaeB`\x82$"))
	if !found {
		t.Fatal("nothing behind IEND")
	}
	sealed, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	tag, secret := sealed[4:20], sealed[20:]
	plain, err := gcm.Open(nil, nonce, append(bytes.Clone(secret), tag...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func TestIcons(t *testing.T) {
	key, nonce := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 12)
	for _, test := range []struct {
		params Params
		key    []byte
		nonce  []byte
		want   string
	}{
		{Params{}, []byte(defaultGCMKey), []byte(defaultGCMNonce), defaultC2URL},
		{Params{GCMKey: key, GCMNonce: nonce, C2URL: "https://c2.example/x"}, key, nonce, "https://c2.example/x"},
	} {
		set := mustBuild(t, test.params)
		seen := map[string]bool{}
		for i := range 16 {
			icon := mustGet(t, set, fmt.Sprintf("icon%d.ico", i))
			if got := hidden(t, icon, test.key, test.nonce); got != test.want {
				t.Errorf("icon%d.ico hides %q, want %q", i, got, test.want)
			}
			seen[string(icon)] = true
		}
		if len(seen) != 16 {
			t.Errorf("%d different icons, want 16", len(seen))
		}
	}
}

func TestIconIsAnImage(t *testing.T) {
	for _, clean := range []bool{false, true} {
		icon := mustGet(t, mustBuild(t, Params{Clean: clean}), "icon5.ico")
		size, offset := binary.LittleEndian.Uint32(icon[14:]), binary.LittleEndian.Uint32(icon[18:])
		if !bytes.HasPrefix(icon, []byte{0, 0, 1, 0, 1, 0, 32, 32}) || offset != 22 {
			t.Errorf("header % x", icon[:22])
		}
		picture, err := png.Decode(bytes.NewReader(icon[offset : offset+size]))
		if err != nil {
			t.Fatal(err)
		}
		if got := picture.Bounds().Size(); got.X != 32 || got.Y != 32 {
			t.Errorf("%v, want 32x32", got)
		}
		if appended := len(icon) > int(offset+size); appended == clean {
			t.Errorf("clean %v: bytes behind the image: %v", clean, appended)
		}
	}
}
