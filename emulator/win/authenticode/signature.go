package authenticode

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"math/big"
	"slices"
	"time"
)

// Signature is the signature of a file as its certificate table has it.
type Signature struct {
	Certificates []*Certificate
	Signer       *Certificate // nil if it is not among them
	Timestamped  bool         // somebody else vouches for when it was made

	hash    crypto.Hash // of the file
	digest  []byte
	content []byte // what the signer vouches for
	signer  signerDER
}

type contentDER struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signedDER struct {
	Version      int
	Digests      asn1.RawValue
	Content      contentDER
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	Revocations  asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []signerDER   `asn1:"set"`
}

type signerDER struct {
	Version int
	Issuer  struct {
		Name   asn1.RawValue
		Serial *big.Int
	}
	Digest          pkix.AlgorithmIdentifier
	Authenticated   asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm       pkix.AlgorithmIdentifier
	Signature       []byte
	Unauthenticated asn1.RawValue `asn1:"optional,tag:1"`
}

// indirectDER is SpcIndirectDataContent: what kind of file, and its digest.
type indirectDER struct {
	Data   asn1.RawValue
	Digest struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
}

// Why there is no signature to check.
var (
	ErrNoPE        = errors.New("not a PE file")
	ErrNoSignature = errors.New("no signature")
)

// place is where a PE has what its digest leaves out.
type place struct {
	checksum, entry int // file offsets
	table, end      int
}

func find(file []byte) (p place, err error) {
	u32 := func(at int) int {
		if at < 0 || at+4 > len(file) {
			err = ErrNoPE
			return 0
		}
		return int(binary.LittleEndian.Uint32(file[at:]))
	}
	if len(file) < 0x40 || file[0] != 'M' || file[1] != 'Z' {
		return p, ErrNoPE
	}
	header := u32(0x3C)
	if u32(header) != 0x4550 {
		return p, ErrNoPE
	}
	optional := header + 24
	directories := optional + 96
	if u32(optional)&0xFFFF == 0x20B {
		directories = optional + 112
	}
	const certificates = 4
	p.checksum, p.entry = optional+64, directories+8*certificates
	if u32(directories-4) <= certificates {
		return p, errors.Join(err, ErrNoSignature)
	}
	p.table = u32(p.entry)
	p.end = p.table + u32(p.entry+4)
	switch {
	case err != nil:
		return p, err
	case p.table == 0 || p.end > len(file) || p.table < p.entry+8:
		return p, ErrNoSignature
	}
	return p, nil
}

// FromFile reads the signature of a PE file.
func FromFile(file []byte) (*Signature, error) {
	p, err := find(file)
	if err != nil {
		return nil, err
	}
	const header, pkcs7 = 8, 2
	table := file[p.table:p.end]
	if len(table) < header || binary.LittleEndian.Uint16(table[6:]) != pkcs7 {
		return nil, ErrNoSignature
	}
	return Parse(table[header:])
}

// Parse reads a PKCS#7 SignedData, RFC 2315; more may follow it.
func Parse(der []byte) (*Signature, error) {
	oidSigned := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	var outer contentDER
	if _, err := asn1.Unmarshal(der, &outer); err != nil || !outer.Type.Equal(oidSigned) {
		return nil, ErrNoSignature
	}
	var inner signedDER
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &inner); err != nil || len(inner.Signers) == 0 {
		return nil, ErrNoSignature
	}
	s := &Signature{signer: inner.Signers[0]}
	for rest := inner.Certificates.Bytes; len(rest) > 0; {
		var one asn1.RawValue
		next, err := asn1.Unmarshal(rest, &one)
		if err != nil {
			break
		}
		if c, err := ParseCertificate(one.FullBytes); err == nil {
			s.Certificates = append(s.Certificates, c)
		}
		rest = next
	}
	for _, c := range s.Certificates {
		if s.signer.Issuer.Serial != nil && c.Serial.Cmp(s.signer.Issuer.Serial) == 0 && bytes.Equal(c.Issuer, s.signer.Issuer.Name.FullBytes) {
			s.Signer = c
		}
	}
	s.Timestamped = len(s.signer.Unauthenticated.Bytes) > 0
	var indirect indirectDER
	if _, err := asn1.Unmarshal(inner.Content.Content.Bytes, &indirect); err == nil {
		s.hash, s.digest = hashOf(indirect.Digest.Algorithm.Algorithm), indirect.Digest.Digest
	}
	var content asn1.RawValue // the signer's digest leaves out its header
	if _, err := asn1.Unmarshal(inner.Content.Content.Bytes, &content); err == nil {
		s.content = content.Bytes
	}
	return s, nil
}

