package advapi32

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

var hashRows = win.Rows{
	win.Partial(win.Func5("CryptCreateHash", cryptCreateHash, "hProv Algid hKey dwFlags phHash"),
		"MD4, MD5, SHA-1, SHA-2 and HMAC"),
	win.Func1("CryptDestroyHash", cryptDestroyHash, "hHash"),
	win.Func4("CryptDuplicateHash", cryptDuplicateHash, "hHash pdwReserved dwFlags phHash"),
	win.Func5("CryptGetHashParam", cryptGetHashParam, "hHash dwParam pbData pdwDataLen dwFlags"),
	win.Func4("CryptSetHashParam", cryptSetHashParam, "hHash dwParam pbData dwFlags"),
	win.Func4("CryptHashData", cryptHashData, "hHash pbData dwDataLen dwFlags"),
}

// hashAlgorithm is one of the ALG_IDs of hashes.
//
// https://learn.microsoft.com/windows/win32/seccrypto/alg-id
type hashAlgorithm struct {
	id    uint32
	start func() hash.Hash
	sha2  bool
}

var hashAlgorithms = []hashAlgorithm{
	{0x8002, ciphers.NewMD4, false}, {0x8003, md5.New, false}, {0x8004, sha1.New, false},
	{0x800C, sha256.New, true}, {0x800D, sha512.New384, true}, {0x800E, sha512.New, true},
}

const (
	calgHMAC            = 0x8009
	nteBadKey win.Error = 0x80090003
)

var hmacAlgorithm = hashAlgorithm{id: calgHMAC}

// findHash finds a hash that a provider has, or nil.
func findHash(p *provider, id uint32) *hashAlgorithm {
	for i := range hashAlgorithms {
		if a := &hashAlgorithms[i]; a.id == id && (p.aes || !a.sha2) {
			return a
		}
	}
	return nil
}

// cryptSetHashParam names the hash of an HMAC, or gives a hash its value.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptsethashparam
func cryptSetHashParam(c *win.Call, hHash win.Handle, dwParam win.DWORD, pbData win.Ptr, dwFlags win.Hex) (win.Bool, win.Error) {
	const value, hmacInfo = 2, 5
	d, err := cryptObject[*digest](c, hHash)
	if err != 0 || pbData == 0 {
		return false, win.ErrInvalidParameter
	}
	switch {
	case dwParam == hmacInfo && d.algorithm.id == calgHMAC:
		a := findHash(&provider{aes: true}, uint32(c.ReadUint(pbData, 4)))
		if a == nil {
			return false, nteBadAlgorithm
		}
		if c.ReadUint(pbData+16, 4) != 0 || c.ReadUint(pbData+32, 4) != 0 {
			c.Gap("paddings of one's own")
		}
		d.state = hmac.New(a.start, d.secret)
		return true, 0
	case dwParam == value && d.state != nil:
		d.value = append([]byte{}, c.Bytes(pbData, uint64(d.state.Size()))...)
		return true, 0
	}
	return false, nteBadType
}

// unmodelledHash reports whether an ALG_ID is a hash Windows has and this
// package has not: MD2, MAC and those of TLS.
func unmodelledHash(id uint32) bool {
	switch id {
	case 0x8001, 0x8005, 0x8008, 0x800A, 0x800B:
		return true
	}
	return false
}

// digest is a hash being computed.
type digest struct {
	algorithm *hashAlgorithm
	state     hash.Hash
	provider  *provider
	secret    []byte // of an HMAC, which begins when its hash is named
	value     []byte // once it was asked for, after which nothing can be added
}

func (*digest) Type() string { return "CryptHash" }

// sum finishes the hash.
func (d *digest) sum() []byte {
	if d.value == nil {
		d.value = d.state.Sum(nil)
	}
	return d.value
}

// cryptCreateHash starts a hash.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptcreatehash
func cryptCreateHash(c *win.Call, hProv win.Handle, Algid win.Hex, hKey win.Handle, dwFlags win.Hex, phHash win.Out[uint64]) (win.Bool, win.Error) {
	p, err := cryptObject[*provider](c, hProv)
	if err != 0 || phHash.Null() {
		return false, win.ErrInvalidParameter
	}
	if Algid == calgHMAC {
		k, err := cryptObject[*key](c, hKey)
		if err != 0 {
			return false, nteBadKey
		}
		return openCrypto(c, &digest{provider: p, algorithm: &hmacAlgorithm, secret: k.secret}, phHash)
	}
	if a := findHash(p, uint32(Algid)); a != nil {
		return openCrypto(c, &digest{provider: p, algorithm: a, state: a.start()}, phHash)
	}
	if unmodelledHash(uint32(Algid)) {
		c.Gap(fmt.Sprintf("algorithm %#x", uint32(Algid)))
	}
	return false, nteBadAlgorithm
}

// cryptHashData adds data to a hash.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-crypthashdata
func cryptHashData(c *win.Call, hHash win.Handle, pbData win.Ptr, dwDataLen win.DWORD, dwFlags win.Hex) (win.Bool, win.Error) {
	d, err := cryptObject[*digest](c, hHash)
	switch {
	case err != 0:
		return false, err
	case d.value != nil || d.state == nil:
		return false, nteBadHashState
	}
	d.state.Write(c.Bytes(pbData, uint64(dwDataLen)))
	return true, 0
}

// cryptGetHashParam reads the digest, its size or its algorithm.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptgethashparam
func cryptGetHashParam(c *win.Call, hHash win.Handle, dwParam win.DWORD, pbData win.Ptr, pdwDataLen win.Out[uint32], dwFlags win.Hex) (win.Bool, win.Error) {
	const algorithm, value, size = 1, 2, 4 // HP_*
	d, err := cryptObject[*digest](c, hHash)
	switch {
	case err != 0:
		return false, err
	case d.state == nil:
		return false, nteBadHashState
	}
	switch dwParam {
	case algorithm:
		return parameter(c, binary.LittleEndian.AppendUint32(nil, d.algorithm.id), pbData, pdwDataLen)
	case size:
		return parameter(c, binary.LittleEndian.AppendUint32(nil, uint32(d.state.Size())), pbData, pdwDataLen)
	case value:
		if pbData == 0 {
			return parameter(c, make([]byte, d.state.Size()), 0, pdwDataLen)
		}
		return parameter(c, d.sum(), pbData, pdwDataLen)
	}
	return false, nteBadType
}

// cryptDuplicateHash copies a hash with its state.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptduplicatehash
func cryptDuplicateHash(c *win.Call, hHash win.Handle, pdwReserved win.Ptr, dwFlags win.Hex, phHash win.Out[uint64]) (win.Bool, win.Error) {
	d, err := cryptObject[*digest](c, hHash)
	if err != 0 || phHash.Null() || pdwReserved != 0 {
		return false, win.ErrInvalidParameter
	}
	if d.state == nil {
		return false, nteBadHashState
	}
	cloner, ok := d.state.(hash.Cloner)
	if !ok { // every hash of the standard library is one
		return false, win.ErrCallNotImplemented
	}
	state, problem := cloner.Clone()
	if problem != nil {
		return false, nteBadHashState
	}
	return openCrypto(c, &digest{provider: d.provider, algorithm: d.algorithm, state: state, value: d.value}, phHash)
}

// cryptDestroyHash closes a hash.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptdestroyhash
func cryptDestroyHash(c *win.Call, hHash win.Handle) (win.Bool, win.Error) {
	return closeCrypto[*digest](c, hHash)
}
