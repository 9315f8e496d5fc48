// Package publickey has the public-key algorithms that several DLLs offer: RSA
// and elliptic curves, with the key blobs of both Windows APIs. Randomness
// comes from the machine's seeded generator, which the standard library does
// not take for keys and paddings; the arithmetic and the checks are its own.
package publickey

import (
	"bytes"
	"crypto"
	_ "crypto/md5" // the hashes that signatures name
	"crypto/rsa"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/binary"
	"errors"
	"math/big"
)

// Random fills a buffer with random bytes.
type Random func([]byte)

// ErrKey says that numbers are no key; ErrData that bytes are not what a key
// made.
var (
	ErrKey  = errors.New("no usable key")
	ErrData = errors.New("wrong length or padding")
)

// RSA is a key, private if D is there.
type RSA struct {
	N, E         *big.Int
	D, P, Q      *big.Int
	DP, DQ, QInv *big.Int
}

// Sizes of keys in bits.
const (
	MinBits = 384
	MaxBits = 8192
)

// GenerateRSA makes a key.
func GenerateRSA(bits int, random Random) *RSA {
	e := big.NewInt(65537)
	for {
		p, q := prime(bits-bits/2, e, random), prime(bits/2, e, random)
		if p.Cmp(q) < 0 {
			p, q = q, p
		}
		if k, err := fromPrimes(e, p, q); err == nil && k.N.BitLen() == bits {
			return k
		}
	}
}

// prime finds a prime of so many bits, the two highest set.
func prime(bits int, e *big.Int, random Random) *big.Int {
	b := make([]byte, (bits+7)/8)
	one := big.NewInt(1)
	for {
		random(b)
		p := new(big.Int).SetBytes(b)
		p.Rsh(p, uint(8*len(b)-bits))
		p.SetBit(p, bits-1, 1).SetBit(p, bits-2, 1).SetBit(p, 0, 1)
		if p.ProbablyPrime(10) && new(big.Int).GCD(nil, nil, e, new(big.Int).Sub(p, one)).Cmp(one) == 0 {
			return p
		}
	}
}

// fromPrimes makes a private key.
func fromPrimes(e, p, q *big.Int) (*RSA, error) {
	one := big.NewInt(1)
	if p.Cmp(one) <= 0 || q.Cmp(one) <= 0 || p.Cmp(q) == 0 {
		return nil, ErrKey
	}
	if p.BitLen()+q.BitLen() > MaxBits+1 {
		return nil, ErrKey
	}
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	k := &RSA{N: new(big.Int).Mul(p, q), E: e, P: p, Q: q}
	if half := (k.Size() + 1) / 2; max(p.BitLen(), q.BitLen()) > 8*half {
		return nil, ErrKey // blobs have no more room for each
	}
	k.D = new(big.Int).ModInverse(e, new(big.Int).Mul(p1, q1))
	k.QInv = new(big.Int).ModInverse(q, p)
	if k.D == nil || k.QInv == nil {
		return nil, ErrKey
	}
	k.DP, k.DQ = new(big.Int).Mod(k.D, p1), new(big.Int).Mod(k.D, q1)
	return k, nil
}

// Private reports whether the key can decrypt and sign.
func (k *RSA) Private() bool { return k.D != nil }

// Public is the key without its private part.
func (k *RSA) Public() *RSA { return &RSA{N: k.N, E: k.E} }

// Size is the length of the modulus in bytes.
func (k *RSA) Size() int { return (k.N.BitLen() + 7) / 8 }

func (k *RSA) valid() error {
	bits := k.N.BitLen()
	if bits < MinBits || bits > MaxBits || k.N.Bit(0) == 0 || k.E.Sign() <= 0 || k.E.BitLen() > 64 || k.E.Bit(0) == 0 {
		return ErrKey
	}
	return nil
}

// raise computes m^E or m^D.
func (k *RSA) raise(m []byte, private bool) ([]byte, error) {
	x := new(big.Int).SetBytes(m)
	if len(m) != k.Size() || x.Cmp(k.N) >= 0 {
		return nil, ErrData
	}
	e := k.E
	if private {
		if k.D == nil {
			return nil, ErrKey
		}
		e = k.D
	}
	return x.Exp(x, e, k.N).FillBytes(make([]byte, k.Size())), nil
}

// Padding is how a message becomes a number.
type Padding struct {
	Kind  PaddingKind
	Hash  crypto.Hash // of a signature, OAEP or PSS; 0 for a signature without a name of its hash
	Label []byte      // OAEP
	Salt  int         // PSS: bytes
}

// PaddingKind is one of BCRYPT_PAD_*.
type PaddingKind int

const (
	NoPadding PaddingKind = 1
	PKCS1     PaddingKind = 2
	OAEP      PaddingKind = 4
	PSS       PaddingKind = 8
)