// Digest computes the digest of a PE file: all of it but its checksum, where
// its certificate table is noted, and the table itself.
func Digest(file []byte, hash crypto.Hash) ([]byte, error) {
	p, err := find(file)
	if err != nil && !errors.Is(err, ErrNoSignature) {
		return nil, err
	}
	end := len(file)
	if err == nil {
		end = p.table
	}
	if p.entry+8 > end {
		return nil, ErrNoPE
	}
	h := hash.New()
	h.Write(file[:p.checksum])
	h.Write(file[p.checksum+4 : p.entry])
	h.Write(file[p.entry+8 : end])
	if err == nil {
		h.Write(file[p.end:])
	}
	return h.Sum(nil), nil
}

// Covers reports whether the file is the one that was signed, and the signer's
// key made the signature.
func (s *Signature) Covers(file []byte) bool {
	if s.Signer == nil || s.hash == 0 {
		return false
	}
	digest, err := Digest(file, s.hash)
	if err != nil || !bytes.Equal(digest, s.digest) {
		return false
	}
	hash := hashOf(s.signer.Digest.Algorithm)
	if hash == 0 {
		return false
	}
	signed := s.content
	if attributes := s.signer.Authenticated; len(attributes.FullBytes) > 0 {
		h := hash.New()
		h.Write(s.content)
		if !bytes.Equal(messageDigest(attributes.Bytes), h.Sum(nil)) {
			return false
		}
		signed = slices.Clone(attributes.FullBytes)
		signed[0] = 0x31 // the set itself is signed, not the field
	}
	return verify(s.Signer.Key, s.signer.Algorithm.Algorithm, hash, signed, s.signer.Signature)
}

// messageDigest finds the digest among a signer's attributes.
func messageDigest(attributes []byte) []byte {
	oid := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	for len(attributes) > 0 {
		var a struct {
			Type   asn1.ObjectIdentifier
			Values asn1.RawValue
		}
		rest, err := asn1.Unmarshal(attributes, &a)
		if err != nil {
			return nil
		}
		if a.Type.Equal(oid) {
			var digest []byte
			if _, err := asn1.Unmarshal(a.Values.Bytes, &digest); err == nil {
				return digest
			}
		}
		attributes = rest
	}
	return nil
}

// Chain is the signer's certificate, who issued it, and so on, as far as the
// signature has them. Complete says that each was checked with the key of the
// next, and that the last issued itself.
func (s *Signature) Chain() (chain []*Certificate, complete bool) {
	const longest = 16
	for c := s.Signer; c != nil && len(chain) < longest; {
		chain = append(chain, c)
		if c.SelfSigned() {
			return chain, c.SignedBy(c)
		}
		var parent *Certificate
		for _, candidate := range s.Certificates {
			if candidate != c && c.SignedBy(candidate) {
				parent = candidate
				break
			}
		}
		c = parent
	}
	return chain, false
}

// Valid reports whether a certificate may be used at a time.
func (c *Certificate) Valid(at time.Time) bool {
	return !at.Before(c.NotBefore) && !at.After(c.NotAfter)
}

// SignerInfo is what a signature says of who made it.
type SignerInfo struct {
	Issuer            []byte // DER
	Serial            *big.Int
	Digest, Algorithm string // object identifiers
	Encrypted         []byte // the signature itself
}

// SignerInfo tells who made the signature.
func (s *Signature) SignerInfo() SignerInfo {
	return SignerInfo{
		s.signer.Issuer.Name.FullBytes, s.signer.Issuer.Serial, s.signer.Digest.Algorithm.String(),
		s.signer.Algorithm.Algorithm.String(), s.signer.Signature,
	}
}

// KeyInfo takes a SubjectPublicKeyInfo apart: the algorithm's identifier, its
// parameters, and the key.
func (c *Certificate) KeyInfo() (oid string, parameters, key []byte) {
	var info keyDER
	if _, err := asn1.Unmarshal(c.Key, &info); err != nil {
		return "", nil, nil
	}
	return info.Algorithm.OID.String(), info.Algorithm.Parameters.FullBytes, info.Key.RightAlign()
}

// Algorithm is the identifier of the algorithm the certificate is signed with.
func (c *Certificate) Algorithm() string { return c.algorithm.String() }
