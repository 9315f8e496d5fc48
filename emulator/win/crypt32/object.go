package crypt32

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"strconv"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/authenticode"
	"sidetrace/emulator/win/publickey"
)

const objectNote = encodeNote

var objectRows = win.Rows{
	win.Partial(win.Func7("CryptDecodeObject", cryptDecodeObject, "dwCertEncodingType lpszStructType pbEncoded cbEncoded dwFlags pvStructInfo pcbStructInfo"), objectNote),
	win.Partial(win.Func8("CryptDecodeObjectEx", cryptDecodeObjectEx, "dwCertEncodingType lpszStructType pbEncoded cbEncoded dwFlags pDecodePara pvStructInfo pcbStructInfo"), objectNote),
	win.Func7("CryptHashCertificate", cryptHashCertificate, "hCryptProv Algid dwFlags pbEncoded cbEncoded pbComputedHash pcbComputedHash"),
	win.Func4("CryptImportPublicKeyInfo", cryptImportPublicKeyInfo, "hCryptProv dwCertEncodingType pInfo phKey"),
	win.Func7("CryptImportPublicKeyInfoEx", cryptImportPublicKeyInfoEx, "hCryptProv dwCertEncodingType pInfo aiKeyAlg dwFlags pvAuxInfo phKey"),
}

// cryptDecodeObject decodes a structure of ASN.1.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptdecodeobject
func cryptDecodeObject(c *win.Call, dwCertEncodingType win.Hex, lpszStructType, pbEncoded win.Ptr, cbEncoded win.DWORD, dwFlags win.Hex, pvStructInfo win.Ptr, pcbStructInfo win.Out[uint32]) (win.Bool, win.Error) {
	data, err := decodeObject(c, lpszStructType, pbEncoded, cbEncoded, pvStructInfo)
	if err != 0 || c.Faulted() {
		return false, err
	}
	return store(c, data, pvStructInfo, pcbStructInfo)
}

// cryptDecodeObjectEx can allocate what it returns.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptdecodeobjectex
func cryptDecodeObjectEx(c *win.Call, dwCertEncodingType win.Hex, lpszStructType, pbEncoded win.Ptr, cbEncoded win.DWORD, dwFlags win.Hex, pDecodePara, pvStructInfo win.Ptr, pcbStructInfo win.Out[uint32]) (win.Bool, win.Error) {
	const allocate = 0x8000 // CRYPT_DECODE_ALLOC_FLAG
	if dwFlags&allocate == 0 {
		return cryptDecodeObject(c, dwCertEncodingType, lpszStructType, pbEncoded, cbEncoded, dwFlags, pvStructInfo, pcbStructInfo)
	}
	data, err := decodeObject(c, lpszStructType, pbEncoded, cbEncoded, 0)
	if err != 0 || c.Faulted() {
		return false, err
	}
	at := c.Heap.Alloc(uint64(len(data)))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	if data, err = decodeObject(c, lpszStructType, pbEncoded, cbEncoded, win.Ptr(at)); err != 0 {
		return false, err
	}
	c.Write(win.Ptr(at), data)
	c.WriteUint(pvStructInfo, 8, at)
	pcbStructInfo.Set(c, uint32(len(data)))
	return true, 0
}

// Structures by number; the identifiers of some stand for them too.
const (
	rsaPublicKey  = 19 // RSA_CSP_PUBLICKEYBLOB
	publicKeyInfo = 8  // X509_PUBLIC_KEY_INFO
	octetString   = 25 // X509_OCTET_STRING
	bits          = 26 // X509_BITS
	integer       = 27 // X509_INTEGER
)

// structType is the number of a structure.
func structType(c *win.Call, p win.Ptr) int {
	const lowestPointer = 0x10000
	if p < lowestPointer {
		return int(p)
	}
	switch text := c.AString(p); text {
	case "1.2.840.113549.1.1.1":
		return rsaPublicKey
	default:
		n, _ := strconv.Atoi(text)
		return -n
	}
}

