package advapi32

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"

	"sidetrace/emulator/win"
)

var hashRows = win.Rows{
	win.Partial(win.Func5("CryptCreateHash", cryptCreateHash, "hProv Algid hKey dwFlags phHash"),
		"MD5, SHA-1 and SHA-2; no keyed hashes"),
	win.Func1("CryptDestroyHash", cryptDestroyHash, "hHash"),
	win.Func4("CryptDuplicateHash", cryptDuplicateHash, "hHash pdwReserved dwFlags phHash"),
	win.Func5("CryptGetHashParam", cryptGetHashParam, "hHash dwParam pbData pdwDataLen dwFlags"),
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
	{0x8003, md5.New, false}, {0x8004, sha1.New, false},
	{0x800C, sha256.New, true}, {0x800D, sha512.New384, true}, {0x800E, sha512.New, true},
}

// unmodelledHash reports whether an ALG_ID is a hash Windows has and this
// package has not: MD2, MD4, MAC, HMAC and that of TLS.
func unmodelledHash(id uint32) bool {
	switch id {
	case 0x8001, 0x8002, 0x8005, 0x8008, 0x8009:
		return true
	}
	return false
}

// digest is a hash being computed.
type digest struct {
	algorithm *hashAlgorithm
	state     hash.Hash
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
	for i := range hashAlgorithms {
		if a := &hashAlgorithms[i]; a.id == uint32(Algid) && (p.aes || !a.sha2) {
			return openCrypto(c, &digest{algorithm: a, state: a.start()}, phHash)
		}
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
	case d.value != nil:
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
	if err != 0 {
		return false, err
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
	cloner, ok := d.state.(hash.Cloner)
	if !ok { // every hash of the standard library is one
		return false, win.ErrCallNotImplemented
	}
	state, problem := cloner.Clone()
	if problem != nil {
		return false, nteBadHashState
	}
	return openCrypto(c, &digest{algorithm: d.algorithm, state: state, value: d.value}, phHash)
}

// cryptDestroyHash closes a hash.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptdestroyhash
func cryptDestroyHash(c *win.Call, hHash win.Handle) (win.Bool, win.Error) {
	return closeCrypto[*digest](c, hHash)
}
