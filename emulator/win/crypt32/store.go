package crypt32

import (
	"bytes"
	"crypto/sha1"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/authenticode"
)

var storeRows = win.Rows{
	win.Func6("CertAddEncodedCertificateToStore", certAddEncodedCertificateToStore, "hCertStore dwCertEncodingType pbCertEncoded cbCertEncoded dwAddDisposition ppCertContext"),
	win.Func2("CertCloseStore", certCloseStore, "hCertStore dwFlags"),
	win.Func2("CertEnumCertificatesInStore", certEnumCertificatesInStore, "hCertStore pPrevCertContext"),
	win.Partial(win.Func4("CertEnumSystemStore", certEnumSystemStore, "dwFlags pvSystemStoreLocationPara pvArg pfnEnum"), "the usual stores"),
	win.Func3("CertEnumSystemStoreLocation", certEnumSystemStoreLocation, "dwFlags pvArg pfnEnum"),
	win.Partial(win.Func6("CertFindCertificateInStore", certFindCertificateInStore, "hCertStore dwCertEncodingType dwFindFlags dwFindType pvFindPara pPrevCertContext"),
		"any, by thumbprint, by issuer and serial number, by text in a name"),
	win.Partial(win.Func5("CertOpenStore", certOpenStore, "lpszStoreProvider dwEncodingType hCryptProv dwFlags pvPara"), "stores in memory and of the system, which are empty"),
	win.Partial(win.Func2("CertOpenSystemStore{A,W}", certOpenSystemStore, "hProv szSubsystemProtocol"), "it is empty"),
}

// certificateStore is an open store.
type certificateStore struct{ certs []*authenticode.Certificate }

func (*certificateStore) Type() string { return "CertStore" }

type handlesKey struct{}

// handles are pointers on Windows, which the guest does not follow.
func handles(c *win.Call) *guest.Table {
	const first, step = 0x0000_0196_6E40_0000, 0x40
	t, ok := c.State[handlesKey{}].(*guest.Table)
	if !ok {
		t = guest.NewTable(first, step)
		c.State[handlesKey{}] = t
	}
	return t
}

func openHandle(c *win.Call, o guest.Object) (win.Handle, win.Error) {
	const most = 4096
	t := handles(c)
	if t.Len() >= most {
		return 0, win.ErrOutOfMemory
	}
	return win.Handle(t.Add(o)), 0
}

func findStore(c *win.Call, h win.Handle) *certificateStore {
	s, _ := guest.Lookup[*certificateStore](handles(c), h.Guest())
	return s
}

// certOpenStore opens a store.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certopenstore
func certOpenStore(c *win.Call, lpszStoreProvider win.Ptr, dwEncodingType win.Hex, hCryptProv win.Handle, dwFlags win.Hex, pvPara win.Ptr) (win.Handle, win.Error) {
	const memory, systemA, system, physical, systemRegistry = 2, 9, 10, 14, 13
	switch lpszStoreProvider {
	case memory, systemA, system, physical, systemRegistry:
		return openHandle(c, &certificateStore{})
	}
	c.Gap("a store of another provider")
	return 0, win.ErrFileNotFound
}

func certOpenSystemStore(c *win.Call, hProv win.Handle, szSubsystemProtocol win.TStr) (win.Handle, win.Error) {
	if szSubsystemProtocol.Null() {
		return 0, win.ErrInvalidParameter
	}
	return openHandle(c, &certificateStore{})
}

func certCloseStore(c *win.Call, hCertStore win.Handle, dwFlags win.Hex) (win.Bool, win.Error) {
	if findStore(c, hCertStore) != nil {
		handles(c).Close(hCertStore.Guest())
	}
	return true, 0
}

// certAddEncodedCertificateToStore adds a certificate.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certaddencodedcertificatetostore
func certAddEncodedCertificateToStore(c *win.Call, hCertStore win.Handle, dwCertEncodingType win.Hex, pbCertEncoded win.Ptr, cbCertEncoded, dwAddDisposition win.DWORD, ppCertContext win.Out[uint64]) (win.Bool, win.Error) {
	const most = 1024
	s := findStore(c, hCertStore)
	if s == nil || len(s.certs) >= most {
		return false, win.ErrInvalidParameter
	}
	cert, err := authenticode.ParseCertificate(bytes.Clone(c.Bytes(pbCertEncoded, uint64(cbCertEncoded))))
	if err != nil {
		return false, asnBadTag
	}
	s.certs = append(s.certs, cert)
	if !ppCertContext.Null() {
		at, err := newContext(c, cert, uint64(hCertStore))
		if err != 0 {
			return false, err
		}
		ppCertContext.Set(c, uint64(at))
	}
	return true, 0
}