// decodeObject makes the structure that an encoding stands for, to lie at a
// place.
func decodeObject(c *win.Call, kind, encoded win.Ptr, size win.DWORD, at win.Ptr) ([]byte, win.Error) {
	const most = 1 << 20
	if encoded == 0 || size == 0 || size > most {
		return nil, win.ErrInvalidParameter
	}
	der := bytes.Clone(c.Bytes(encoded, uint64(size)))
	number := structType(c, kind)
	if c.Faulted() {
		return nil, 0
	}
	switch number {
	case rsaPublicKey:
		return decodeRSA(der)
	case publicKeyInfo:
		cert := authenticode.Certificate{Key: der}
		oid, parameters, key := cert.KeyInfo()
		if oid == "" {
			return nil, asnBadTag
		}
		b := win.NewBlock(at, 48)
		b.Put(0, 8, b.Add(guest.ANSI(oid)))
		blob(b, 8, parameters)
		blob(b, 24, key)
		return b.Data, 0
	case octetString:
		var data []byte
		if _, err := asn1.Unmarshal(der, &data); err != nil {
			return nil, asnBadTag
		}
		b := win.NewBlock(at, 16)
		blob(b, 0, data)
		return b.Data, 0
	case bits:
		var data asn1.BitString
		if _, err := asn1.Unmarshal(der, &data); err != nil {
			return nil, asnBadTag
		}
		b := win.NewBlock(at, 24)
		blob(b, 0, data.Bytes)
		b.Put(16, 4, uint64(8*len(data.Bytes)-data.BitLength))
		return b.Data, 0
	case enhancedUsage:
		return decodeUsage(der, at)
	case utcTime, choiceOfTime:
		return decodeTime(der)
	case name, unicodeName:
		return decodeName(der, at, number == unicodeName)
	case integer:
		var v int32
		if _, err := asn1.Unmarshal(der, &v); err != nil {
			return nil, asnBadTag
		}
		return binary.LittleEndian.AppendUint32(nil, uint32(v)), 0
	}
	c.Gap(fmt.Sprintf("structure %d", number))
	return nil, win.ErrFileNotFound
}

// decodeRSA makes a PUBLICKEYBLOB of an RSAPublicKey.
func decodeRSA(der []byte) ([]byte, win.Error) {
	k, ok := authenticode.ParseRSA(der)
	if !ok {
		return nil, asnBadTag
	}
	return keyBlob(k), 0
}

// keyBlob is a PUBLICKEYBLOB for an exchange of keys.
func keyBlob(k *publickey.RSA) []byte {
	const kind, version, keyExchange = 6, 2, 0xA400
	head := binary.LittleEndian.AppendUint32([]byte{kind, version, 0, 0}, keyExchange)
	return append(head, k.CAPI(false)...)
}

// cryptHashCertificate computes a digest, SHA-1 if no algorithm is named.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-crypthashcertificate
func cryptHashCertificate(c *win.Call, hCryptProv win.Handle, Algid, dwFlags win.Hex, pbEncoded win.Ptr, cbEncoded win.DWORD, pbComputedHash win.Ptr, pcbComputedHash win.Out[uint32]) (win.Bool, win.Error) {
	const nteBadAlgorithm win.Error = 0x80090008
	hash := authenticode.HashByID(uint32(Algid))
	switch {
	case pcbComputedHash.Null():
		return false, win.ErrInvalidParameter
	case hash == 0:
		return false, nteBadAlgorithm
	}
	h := hash.New()
	h.Write(c.Bytes(pbEncoded, uint64(cbEncoded)))
	if c.Faulted() {
		return false, 0
	}
	return store(c, h.Sum(nil), pbComputedHash, pcbComputedHash)
}

// cryptImportPublicKeyInfo makes a key of the CryptoAPI of a CERT_PUBLIC_KEY_INFO.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptimportpublickeyinfo
func cryptImportPublicKeyInfo(c *win.Call, hCryptProv win.Handle, dwCertEncodingType win.Hex, pInfo win.Ptr, phKey win.Out[uint64]) (win.Bool, win.Error) {
	return importInfo(c, hCryptProv, pInfo, phKey)
}

func cryptImportPublicKeyInfoEx(c *win.Call, hCryptProv win.Handle, dwCertEncodingType win.Hex, pInfo win.Ptr, aiKeyAlg, dwFlags win.Hex, pvAuxInfo win.Ptr, phKey win.Out[uint64]) (win.Bool, win.Error) {
	return importInfo(c, hCryptProv, pInfo, phKey)
}

func importInfo(c *win.Call, provider win.Handle, info win.Ptr, key win.Out[uint64]) (win.Bool, win.Error) {
	const keyAt, rsa = 24, "1.2.840.113549.1.1.1"
	if info == 0 || key.Null() {
		return false, win.ErrInvalidParameter
	}
	oid := c.AString(win.Ptr(c.ReadUint(info, 8)))
	der := dataBlob(c, info+keyAt)
	if c.Faulted() {
		return false, 0
	}
	if oid != rsa {
		c.Gap("a key of another algorithm")
		return false, win.ErrFileNotFound
	}
	k, ok := authenticode.ParseRSA(der)
	if !ok {
		return false, asnBadTag
	}
	data := keyBlob(k)
	at := c.Heap.Alloc(uint64(len(data)))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	defer c.Heap.Free(at)
	c.Write(win.Ptr(at), data)
	r, err := c.Invoke("advapi32.dll", "CryptImportKey", uint64(provider), at, uint64(len(data)), 0, 0, uint64(key.Addr))
	if r == 0 {
		return false, err
	}
	return true, 0
}
