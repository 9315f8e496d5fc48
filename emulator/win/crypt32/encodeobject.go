package crypt32

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/publickey"
)

const encodeNote = "public keys, RSA public keys, names, usages, times, octet and bit strings, integers"

var encodeRows = win.Rows{
	win.Partial(win.Func5("CryptEncodeObject", cryptEncodeObject, "dwCertEncodingType lpszStructType pvStructInfo pbEncoded pcbEncoded"), encodeNote),
	win.Partial(win.Func7("CryptEncodeObjectEx", cryptEncodeObjectEx, "dwCertEncodingType lpszStructType pvStructInfo dwFlags pEncodePara pvEncoded pcbEncoded"), encodeNote),
}

// cryptEncodeObject encodes a structure in ASN.1.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptencodeobject
func cryptEncodeObject(c *win.Call, dwCertEncodingType win.Hex, lpszStructType, pvStructInfo, pbEncoded win.Ptr, pcbEncoded win.Out[uint32]) (win.Bool, win.Error) {
	der, err := encodeObject(c, lpszStructType, pvStructInfo)
	if err != 0 || c.Faulted() {
		return false, err
	}
	return store(c, der, pbEncoded, pcbEncoded)
}

// cryptEncodeObjectEx can allocate what it returns.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptencodeobjectex
func cryptEncodeObjectEx(c *win.Call, dwCertEncodingType win.Hex, lpszStructType, pvStructInfo win.Ptr, dwFlags win.Hex, pEncodePara, pvEncoded win.Ptr, pcbEncoded win.Out[uint32]) (win.Bool, win.Error) {
	const allocate = 0x8000 // CRYPT_ENCODE_ALLOC_FLAG
	der, err := encodeObject(c, lpszStructType, pvStructInfo)
	if err != 0 || c.Faulted() {
		return false, err
	}
	if dwFlags&allocate == 0 {
		return store(c, der, pvEncoded, pcbEncoded)
	}
	at := c.Heap.Alloc(uint64(len(der)))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	c.Write(win.Ptr(at), der)
	c.WriteUint(pvEncoded, 8, at)
	pcbEncoded.Set(c, uint32(len(der)))
	return true, 0
}

// Further structures by number.
const (
	name           = 7 // X509_NAME
	utcTime        = 17
	unicodeName    = 20 // X509_UNICODE_NAME
	choiceOfTime   = 30
	enhancedUsage  = 36
	badEncode      = 0x80093100 // CRYPT_E_ASN1_ERROR
	asnEnd         = 0x80093102 // CRYPT_E_ASN1_EOD
	maxEncoded     = 1 << 20
	maxListed      = 1024
	rdnPrintable   = 4
	rdnTeletex     = 5
	rdnIA5         = 7
	rdnNumeric     = 3
	rdnBMP         = 12
	rdnUTF8        = 13
	rdnAny         = 0
	rsaEncryption  = "1.2.840.113549.1.1.1"
	fileTimeTick   = 100 * time.Nanosecond
	secondsTo1970  = 11644473600
	ticksPerSecond = int64(time.Second / fileTimeTick)
)

// algorithmIdentifier and keyInfo are RFC 5280's.
type algorithmIdentifier struct {
	Algorithm  asn1.ObjectIdentifier
	Parameters asn1.RawValue `asn1:"optional"`
}

type keyInfo struct {
	Algorithm algorithmIdentifier
	Key       asn1.BitString
}

// attribute is one of a name; attributeSET a relative name.
type attribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

type attributeSET []attribute

