package publickey

import (
	"encoding/binary"
	"math/big"
	"slices"
)

// Magic numbers of RSA blobs, BCRYPT_RSAPUBLIC_MAGIC and its kin. The older
// API uses the first two as well.
const (
	magicPublic  = 0x31415352 // "RSA1"
	magicPrivate = 0x32415352 // "RSA2"
	magicFull    = 0x33415352 // "RSA3"
)

// CNG makes a blob of bcrypt.h: BCRYPT_RSAKEY_BLOB and the numbers, the high
// byte first. A full one has all of a private key's.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/ns-bcrypt-bcrypt_rsakey_blob
func (k *RSA) CNG(private, full bool) []byte {
	e, n := k.E.Bytes(), k.N.Bytes()
	half := (len(n) + 1) / 2
	magic := uint32(magicPublic)
	lengths := []int{0, 0}
	if private {
		magic, lengths = magicPrivate, []int{half, half}
	}
	if full {
		magic = magicFull
	}
	b := binary.LittleEndian.AppendUint32(nil, magic)
	for _, v := range []int{k.N.BitLen(), len(e), len(n), lengths[0], lengths[1]} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	b = append(append(b, e...), n...)
	if !private {
		return b
	}
	b = append(b, k.P.FillBytes(make([]byte, half))...)
	b = append(b, k.Q.FillBytes(make([]byte, half))...)
	if full {
		for _, x := range []*big.Int{k.DP, k.DQ, k.QInv} {
			b = append(b, x.FillBytes(make([]byte, half))...)
		}
		b = append(b, k.D.FillBytes(make([]byte, len(n)))...)
	}
	return b
}

// ParseCNG reads such a blob. A private key is computed anew from its primes.
func ParseCNG(b []byte) (*RSA, error) {
	const header = 24
	if len(b) < header {
		return nil, ErrKey
	}
	var f [6]uint32
	for i := range f {
		f[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	b = b[header:]
	take := func(n uint32) *big.Int {
		if uint64(n) > uint64(len(b)) {
			return nil
		}
		x := new(big.Int).SetBytes(b[:n])
		b = b[n:]
		return x
	}
	if f[0] != magicPublic && f[0] != magicPrivate && f[0] != magicFull {
		return nil, ErrKey
	}
	e, n := take(f[2]), take(f[3])
	if e == nil || n == nil {
		return nil, ErrKey
	}
	k := &RSA{N: n, E: e}
	if err := k.valid(); err != nil || f[0] == magicPublic {
		return k, err
	}
	p, q := take(f[4]), take(f[5])
	if p == nil || q == nil {
		return nil, ErrKey
	}
	private, err := fromPrimes(e, p, q)
	if err != nil || private.N.Cmp(n) != 0 {
		return nil, ErrKey
	}
	return private, nil
}

// CAPI makes the body of a PUBLICKEYBLOB or PRIVATEKEYBLOB, behind its
// BLOBHEADER: RSAPUBKEY and the numbers, the low byte first.
//
// https://learn.microsoft.com/windows/win32/seccrypto/rsa-schannel-key-blobs
func (k *RSA) CAPI(private bool) []byte {
	size := k.Size()
	magic := uint32(magicPublic)
	if private {
		magic = magicPrivate
	}
	b := binary.LittleEndian.AppendUint32(nil, magic)
	b = binary.LittleEndian.AppendUint32(b, uint32(8*size))
	b = binary.LittleEndian.AppendUint32(b, uint32(k.E.Uint64()))
	put := func(x *big.Int, n int) {
		le := x.FillBytes(make([]byte, n))
		slices.Reverse(le)
		b = append(b, le...)
	}
	put(k.N, size)
	if private {
		half := (size + 1) / 2
		for _, x := range []*big.Int{k.P, k.Q, k.DP, k.DQ, k.QInv} {
			put(x, half)
		}
		put(k.D, size)
	}
	return b
}

// ParseCAPI reads such a body.
func ParseCAPI(b []byte) (*RSA, error) {
	const header = 12
	if len(b) < header {
		return nil, ErrKey
	}
	magic, bits, e := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	b = b[header:]
	if bits > MaxBits || bits%8 != 0 || magic != magicPublic && magic != magicPrivate {
		return nil, ErrKey
	}
	take := func(n uint32) *big.Int {
		if uint64(n) > uint64(len(b)) {
			return nil
		}
		le := slices.Clone(b[:n])
		b = b[n:]
		slices.Reverse(le)
		return new(big.Int).SetBytes(le)
	}
	n := take(bits / 8)
	if n == nil {
		return nil, ErrKey
	}
	k := &RSA{N: n, E: new(big.Int).SetUint64(uint64(e))}
	if err := k.valid(); err != nil || magic == magicPublic {
		return k, err
	}
	half := (bits/8 + 1) / 2
	p, q := take(half), take(half)
	if p == nil || q == nil {
		return nil, ErrKey
	}
	private, err := fromPrimes(k.E, p, q)
	if err != nil || private.N.Cmp(n) != 0 {
		return nil, ErrKey
	}
	return private, nil
}