// after is the index behind a context, which is given back; 0 without one.
func (s *certificateStore) after(c *win.Call, previous win.Ptr) int {
	x := contexts(c)[previous]
	if x == nil {
		return 0
	}
	release(c, previous)
	for i, cert := range s.certs {
		if cert == x.cert {
			return i + 1
		}
	}
	return len(s.certs)
}

// certEnumCertificatesInStore gives one certificate after another.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certenumcertificatesinstore
func certEnumCertificatesInStore(c *win.Call, hCertStore win.Handle, pPrevCertContext win.Ptr) (win.Ptr, win.Error) {
	const any = 0
	return certFindCertificateInStore(c, hCertStore, 1, 0, any, 0, pPrevCertContext)
}

// certFindCertificateInStore finds the next certificate that fits.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certfindcertificateinstore
func certFindCertificateInStore(c *win.Call, hCertStore win.Handle, dwCertEncodingType, dwFindFlags, dwFindType win.Hex, pvFindPara, pPrevCertContext win.Ptr) (win.Ptr, win.Error) {
	const any, sha1Hash, issuerText, subjectText, issuerTextA, subjectTextA, subjectCert = 0, 0x10000, 0x80004, 0x80007, 0x70004, 0x70007, 0xB0000
	s := findStore(c, hCertStore)
	if s == nil {
		return 0, win.ErrInvalidParameter
	}
	from := s.after(c, pPrevCertContext)
	var fits func(*authenticode.Certificate) bool
	named := func(issuer, wide bool) func(*authenticode.Certificate) bool {
		text := ""
		if pvFindPara != 0 && wide {
			text = c.WString(pvFindPara)
		} else if pvFindPara != 0 {
			text = c.AString(pvFindPara)
		}
		return func(cert *authenticode.Certificate) bool {
			der := cert.Subject
			if issuer {
				der = cert.Issuer
			}
			return strings.Contains(strings.ToLower(authenticode.Name(der).String()), strings.ToLower(text))
		}
	}
	switch dwFindType {
	case any:
		fits = func(*authenticode.Certificate) bool { return true }
	case sha1Hash:
		want := dataBlob(c, pvFindPara)
		fits = func(cert *authenticode.Certificate) bool { sum := sha1.Sum(cert.Raw); return bytes.Equal(sum[:], want) }
	case issuerText, subjectText:
		fits = named(dwFindType == issuerText, true)
	case issuerTextA, subjectTextA:
		fits = named(dwFindType == issuerTextA, false)
	case subjectCert:
		if pvFindPara == 0 {
			return 0, win.ErrInvalidParameter
		}
		issuer, serial := dataBlob(c, pvFindPara+infoIssuer), dataBlob(c, pvFindPara+infoSerial)
		fits = func(cert *authenticode.Certificate) bool {
			return bytes.Equal(cert.Issuer, issuer) && bytes.Equal(littleEndian(cert.Serial.Bytes()), serial)
		}
	default:
		c.Gap("a way to find a certificate")
		return 0, cryptNotFound
	}
	if c.Faulted() {
		return 0, 0
	}
	for _, cert := range s.certs[min(from, len(s.certs)):] {
		if fits(cert) {
			return newContext(c, cert, uint64(hCertStore))
		}
	}
	return 0, cryptNotFound
}

// certEnumSystemStore calls back with the name of each store.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certenumsystemstore
func certEnumSystemStore(c *win.Call, dwFlags win.Hex, pvSystemStoreLocationPara, pvArg, pfnEnum win.Ptr) (win.Bool, win.Error) {
	return each(c, []string{"MY", "Root", "Trust", "CA", "UserDS", "TrustedPublisher", "Disallowed", "AuthRoot", "TrustedPeople"}, func(name uint64) bool {
		return uint32(c.CallGuest(pfnEnum, name, uint64(dwFlags), 0, 0, uint64(pvArg))) != 0
	})
}

// certEnumSystemStoreLocation calls back with the name of each place that has
// stores.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certenumsystemstorelocation
func certEnumSystemStoreLocation(c *win.Call, dwFlags win.Hex, pvArg, pfnEnum win.Ptr) (win.Bool, win.Error) {
	location := uint64(0)
	return each(c, []string{"CurrentUser", "LocalMachine", "CurrentService", "Services", "Users"}, func(name uint64) bool {
		location += 0x10000
		return uint32(c.CallGuest(pfnEnum, name, location, 0, uint64(pvArg))) != 0
	})
}

// each calls back with names until one call says that it is enough.
func each(c *win.Call, names []string, call func(name uint64) bool) (win.Bool, win.Error) {
	const longest = 64
	at := c.Heap.Alloc(longest)
	if at == 0 {
		return false, win.ErrOutOfMemory
	}
	defer c.Heap.Free(at)
	for _, name := range names {
		c.Write(win.Ptr(at), guest.UTF16(name))
		if !call(at) {
			return false, 0
		}
	}
	return true, 0
}
