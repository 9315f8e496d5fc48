package crypt32

import (
	"bytes"
	"fmt"
	"slices"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/authenticode"
)

var messageRows = win.Rows{
	win.Func1("CryptMsgClose", cryptMsgClose, "hCryptMsg"),
	win.Partial(win.Func5("CryptMsgGetParam", cryptMsgGetParam, "hCryptMsg dwParamType dwIndex pvData pcbData"), "the signer and the number of signers and certificates"),
	win.Partial(win.Func11("CryptQueryObject", cryptQueryObject, "dwObjectType pvObject dwExpectedContentTypeFlags dwExpectedFormatTypeFlags dwFlags pdwMsgAndCertEncodingType pdwContentType pdwFormatType phCertStore phMsg ppvContext"),
		"certificates, signatures, and signatures in PE files"),
}

// message is a signature that was opened.
type message struct{ signature *authenticode.Signature }

func (*message) Type() string { return "CryptMsg" }

// cryptQueryObject finds out what a file or a piece of memory is and opens it.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptqueryobject
func cryptQueryObject(c *win.Call, dwObjectType win.DWORD, pvObject win.Ptr, dwExpectedContentTypeFlags, dwExpectedFormatTypeFlags, dwFlags win.Hex, pdwMsgAndCertEncodingType, pdwContentType, pdwFormatType win.Out[uint32], phCertStore, phMsg, ppvContext win.Out[uint64]) (win.Bool, win.Error) {
	const (
		objectFile, objectBlob                  = 1, 2
		certificate, signed, embedded           = 1, 8, 10
		encodings, binaryFormat                 = 0x10001, 1
		noMatch                       win.Error = 0x80092009 // CRYPT_E_NO_MATCH
	)
	var data []byte
	switch dwObjectType {
	case objectFile:
		path := c.WString(pvObject)
		if c.Faulted() {
			return false, 0
		}
		node := c.Files.Get(guest.FullPath(path, c.CurrentDirectory))
		if node == nil || node.Directory {
			return false, win.ErrFileNotFound
		}
		data = node.Data()
	case objectBlob:
		data = dataBlob(c, pvObject)
	default:
		return false, win.ErrInvalidParameter
	}
	if c.Faulted() {
		return false, 0
	}
	wants := func(kind uint32) bool { return uint32(dwExpectedContentTypeFlags)>>kind&1 != 0 }
	var signature *authenticode.Signature
	var cert *authenticode.Certificate
	kind, err := uint32(0), error(nil)
	if wants(embedded) {
		if signature, err = authenticode.FromFile(data); err == nil {
			kind = embedded
		}
	}
	if kind == 0 && wants(signed) {
		if signature, err = authenticode.Parse(data); err == nil {
			kind = signed
		}
	}
	if kind == 0 && wants(certificate) {
		if cert, err = authenticode.ParseCertificate(bytes.Clone(data)); err == nil {
			kind = certificate
		}
	}
	if kind == 0 {
		return false, noMatch
	}
	certs := []*authenticode.Certificate{cert}
	if signature != nil {
		certs = signature.Certificates
	}
	if !phCertStore.Null() {
		h, err := openHandle(c, &certificateStore{certs: certs})
		if err != 0 {
			return false, err
		}
		phCertStore.Set(c, uint64(h))
	}
	if !phMsg.Null() {
		phMsg.Set(c, 0)
		if signature != nil {
			h, err := openHandle(c, &message{signature})
			if err != 0 {
				return false, err
			}
			phMsg.Set(c, uint64(h))
		}
	}
	if !ppvContext.Null() {
		ppvContext.Set(c, 0)
		if cert != nil {
			at, err := newContext(c, cert, 0)
			if err != 0 {
				return false, err
			}
			ppvContext.Set(c, uint64(at))
		}
	}
	pdwMsgAndCertEncodingType.Set(c, encodings)
	pdwContentType.Set(c, kind)
	pdwFormatType.Set(c, binaryFormat)
	return true, 0
}

func cryptMsgClose(c *win.Call, hCryptMsg win.Handle) (win.Bool, win.Error) {
	if _, ok := guest.Lookup[*message](handles(c), hCryptMsg.Guest()); ok {
		handles(c).Close(hCryptMsg.Guest())
	}
	return true, 0
}

// cryptMsgGetParam reads a part of a message.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptmsggetparam
func cryptMsgGetParam(c *win.Call, hCryptMsg win.Handle, dwParamType, dwIndex win.DWORD, pvData win.Ptr, pcbData win.Out[uint32]) (win.Bool, win.Error) {
	const (
		kind, signerCount, signerInfo, signerCert, certCount           = 1, 5, 6, 7, 11
		badIndex                                             win.Error = 0x80091008 // CRYPT_E_INVALID_INDEX
		signedData                                                     = 2
	)
	m, ok := guest.Lookup[*message](handles(c), hCryptMsg.Guest())
	if !ok || pcbData.Null() {
		return false, win.ErrInvalidParameter
	}
	number := func(v int) (win.Bool, win.Error) {
		return store(c, []byte{byte(v), byte(v >> 8), 0, 0}, pvData, pcbData)
	}
	switch dwParamType {
	case kind:
		return number(signedData)
	case signerCount:
		return number(1)
	case certCount:
		return number(len(m.signature.Certificates))
	case signerInfo, signerCert:
		if dwIndex != 0 {
			return false, badIndex
		}
		return store(c, signer(m.signature, pvData, dwParamType == signerCert), pvData, pcbData)
	}
	c.Gap(fmt.Sprintf("parameter %d", dwParamType))
	return false, win.ErrInvalidParameter
}

// signer is a CMSG_SIGNER_INFO, or a CERT_INFO with what a certificate is found
// by, to lie at a place.
func signer(s *authenticode.Signature, at win.Ptr, asCert bool) []byte {
	const size, issuer, serial, digest, algorithm, encrypted = 136, 8, 24, 40, 64, 88
	info := s.SignerInfo()
	number := []byte(nil)
	if info.Serial != nil {
		number = littleEndian(info.Serial.Bytes())
	}
	if asCert {
		b := win.NewBlock(at, infoSize)
		blob(b, infoSerial, number)
		blob(b, infoIssuer, info.Issuer)
		return b.Data
	}
	b := win.NewBlock(at, size)
	b.Put(0, 4, 1)
	blob(b, issuer, info.Issuer)
	blob(b, serial, number)
	b.Put(digest, 8, b.Add(guest.ANSI(info.Digest)))
	b.Put(algorithm, 8, b.Add(guest.ANSI(info.Algorithm)))
	reversed := slices.Clone(info.Encrypted)
	slices.Reverse(reversed)
	blob(b, encrypted, reversed)
	return b.Data
}