// Encrypt encrypts a message.
func (k *RSA) Encrypt(message []byte, p Padding, random Random) ([]byte, error) {
	size := k.Size()
	var block []byte
	switch p.Kind {
	case NoPadding:
		block = message
	case PKCS1:
		if len(message) > size-11 {
			return nil, ErrData
		}
		filler := make([]byte, size-3-len(message))
		random(filler)
		for i := range filler {
			if filler[i] == 0 {
				filler[i] = 0x5A
			}
		}
		block = append(append(append([]byte{0, 2}, filler...), 0), message...)
	case OAEP:
		h := p.Hash.New()
		n := h.Size()
		if len(message) > size-2*n-2 {
			return nil, ErrData
		}
		h.Write(p.Label)
		data := append(h.Sum(nil), make([]byte, size-len(message)-2*n-2)...)
		data = append(append(data, 1), message...)
		seed := make([]byte, n)
		random(seed)
		mask(p.Hash, data, seed)
		mask(p.Hash, seed, data)
		block = append(append([]byte{0}, seed...), data...)
	default:
		return nil, ErrData
	}
	return k.raise(block, false)
}

// mask exclusive-ors with MGF1 of a seed, RFC 8017.
func mask(hash crypto.Hash, data, seed []byte) {
	for i, done := uint32(0), 0; done < len(data); i++ {
		h := hash.New()
		h.Write(seed)
		h.Write(binary.BigEndian.AppendUint32(nil, i))
		for _, b := range h.Sum(nil) {
			if done == len(data) {
				return
			}
			data[done] ^= b
			done++
		}
	}
}

// Decrypt decrypts a message.
func (k *RSA) Decrypt(ciphertext []byte, p Padding) ([]byte, error) {
	block, err := k.raise(ciphertext, true)
	if err != nil {
		return nil, err
	}
	switch p.Kind {
	case NoPadding:
		return block, nil
	case PKCS1:
		if block[0] != 0 || block[1] != 2 {
			return nil, ErrData
		}
		end := bytes.IndexByte(block[2:], 0)
		if end < 8 {
			return nil, ErrData
		}
		return block[2+end+1:], nil
	case OAEP:
		h := p.Hash.New()
		n := h.Size()
		if len(block) < 2*n+2 || block[0] != 0 {
			return nil, ErrData
		}
		seed, data := block[1:1+n], block[1+n:]
		mask(p.Hash, seed, data)
		mask(p.Hash, data, seed)
		h.Write(p.Label)
		if !bytes.HasPrefix(data, h.Sum(nil)) {
			return nil, ErrData
		}
		rest := bytes.TrimLeft(data[n:], "\x00")
		if len(rest) == 0 || rest[0] != 1 {
			return nil, ErrData
		}
		return rest[1:], nil
	}
	return nil, ErrData
}

// Sign signs a digest.
func (k *RSA) Sign(digest []byte, p Padding, random Random) ([]byte, error) {
	size := k.Size()
	switch p.Kind {
	case NoPadding:
		return k.raise(digest, true)
	case PKCS1:
		block, err := signatureBlock(digest, p.Hash, size)
		if err != nil {
			return nil, err
		}
		return k.raise(block, true)
	case PSS:
		return k.signPSS(digest, p, random)
	}
	return nil, ErrData
}

// prefixes name the hash in front of a digest, RFC 8017.
var prefixes = map[crypto.Hash]string{
	crypto.MD5:    "\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
	crypto.SHA1:   "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
	crypto.SHA256: "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
	crypto.SHA384: "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
	crypto.SHA512: "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
}

func signatureBlock(digest []byte, hash crypto.Hash, size int) ([]byte, error) {
	prefix := prefixes[hash]
	if hash != 0 && len(digest) != hash.Size() || len(prefix)+len(digest) > size-11 {
		return nil, ErrData
	}
	block := append([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, size-3-len(prefix)-len(digest))...)
	return append(append(append(block, 0), prefix...), digest...), nil
}

func (k *RSA) signPSS(digest []byte, p Padding, random Random) ([]byte, error) {
	bits := k.N.BitLen() - 1
	size := (bits + 7) / 8
	n := p.Hash.Size()
	if len(digest) != n || size < n+p.Salt+2 {
		return nil, ErrData
	}
	salt := make([]byte, p.Salt)
	random(salt)
	h := p.Hash.New()
	h.Write(make([]byte, 8))
	h.Write(digest)
	h.Write(salt)
	sum := h.Sum(nil)
	data := append(make([]byte, size-n-p.Salt-2), 1)
	data = append(data, salt...)
	mask(p.Hash, data, sum)
	data[0] &= 0xFF >> (8*size - bits)
	block := append(append(data, sum...), 0xBC)
	return k.raise(append(make([]byte, k.Size()-size), block...), true)
}

// Verify checks the signature of a digest.
func (k *RSA) Verify(digest, signature []byte, p Padding) bool {
	switch p.Kind {
	case NoPadding:
		block, err := k.raise(signature, false)
		return err == nil && bytes.Equal(block, digest)
	case PKCS1:
		want, err := signatureBlock(digest, p.Hash, k.Size())
		if err != nil {
			return false
		}
		block, err := k.raise(signature, false)
		return err == nil && bytes.Equal(block, want)
	case PSS:
		if !k.E.IsInt64() || k.E.Int64() > 1<<31-1 || len(digest) != p.Hash.Size() {
			return false
		}
		public := &rsa.PublicKey{N: k.N, E: int(k.E.Int64())}
		return rsa.VerifyPSS(public, p.Hash, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}) == nil
	}
	return false
}

// Valid reports whether the numbers can be a public key.
func (k *RSA) Valid() bool { return k.valid() == nil }
