package publickey

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"slices"
	"testing"

	"sidetrace/emulator/guest"
)

func random() Random {
	var r guest.Random
	return func(b []byte) { r.Fill(b) }
}

func TestRSA(t *testing.T) {
	r := random()
	k := GenerateRSA(1024, r)
	if twin := GenerateRSA(1024, random()); twin.N.Cmp(k.N) != 0 {
		t.Error("the same seed gives another key")
	}
	for _, p := range []Padding{{Kind: PKCS1}, {Kind: OAEP, Hash: crypto.SHA1}, {Kind: OAEP, Hash: crypto.SHA256, Label: []byte("label")}} {
		c, err := k.Encrypt([]byte("message"), p, r)
		if err != nil {
			t.Fatal(err)
		}
		m, err := k.Decrypt(c, p)
		if err != nil || string(m) != "message" {
			t.Errorf("%+v: %q, %v", p, m, err)
		}
		c[5] ^= 1
		if m, err := k.Decrypt(c, p); err == nil && string(m) == "message" {
			t.Errorf("%+v: a changed ciphertext gives the message", p)
		}
	}
	digest := sha256.Sum256([]byte("message"))
	for _, p := range []Padding{{Kind: PKCS1, Hash: crypto.SHA256}, {Kind: PKCS1}, {Kind: PSS, Hash: crypto.SHA256, Salt: 32}, {Kind: PSS, Hash: crypto.SHA256}} {
		s, err := k.Sign(digest[:], p, r)
		if err != nil {
			t.Fatal(err)
		}
		if !k.Public().Verify(digest[:], s, p) {
			t.Errorf("%+v: not verified", p)
		}
		s[7] ^= 1
		if k.Verify(digest[:], s, p) {
			t.Errorf("%+v: a changed signature is verified", p)
		}
	}
	// The standard library agrees.
	s, _ := k.Sign(digest[:], Padding{Kind: PKCS1, Hash: crypto.SHA256}, r)
	if err := rsa.VerifyPKCS1v15(&rsa.PublicKey{N: k.N, E: 65537}, crypto.SHA256, digest[:], s); err != nil {
		t.Error(err)
	}
}

func TestBlobs(t *testing.T) {
	k := GenerateRSA(512, random())
	for _, b := range [][]byte{k.CNG(false, false), k.CNG(true, false), k.CNG(true, true)} {
		got, err := ParseCNG(b)
		if err != nil || got.N.Cmp(k.N) != 0 {
			t.Errorf("%x: %v", b[:4], err)
		}
		for n := range b {
			if got, err := ParseCNG(b[:n]); err == nil && got.Private() && n < len(k.CNG(true, false)) {
				t.Errorf("%d bytes are a key", n)
			}
		}
	}
	for _, private := range []bool{false, true} {
		got, err := ParseCAPI(k.CAPI(private))
		if err != nil || got.N.Cmp(k.N) != 0 || private && got.D.Cmp(k.D) != 0 {
			t.Error(err)
		}
	}
}

// RFC 6979, A.2.5: the signature of "sample" with SHA-256 on P-256.
// A key whose primes differ in length would not fit in a blob.
func TestUnevenPrimes(t *testing.T) {
	e := big.NewInt(65537)
	for _, bits := range [][2]int{{700, 324}, {324, 700}, {MaxBits, MaxBits}} {
		p, q := new(big.Int).SetBit(big.NewInt(5), bits[0]-1, 1), new(big.Int).SetBit(big.NewInt(7), bits[1]-1, 1)
		b := binary.LittleEndian.AppendUint32(nil, magicPrivate)
		n := new(big.Int).Mul(p, q).Bytes()
		for _, v := range []int{8 * len(n), 3, len(n), len(p.Bytes()), len(q.Bytes())} {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		}
		b = slices.Concat(b, e.Bytes(), n, p.Bytes(), q.Bytes())
		if k, err := ParseCNG(b); err == nil {
			k.CNG(true, true)
			t.Errorf("primes of %d and %d bits: accepted", bits[0], bits[1])
		}
	}
}

func TestECDSA(t *testing.T) {
	d, _ := hex.DecodeString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
	k, err := privateEC(FindCurve(256), d)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("sample"))
	s, err := k.Sign(digest[:])
	want := "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
	if got := hex.EncodeToString(s); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	if !k.Public().Verify(digest[:], s) {
		t.Error("not verified")
	}
	s[3] ^= 1
	if k.Verify(digest[:], s) {
		t.Error("a changed signature is verified")
	}
}

func TestAgree(t *testing.T) {
	r := random()
	for _, bits := range []int{256, 384, 521} {
		a, b := GenerateEC(FindCurve(bits), r), GenerateEC(FindCurve(bits), r)
		read, err := ParseEC(b.Blob(false, false), b.Curve, false)
		if err != nil {
			t.Fatal(err)
		}
		x, err := a.Agree(read)
		y, err2 := b.Agree(a.Public())
		if err != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Errorf("P%d: %x, %x", bits, x, y)
		}
		if _, err := ParseEC(b.Blob(true, false), b.Curve, false); err == nil {
			t.Error("a key of the other algorithm is read")
		}
	}
}