// encodeObject encodes the structure at a place.
func encodeObject(c *win.Call, kind, info win.Ptr) ([]byte, win.Error) {
	if info == 0 {
		return nil, win.ErrInvalidParameter
	}
	var v any
	switch number := structType(c, kind); number {
	case integer:
		v = int(int32(c.ReadUint(info, 4)))
	case octetString:
		v = counted(c, info)
	case bits:
		data := counted(c, info)
		unused := int(c.ReadUint(info+16, 4) & 7)
		v = asn1.BitString{Bytes: data, BitLength: max(8*len(data)-unused, 0)}
	case enhancedUsage:
		list := []asn1.ObjectIdentifier{}
		at := win.Ptr(c.ReadUint(info+8, 8))
		for i := range win.Ptr(min(c.ReadUint(info, 4), maxListed)) {
			list = append(list, identifier(c.AString(win.Ptr(c.ReadUint(at+8*i, 8)))))
			if c.Faulted() {
				return nil, 0
			}
		}
		v = list
	case publicKeyInfo:
		k := keyInfo{Algorithm: algorithmIdentifier{Algorithm: identifier(c.AString(win.Ptr(c.ReadUint(info, 8))))}}
		if parameters := counted(c, info+8); len(parameters) > 0 {
			k.Algorithm.Parameters = asn1.RawValue{FullBytes: parameters}
		} else {
			k.Algorithm.Parameters = asn1.NullRawValue
		}
		data := counted(c, info+24)
		k.Key = asn1.BitString{Bytes: data, BitLength: max(8*len(data)-int(c.ReadUint(info+40, 4)&7), 0)}
		v = k
	case rsaPublicKey:
		k, err := publicKeyBlob(c, info)
		if err != 0 {
			return nil, err
		}
		v = struct{ N, E *big.Int }{k.N, k.E}
	case utcTime, choiceOfTime:
		v = timeOf(int64(c.ReadUint(info, 8)))
	case name, unicodeName:
		rdns, err := readName(c, info, number == unicodeName)
		if err != 0 {
			return nil, err
		}
		v = rdns
	default:
		c.Gap(fmt.Sprintf("structure %d", number))
		return nil, win.ErrFileNotFound
	}
	if c.Faulted() {
		return nil, 0
	}
	der, err := asn1.Marshal(v)
	if err != nil {
		return nil, badEncode
	}
	return der, 0
}

// counted reads a blob: its size and where it lies.
func counted(c *win.Call, at win.Ptr) []byte {
	n := c.ReadUint(at, 4)
	if n == 0 || n > maxEncoded {
		return nil
	}
	return bytes.Clone(c.Bytes(win.Ptr(c.ReadUint(at+8, 8)), n))
}

// identifier reads an object identifier; nil for text that is none, which
// cannot be encoded.
func identifier(text string) asn1.ObjectIdentifier {
	var id asn1.ObjectIdentifier
	n := -1
	for _, r := range text + "." {
		switch {
		case r >= '0' && r <= '9' && n < 1<<27:
			n = max(n, 0)*10 + int(r-'0')
		case r == '.' && n >= 0:
			id, n = append(id, n), -1
		default:
			return nil
		}
	}
	return id
}

// timeOf is a FILETIME, to the second.
func timeOf(ticks int64) time.Time {
	return time.Unix(ticks/ticksPerSecond-secondsTo1970, 0).UTC()
}

// publicKeyBlob reads a PUBLICKEYBLOB.
func publicKeyBlob(c *win.Call, at win.Ptr) (*publickey.RSA, win.Error) {
	const header, body = 8, 12
	n := c.ReadUint(at+header+4, 4) / 8
	if n > maxEncoded {
		return nil, win.ErrInvalidParameter
	}
	b := bytes.Clone(c.Bytes(at+header, body+n))
	if c.Faulted() {
		return nil, 0
	}
	k, err := publickey.ParseCAPI(b)
	if err != nil {
		return nil, win.ErrInvalidParameter
	}
	return k, 0
}

// rdnTags are the types of values: CERT_RDN_*, and the tags of ASN.1.
var rdnTags = []struct{ kind, tag int }{
	{rdnNumeric, asn1.TagNumericString}, {rdnPrintable, asn1.TagPrintableString}, {rdnTeletex, asn1.TagT61String},
	{rdnIA5, asn1.TagIA5String}, {rdnBMP, asn1.TagBMPString}, {rdnUTF8, asn1.TagUTF8String},
}

// readName reads a CERT_NAME_INFO. Values of UTF-8 and of BMP strings are
// UTF-16 in it, in a name of X509_UNICODE_NAME all are.
func readName(c *win.Call, at win.Ptr, wide bool) ([]attributeSET, win.Error) {
	list := []attributeSET{}
	rdn := win.Ptr(c.ReadUint(at+8, 8))
	for i := range win.Ptr(min(c.ReadUint(at, 4), maxListed)) {
		set := attributeSET{}
		attr := win.Ptr(c.ReadUint(rdn+16*i+8, 8))
		for j := range win.Ptr(min(c.ReadUint(rdn+16*i, 4), maxListed)) {
			const size = 32 // CERT_RDN_ATTR
			p := attr + size*j
			kind, value := int(c.ReadUint(p+8, 4)), counted(c, p+16)
			id := identifier(c.AString(win.Ptr(c.ReadUint(p, 8))))
			if c.Faulted() {
				return nil, 0
			}
			raw, ok := encodeValue(kind, value, wide)
			if !ok {
				c.Gap(fmt.Sprintf("a value of type %d", kind))
				return nil, win.ErrInvalidParameter
			}
			set = append(set, attribute{id, raw})
		}
		list = append(list, set)
	}
	return list, 0
}

