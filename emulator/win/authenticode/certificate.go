// Package authenticode reads the signatures of files and the certificates they
// name, and says what is true of them: whether the file is what was signed,
// and how far the chain of certificates leads. crypto/x509 would do the
// latter, but it links net, which the emulator must not have, and refuses
// certificates that Windows takes.
package authenticode

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"

	"sidetrace/emulator/win/publickey"
)

// Certificate is a certificate of X.509, RFC 5280.
type Certificate struct {
	Raw                 []byte
	Serial              *big.Int
	Issuer, Subject     []byte // DER
	NotBefore, NotAfter time.Time
	Key                 []byte // SubjectPublicKeyInfo, DER

	signed    []byte
	signature []byte
	algorithm asn1.ObjectIdentifier
}

type certificateDER struct {
	TBS       tbsDER
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

type tbsDER struct {
	Raw       asn1.RawContent
	Version   int `asn1:"optional,explicit,default:0,tag:0"`
	Serial    *big.Int
	Algorithm pkix.AlgorithmIdentifier
	Issuer    asn1.RawValue
	Validity  struct{ NotBefore, NotAfter time.Time }
	Subject   asn1.RawValue
	Key       asn1.RawValue
}

// ErrCertificate says that bytes are no certificate.
var ErrCertificate = errors.New("no certificate")

// ParseCertificate reads a certificate; more may follow it.
func ParseCertificate(der []byte) (*Certificate, error) {
	var c certificateDER
	rest, err := asn1.Unmarshal(der, &c)
	if err != nil || c.TBS.Serial == nil {
		return nil, ErrCertificate
	}
	return &Certificate{
		Raw: der[:len(der)-len(rest)], Serial: c.TBS.Serial, Issuer: c.TBS.Issuer.FullBytes, Subject: c.TBS.Subject.FullBytes,
		NotBefore: c.TBS.Validity.NotBefore, NotAfter: c.TBS.Validity.NotAfter, Key: c.TBS.Key.FullBytes,
		signed: c.TBS.Raw, signature: c.Signature.RightAlign(), algorithm: c.Algorithm.Algorithm,
	}, nil
}

// Name takes a name apart.
func Name(der []byte) pkix.Name {
	var sequence pkix.RDNSequence
	var name pkix.Name
	if _, err := asn1.Unmarshal(der, &sequence); err == nil {
		name.FillFromRDNSequence(&sequence)
	}
	return name
}

// SelfSigned reports whether the certificate names itself as its issuer.
func (c *Certificate) SelfSigned() bool { return bytes.Equal(c.Issuer, c.Subject) }

// SignedBy reports whether a certificate was issued by another one.
func (c *Certificate) SignedBy(parent *Certificate) bool {
	return bytes.Equal(c.Issuer, parent.Subject) && verify(parent.Key, c.algorithm, 0, c.signed, c.signature)
}

type keyDER struct {
	Algorithm struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	Key asn1.BitString
}

type rsaDER struct {
	N *big.Int
	E *big.Int
}

type ecdsaDER struct{ R, S *big.Int }

var (
	oidRSA   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidEC    = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	hashOIDs = []struct {
		oid  asn1.ObjectIdentifier
		hash crypto.Hash
	}{
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}, crypto.MD5},
		{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, crypto.SHA1},
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
		// As parts of signature algorithms: RSA, then ECDSA.
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 4}, crypto.MD5},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, crypto.SHA1},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, crypto.SHA256},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, crypto.SHA384},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, crypto.SHA512},
		{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, crypto.SHA256},
		{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, crypto.SHA384},
		{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, crypto.SHA512},
	}
)

// hashOf is the hash that an algorithm is or has in it, 0 if it is not known.
func hashOf(oid asn1.ObjectIdentifier) crypto.Hash {
	for _, h := range hashOIDs {
		if h.oid.Equal(oid) {
			return h.hash
		}
	}
	return 0
}

// verify checks a signature with a public key. The hash is that of the
// algorithm, or of its own where the algorithm does not say.
func verify(key []byte, algorithm asn1.ObjectIdentifier, hash crypto.Hash, signed, signature []byte) bool {
	if h := hashOf(algorithm); h != 0 {
		hash = h
	}
	if hash == 0 {
		return false
	}
	h := hash.New()
	h.Write(signed)
	digest := h.Sum(nil)
	var info keyDER
	if _, err := asn1.Unmarshal(key, &info); err != nil {
		return false
	}
	switch {
	case info.Algorithm.OID.Equal(oidRSA):
		k, ok := rsaKey(info.Key.RightAlign())
		return ok && k.Verify(digest, signature, publickey.Padding{Kind: publickey.PKCS1, Hash: hash})
	case info.Algorithm.OID.Equal(oidEC):
		return verifyEC(&info, digest, signature)
	}
	return false
}

// ParseRSA reads an RSAPublicKey, RFC 8017.
func ParseRSA(der []byte) (*publickey.RSA, bool) { return rsaKey(der) }

// HashByID is the hash of an ALG_ID of the CryptoAPI; 0 stands for SHA-1.
func HashByID(id uint32) crypto.Hash {
	return map[uint32]crypto.Hash{
		0: crypto.SHA1, 0x8003: crypto.MD5, 0x8004: crypto.SHA1, 0x800C: crypto.SHA256, 0x800D: crypto.SHA384, 0x800E: crypto.SHA512,
	}[id]
}

func rsaKey(der []byte) (*publickey.RSA, bool) {
	var n rsaDER
	if _, err := asn1.Unmarshal(der, &n); err != nil || n.N == nil || n.E == nil {
		return nil, false
	}
	k := &publickey.RSA{N: n.N, E: n.E}
	return k, k.Valid()
}

func verifyEC(info *keyDER, digest, signature []byte) bool {
	point := info.Key.RightAlign()
	for _, bits := range []int{256, 384, 521} {
		curve := publickey.FindCurve(bits)
		if len(point) != 1+2*curve.Size {
			continue
		}
		var s ecdsaDER
		if _, err := asn1.Unmarshal(signature, &s); err != nil || s.R.Sign() <= 0 || s.S.Sign() <= 0 || s.R.BitLen() > bits || s.S.BitLen() > bits {
			return false
		}
		k := &publickey.EC{Curve: curve, X: point[1 : 1+curve.Size], Y: point[1+curve.Size:]}
		return k.Verify(digest, append(s.R.FillBytes(make([]byte, curve.Size)), s.S.FillBytes(make([]byte, curve.Size))...))
	}
	return false
}
