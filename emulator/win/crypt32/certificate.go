package crypt32

import (
	"bytes"
	"crypto/sha1"
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/authenticode"
)

var certificateRows = win.Rows{
	win.Func3("CertCreateCertificateContext", certCreateCertificateContext, "dwCertEncodingType pbCertEncoded cbCertEncoded"),
	win.Func1("CertDuplicateCertificateContext", certDuplicateCertificateContext, "pCertContext"),
	win.Func1("CertFreeCertificateContext", certFreeCertificateContext, "pCertContext"),
	win.Partial(win.Func4("CertGetCertificateContextProperty", certGetCertificateContextProperty, "pCertContext dwPropId pvData pcbData"), "the SHA-1 thumbprint"),
	win.Partial(win.Func6("CertGetNameString{A,W}", certGetNameString, "pCertContext dwType dwFlags pvTypePara pszNameString cchNameString"), "names of subject and issuer; no alternative names"),
}

const (
	cryptNotFound win.Error = 0x80092004 // CRYPT_E_NOT_FOUND
	asnBadTag     win.Error = 0x8009310B // CRYPT_E_ASN1_BADTAG
)

// context is a CERT_CONTEXT the guest holds.
type context struct {
	cert *authenticode.Certificate
	refs int
}

type contextsKey struct{}

func contexts(c *win.Call) map[win.Ptr]*context {
	m, ok := c.State[contextsKey{}].(map[win.Ptr]*context)
	if !ok {
		m = map[win.Ptr]*context{}
		c.State[contextsKey{}] = m
	}
	return m
}

// CERT_CONTEXT and CERT_INFO as 64-bit code lays them out.
const (
	contextSize = 40
	infoSize    = 208

	infoSerial    = 8
	infoAlgorithm = 24
	infoIssuer    = 48
	infoBefore    = 64
	infoAfter     = 72
	infoSubject   = 80
	infoKey       = 96
)

// blob puts a CRYPTOAPI_BLOB into a block.
func blob(b *win.Block, at int, data []byte) {
	b.Put(at, 4, uint64(len(data)))
	b.Put(at+8, 8, b.Add(data))
}

// littleEndian is a serial number as this API has it.
func littleEndian(serial []byte) []byte {
	s := slices.Clone(serial)
	slices.Reverse(s)
	if len(s) == 0 || s[len(s)-1]&0x80 != 0 {
		s = append(s, 0)
	}
	return s
}

func fileTime(t time.Time) uint64 { return uint64(t.Unix()+11644473600) * 10_000_000 }

// newContext lays out a certificate for the guest; store is where it lies.
func newContext(c *win.Call, cert *authenticode.Certificate, store uint64) (win.Ptr, win.Error) {
	const most, slack = 4096, 1024
	m := contexts(c)
	if len(m) >= most {
		return 0, win.ErrOutOfMemory
	}
	size := contextSize + infoSize + 3*len(cert.Raw) + slack
	base := win.Ptr(c.Heap.Alloc(uint64(size)))
	if base == 0 {
		return 0, win.ErrOutOfMemory
	}
	b := win.NewBlock(base, contextSize)
	info := int(b.Add(make([]byte, infoSize)) - uint64(base))
	b.Put(0, 4, 1) // X509_ASN_ENCODING
	b.Put(8, 8, b.Add(cert.Raw))
	b.Put(16, 4, uint64(len(cert.Raw)))
	b.Put(24, 8, uint64(base)+uint64(info))
	b.Put(32, 8, store)
	b.Put(info, 4, 2) // version 3
	blob(b, info+infoSerial, littleEndian(cert.Serial.Bytes()))
	b.Put(info+infoAlgorithm, 8, b.Add(guest.ANSI(cert.Algorithm())))
	blob(b, info+infoIssuer, cert.Issuer)
	b.Put(info+infoBefore, 8, fileTime(cert.NotBefore))
	b.Put(info+infoAfter, 8, fileTime(cert.NotAfter))
	blob(b, info+infoSubject, cert.Subject)
	oid, parameters, key := cert.KeyInfo()
	b.Put(info+infoKey, 8, b.Add(guest.ANSI(oid)))
	blob(b, info+infoKey+8, parameters)
	blob(b, info+infoKey+24, key)
	if len(b.Data) > size {
		c.Heap.Free(uint64(base))
		return 0, win.ErrOutOfMemory
	}
	c.Write(base, b.Data)
	m[base] = &context{cert: cert, refs: 1}
	return base, 0
}

