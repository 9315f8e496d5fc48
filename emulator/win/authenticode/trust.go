package authenticode

import (
	"crypto/sha1"
	"fmt"
	"strings"
	"time"
)

// Verdict is what is said of a file's signature, in the numbers that
// WinVerifyTrust gives.
//
// https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-winverifytrust
type Verdict uint32

// The verdicts.
const (
	Trusted        Verdict = 0
	FormUnknown    Verdict = 0x800B0003 // TRUST_E_SUBJECT_FORM_UNKNOWN
	NoSignature    Verdict = 0x800B0100 // TRUST_E_NOSIGNATURE
	Expired        Verdict = 0x800B0101 // CERT_E_EXPIRED
	UntrustedRoot  Verdict = 0x800B0109 // CERT_E_UNTRUSTEDROOT
	Chaining       Verdict = 0x800B010A // CERT_E_CHAINING
	BadDigest      Verdict = 0x80096010 // TRUST_E_BAD_DIGEST
	BadCertificate Verdict = 0x80096004 // TRUST_E_CERT_SIGNATURE
)

// Thumbprint is what Windows names a certificate by.
func (c *Certificate) Thumbprint() string { return fmt.Sprintf("%X", sha1.Sum(c.Raw)) }

// roots are authorities every Windows trusts, by the thumbprint of their own
// certificate and by their name.
//
// https://learn.microsoft.com/security/trusted-root/participants-list
var roots = []struct{ thumbprint, name string }{
	{"0563B8630D62D75ABBC8AB1E4BDFB5A899B24D43", "DigiCert Assured ID Root CA"},
	{"DDFB16CD4931C973A2037D3FC83A4D7D775D05E4", "DigiCert Trusted Root G4"},
	{"5FB7EE0633E259DBAD0C4C9AE6D38F1A61C7DC25", "DigiCert High Assurance EV Root CA"},
	{"3B1EFD3A66EA28B16697394703A72CA340A05BD5", "Microsoft Root Certificate Authority 2010"},
	{"8F43288AD272F3103B6FB1428485EA3014C0BCFE", "Microsoft Root Certificate Authority 2011"},
	{"CDD4EEAE6000AC7F40C3802C171E30148030C072", "Microsoft Root Certificate Authority"},
	{"4EB6D578499B1CCF5F581EAD56BE3D9B6744A5E5", "VeriSign Class 3 Public Primary Certification Authority - G5"},
	{"91C6D6EE3E8AC86384E548C299295C756C817B81", "thawte Primary Root CA"},
}

// Known reports whether an authority is one that every Windows trusts.
func Known(root *Certificate) bool {
	print := root.Thumbprint()
	for _, r := range roots {
		if r.thumbprint == print {
			return true
		}
	}
	return false
}

// knownIssuer reports whether the issuer is an authority every Windows trusts,
// whose own certificate is not in the file: signatures seldom have it.
func knownIssuer(last *Certificate) bool {
	name := Name(last.Issuer).CommonName
	if name == "" {
		name = strings.Join(Name(last.Issuer).OrganizationalUnit, " ")
	}
	for _, r := range roots {
		if r.name == name {
			return true
		}
	}
	return false
}

// Judge says whether a file is to be trusted, at a time and on a machine that
// trusts authorities. A root that is not in the file is known by its name alone.
func Judge(file []byte, at time.Time, trusts func(root *Certificate) bool) (*Signature, Verdict) {
	s, err := FromFile(file)
	switch {
	case err == ErrNoPE:
		return nil, FormUnknown
	case err != nil:
		return nil, NoSignature
	case !s.Covers(file):
		return s, BadDigest
	}
	chain, complete := s.Chain()
	last := chain[len(chain)-1]
	switch {
	case complete && !trusts(last):
		return s, UntrustedRoot
	case !complete && last.SelfSigned():
		return s, BadCertificate
	case !complete && !knownIssuer(last):
		return s, Chaining
	case !s.Timestamped && !s.Signer.Valid(at):
		return s, Expired
	}
	return s, Trusted
}
