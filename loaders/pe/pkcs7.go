package pe

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
)

// This file reads as much of PKCS#7 (RFC 2315) and X.509 (RFC 5280) as names
// the signer. crypto/x509 would do the latter, but it links net, which the
// emulator must not have, and refuses certificates that Windows takes.

// signedData is what is told of a PKCS#7 SignedData.
type signedData struct {
	size   int    // bytes of the DER structure
	signer string // common name of the first signer
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type pkcs7SignedData struct {
	Version          int
	DigestAlgorithms asn1.RawValue
	ContentInfo      asn1.RawValue
	Certificates     asn1.RawValue `asn1:"optional,tag:0"`
	RevocationLists  asn1.RawValue `asn1:"optional,tag:1"`
	SignerInfos      asn1.RawValue
}

type signerInfo struct {
	Version int
	Issuer  struct {
		Name   asn1.RawValue
		Serial *big.Int
	}
}

type x509Certificate struct {
	TBS struct {
		Version   int `asn1:"optional,explicit,default:0,tag:0"`
		Serial    *big.Int
		Algorithm asn1.RawValue
		Issuer    asn1.RawValue
		Validity  asn1.RawValue
		Subject   asn1.RawValue
	}
}

// parseSignedData reads the structure at the start of b; more may follow it.
func parseSignedData(b []byte) (signedData, error) {
	oidSignedData := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	var outer contentInfo
	rest, err := asn1.Unmarshal(b, &outer)
	if err != nil {
		return signedData{}, err
	}
	if !outer.Type.Equal(oidSignedData) {
		return signedData{}, errors.New("another content type")
	}
	var inner pkcs7SignedData
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &inner); err != nil {
		return signedData{}, err
	}
	if inner.DigestAlgorithms.Tag != asn1.TagSet || inner.ContentInfo.Tag != asn1.TagSequence || inner.SignerInfos.Tag != asn1.TagSet {
		return signedData{}, errors.New("its fields are of other types")
	}
	var signer signerInfo
	if _, err := asn1.Unmarshal(inner.SignerInfos.Bytes, &signer); err != nil {
		return signedData{}, err
	}
	name, err := signer.find(inner.Certificates.Bytes)
	if err != nil {
		return signedData{}, err
	}
	return signedData{size: len(b) - len(rest), signer: name}, nil
}

// find gives the common name in the certificate that the signer points to,
// out of a set of certificates.
func (s *signerInfo) find(certificates []byte) (string, error) {
	for len(certificates) > 0 {
		var c asn1.RawValue
		rest, err := asn1.Unmarshal(certificates, &c)
		if err != nil {
			return "", err
		}
		certificates = rest
		var x x509Certificate
		if _, err := asn1.Unmarshal(c.FullBytes, &x); err != nil {
			continue // an attribute certificate, or of a later version
		}
		if x.TBS.Serial.Cmp(s.Issuer.Serial) != 0 || !bytes.Equal(x.TBS.Issuer.FullBytes, s.Issuer.Name.FullBytes) {
			continue
		}
		var subject pkix.RDNSequence
		if _, err := asn1.Unmarshal(x.TBS.Subject.FullBytes, &subject); err != nil {
			return "", err
		}
		var name pkix.Name
		name.FillFromRDNSequence(&subject)
		return name.CommonName, nil
	}
	return "", errors.New("the signer's certificate is missing")
}