// encodeValue makes a value of a name.
func encodeValue(kind int, value []byte, wide bool) (asn1.RawValue, bool) {
	if wide && kind == rdnAny {
		kind = rdnPrintable
	}
	for _, t := range rdnTags {
		if t.kind != kind {
			continue
		}
		switch {
		case kind == rdnBMP:
			value = swapped(value)
		case kind == rdnUTF8 || wide:
			value = guest.AppendUTF8(nil, bytes.TrimSuffix(value[:len(value)&^1], []byte{0, 0}))
		}
		return asn1.RawValue{Tag: t.tag, Bytes: value}, true
	}
	return asn1.RawValue{}, false
}

// swapped changes the order of the bytes of UTF-16.
func swapped(b []byte) []byte {
	b = bytes.Clone(b[:len(b)&^1])
	for i := 0; i < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return b
}

// decodeName makes a CERT_NAME_INFO.
func decodeName(der []byte, at win.Ptr, wide bool) ([]byte, win.Error) {
	const rdnSize, attrSize = 16, 32
	var list []attributeSET
	if _, err := asn1.Unmarshal(der, &list); err != nil {
		return nil, asnError(der, err)
	}
	b := win.NewBlock(at, 16)
	b.Put(0, 8, uint64(len(list)))
	rdns := b.Add(make([]byte, rdnSize*len(list)))
	b.Put(8, 8, rdns)
	for i, set := range list {
		attrs := b.Add(make([]byte, attrSize*len(set)))
		b.Put(int(rdns-uint64(at))+rdnSize*i, 8, uint64(len(set)))
		b.Put(int(rdns-uint64(at))+rdnSize*i+8, 8, attrs)
		for j, a := range set {
			p := int(attrs-uint64(at)) + attrSize*j
			kind, value := decodeValue(a.Value, wide)
			b.Put(p, 8, b.Add(guest.ANSI(a.Type.String())))
			b.Put(p+8, 4, uint64(kind))
			blob(b, p+16, value)
		}
	}
	return b.Data, 0
}

// decodeValue gives a value as a CERT_RDN_ATTR has it. What is made wide has a
// terminator behind it that does not count.
func decodeValue(v asn1.RawValue, wide bool) (kind int, value []byte) {
	for _, t := range rdnTags {
		if t.tag == v.Tag {
			kind = t.kind
		}
	}
	switch {
	case kind == rdnBMP:
		return kind, swapped(v.Bytes)
	case kind == rdnUTF8 || wide && kind != rdnAny:
		text := guest.UTF16(string(v.Bytes))
		return kind, text[:len(text)-2]
	}
	return kind, bytes.Clone(v.Bytes)
}

// decodeUsage makes a CTL_USAGE.
func decodeUsage(der []byte, at win.Ptr) ([]byte, win.Error) {
	var list []asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(der, &list); err != nil {
		return nil, asnError(der, err)
	}
	b := win.NewBlock(at, 16)
	b.Put(0, 4, uint64(len(list)))
	pointers := b.Add(make([]byte, 8*len(list)))
	b.Put(8, 8, pointers)
	for i, id := range list {
		b.Put(int(pointers-uint64(at))+8*i, 8, b.Add(guest.ANSI(id.String())))
	}
	return b.Data, 0
}

// decodeTime makes a FILETIME.
func decodeTime(der []byte) ([]byte, win.Error) {
	var t time.Time
	if _, err := asn1.Unmarshal(der, &t); err != nil {
		return nil, asnError(der, err)
	}
	b := win.NewBlock(0, 8)
	b.Put(0, 8, fileTime(t))
	return b.Data, 0
}

// asnError tells an encoding that ends too early from one of something else.
func asnError(der []byte, err error) win.Error {
	var rest asn1.RawValue
	if _, e := asn1.Unmarshal(der, &rest); e != nil {
		return asnEnd
	}
	return asnBadTag
}