// certCreateCertificateContext makes a context of an encoded certificate.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certcreatecertificatecontext
func certCreateCertificateContext(c *win.Call, dwCertEncodingType win.Hex, pbCertEncoded win.Ptr, cbCertEncoded win.DWORD) (win.Ptr, win.Error) {
	const x509, most = 1, 1 << 20
	if dwCertEncodingType&x509 == 0 || cbCertEncoded > most {
		return 0, win.ErrInvalidParameter
	}
	der := bytes.Clone(c.Bytes(pbCertEncoded, uint64(cbCertEncoded)))
	if c.Faulted() {
		return 0, 0
	}
	cert, err := authenticode.ParseCertificate(der)
	if err != nil {
		return 0, asnBadTag
	}
	return newContext(c, cert, 0)
}

func certDuplicateCertificateContext(c *win.Call, pCertContext win.Ptr) (win.Ptr, win.Error) {
	if x := contexts(c)[pCertContext]; x != nil {
		x.refs++
	}
	return pCertContext, 0
}

// certFreeCertificateContext gives a reference back. It always succeeds.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certfreecertificatecontext
func certFreeCertificateContext(c *win.Call, pCertContext win.Ptr) (win.Bool, win.Error) {
	release(c, pCertContext)
	return true, 0
}

func release(c *win.Call, p win.Ptr) {
	m := contexts(c)
	if x := m[p]; x != nil {
		if x.refs--; x.refs == 0 {
			delete(m, p)
			c.Heap.Free(uint64(p))
		}
	}
}

// certGetCertificateContextProperty reads a property of a certificate.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certgetcertificatecontextproperty
func certGetCertificateContextProperty(c *win.Call, pCertContext win.Ptr, dwPropId win.DWORD, pvData win.Ptr, pcbData win.Out[uint32]) (win.Bool, win.Error) {
	const thumbprint = 3 // CERT_HASH_PROP_ID
	x := contexts(c)[pCertContext]
	switch {
	case x == nil || pcbData.Null():
		return false, win.ErrInvalidParameter
	case dwPropId != thumbprint:
		return false, cryptNotFound
	}
	sum := sha1.Sum(x.cert.Raw)
	return store(c, sum[:], pvData, pcbData)
}

// store hands out data by the rules of this API.
func store(c *win.Call, data []byte, to win.Ptr, size win.Out[uint32]) (win.Bool, win.Error) {
	space := size.Get(c)
	size.Set(c, uint32(len(data)))
	switch {
	case to == 0:
		return true, 0
	case uint64(space) < uint64(len(data)):
		return false, win.ErrMoreData
	}
	c.Write(to, data)
	return true, 0
}

// certGetNameString gives a name in a certificate as text; the number of
// characters counts the terminator.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certgetnamestringw
func certGetNameString(c *win.Call, pCertContext win.Ptr, dwType win.DWORD, dwFlags win.Hex, pvTypePara, pszNameString win.Ptr, cchNameString win.DWORD) (win.DWORD, win.Error) {
	const issuer = 1 // CERT_NAME_ISSUER_FLAG
	text := ""
	if x := contexts(c)[pCertContext]; x != nil {
		der := x.cert.Subject
		if dwFlags&issuer != 0 {
			der = x.cert.Issuer
		}
		text = nameText(c, der, dwType, pvTypePara)
	}
	encoded := c.Encode(text)
	n := win.DWORD(uint64(len(encoded)) / c.CharSize())
	switch {
	case c.Faulted():
		return 0, 0
	case pszNameString == 0:
		return n, 0
	case cchNameString == 0:
		return 0, 0
	case n > cchNameString:
		encoded = append(encoded[:uint64(cchNameString-1)*c.CharSize()], 0, 0)[:uint64(cchNameString)*c.CharSize()]
		n = cchNameString
	}
	c.Write(pszNameString, encoded)
	return n, 0
}

// nameText is a part of a name.
func nameText(c *win.Call, der []byte, kind win.DWORD, parameter win.Ptr) string {
	const rdn, attribute, simple, friendly = 2, 3, 4, 5
	name := authenticode.Name(der)
	first := func(lists ...[]string) string {
		for _, l := range lists {
			if len(l) > 0 {
				return l[0]
			}
		}
		return ""
	}
	switch kind {
	case rdn:
		return name.String()
	case attribute:
		if parameter == 0 {
			return ""
		}
		switch c.AString(parameter) {
		case "2.5.4.3":
			return name.CommonName
		case "2.5.4.6":
			return first(name.Country)
		case "2.5.4.7":
			return first(name.Locality)
		case "2.5.4.8":
			return first(name.Province)
		case "2.5.4.10":
			return first(name.Organization)
		case "2.5.4.11":
			return first(name.OrganizationalUnit)
		}
	case simple, friendly:
		if name.CommonName != "" {
			return name.CommonName
		}
		return first(name.OrganizationalUnit, name.Organization)
	}
	return ""
}
