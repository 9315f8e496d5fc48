package publickey

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
)

// Curve is one of the curves of NIST.
type Curve struct {
	Name       string // "P256"
	Bits, Size int
	curve      elliptic.Curve
	dh         ecdh.Curve
	magics     [4]uint32 // ECDH public and private, ECDSA public and private
}

// FindCurve finds a curve by its bits.
func FindCurve(bits int) *Curve {
	for _, c := range curves() {
		if c.Bits == bits {
			return &c
		}
	}
	return nil
}

func curves() []Curve {
	return []Curve{
		{"P256", 256, 32, elliptic.P256(), ecdh.P256(), [4]uint32{0x314B4345, 0x324B4345, 0x31534345, 0x32534345}},
		{"P384", 384, 48, elliptic.P384(), ecdh.P384(), [4]uint32{0x334B4345, 0x344B4345, 0x33534345, 0x34534345}},
		{"P521", 521, 66, elliptic.P521(), ecdh.P521(), [4]uint32{0x354B4345, 0x364B4345, 0x35534345, 0x36534345}},
	}
}

// EC is a key of a curve, private if D is there.
type EC struct {
	Curve *Curve
	X, Y  []byte
	D     []byte
}

// GenerateEC makes a key.
func GenerateEC(curve *Curve, random Random) *EC {
	d := make([]byte, curve.Size)
	order := curve.curve.Params().N
	for {
		random(d)
		x := new(big.Int).SetBytes(d)
		x.Mod(x, order)
		if k, err := privateEC(curve, x.FillBytes(make([]byte, curve.Size))); err == nil {
			return k
		}
	}
}

func privateEC(curve *Curve, d []byte) (*EC, error) {
	k, err := curve.dh.NewPrivateKey(d)
	if err != nil {
		return nil, ErrKey
	}
	point := k.PublicKey().Bytes()[1:]
	return &EC{Curve: curve, X: point[:curve.Size], Y: point[curve.Size:], D: d}, nil
}

func (k *EC) point() []byte { return append(append([]byte{4}, k.X...), k.Y...) }

// Public is the key without its private part.
func (k *EC) Public() *EC { return &EC{Curve: k.Curve, X: k.X, Y: k.Y} }

// Private reports whether the key can sign and agree.
func (k *EC) Private() bool { return k.D != nil }

// Blob makes a BCRYPT_ECCKEY_BLOB.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/ns-bcrypt-bcrypt_ecckey_blob
func (k *EC) Blob(signs, private bool) []byte {
	b := binary.LittleEndian.AppendUint32(nil, k.Curve.magic(signs, private))
	b = binary.LittleEndian.AppendUint32(b, uint32(k.Curve.Size))
	b = append(append(b, k.X...), k.Y...)
	if private {
		b = append(b, k.D...)
	}
	return b
}

func (c *Curve) magic(signs, private bool) uint32 {
	i := 0
	if signs {
		i += 2
	}
	if private {
		i++
	}
	return c.magics[i]
}

// ParseEC reads such a blob of a curve.
func ParseEC(b []byte, curve *Curve, signs bool) (*EC, error) {
	n := curve.Size
	if len(b) < 8+2*n || int(binary.LittleEndian.Uint32(b[4:])) != n {
		return nil, ErrKey
	}
	magic := binary.LittleEndian.Uint32(b)
	k := &EC{Curve: curve, X: append([]byte(nil), b[8:8+n]...), Y: append([]byte(nil), b[8+n:8+2*n]...)}
	switch magic {
	case curve.magic(signs, false):
		if _, err := curve.dh.NewPublicKey(k.point()); err != nil {
			return nil, ErrKey
		}
		return k, nil
	case curve.magic(signs, true):
		if len(b) < 8+3*n {
			return nil, ErrKey
		}
		return privateEC(curve, append([]byte(nil), b[8+2*n:8+3*n]...))
	}
	return nil, ErrKey
}

// Agree computes the secret two parties have in common, the x coordinate.
func (k *EC) Agree(other *EC) ([]byte, error) {
	if k.D == nil || k.Curve.Bits != other.Curve.Bits {
		return nil, ErrKey
	}
	private, err := k.Curve.dh.NewPrivateKey(k.D)
	if err != nil {
		return nil, ErrKey
	}
	public, err := k.Curve.dh.NewPublicKey(other.point())
	if err != nil {
		return nil, ErrKey
	}
	return private.ECDH(public)
}

// signatureEC is how the standard library writes a signature.
type signatureEC struct{ R, S *big.Int }

// Sign signs a digest: two numbers of the curve's size. The same digest always
// gives the same signature, RFC 6979.
func (k *EC) Sign(digest []byte) ([]byte, error) {
	if k.D == nil {
		return nil, ErrKey
	}
	private, err := ecdsa.ParseRawPrivateKey(k.Curve.curve, k.D)
	if err != nil {
		return nil, ErrKey
	}
	hash := hashOfSize(len(digest))
	if hash == 0 {
		return nil, ErrData
	}
	der, err := private.Sign(nil, digest, hash)
	if err != nil {
		return nil, ErrKey
	}
	var s signatureEC
	if _, err := asn1.Unmarshal(der, &s); err != nil {
		return nil, ErrData
	}
	n := k.Curve.Size
	return append(s.R.FillBytes(make([]byte, n)), s.S.FillBytes(make([]byte, n))...), nil
}

func hashOfSize(n int) crypto.Hash {
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.MD5} {
		if h.Size() == n {
			return h
		}
	}
	return 0
}

// Verify checks the signature of a digest.
func (k *EC) Verify(digest, signature []byte) bool {
	n := k.Curve.Size
	if len(signature) != 2*n {
		return false
	}
	public, err := ecdsa.ParseUncompressedPublicKey(k.Curve.curve, k.point())
	if err != nil {
		return false
	}
	return ecdsa.Verify(public, digest, new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:]))
}
