package bcrypt

import (
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

var providerRows = win.Rows{
	win.Func2("BCryptCloseAlgorithmProvider", closeAlgorithmProvider, "hAlgorithm dwFlags"),
	win.Partial(win.Func4("BCryptOpenAlgorithmProvider", openAlgorithmProvider, "phAlgorithm pszAlgId pszImplementation dwFlags"),
		"AES, DES, 3DES, RC2, RC4, CHACHA20_POLY1305, MD2, MD4, MD5, SHA-1, SHA-2, AES-CMAC, RNG, PBKDF2, RSA, ECDH and ECDSA of three curves"),
}

// provider is an open algorithm.
type provider struct {
	*algorithm
	mode    ciphers.Mode
	segment int // MessageBlockLength; 0 is the default
	flags   uint32
	pseudo  bool
}

func (*provider) Type() string { return "BCryptAlgorithm" }

// algorithmOf finds what an algorithm handle stands for, a constant one
// included.
func algorithmOf(c *win.Call, h win.Handle) (*provider, bool) {
	p, name := pseudo(uint64(h))
	switch {
	case p != nil:
		return p, true
	case name != "":
		c.Gap("algorithm " + name)
		return nil, false
	}
	return lookup[*provider](c, h)
}

// openAlgorithmProvider opens an algorithm by its identifier. There is one
// implementation of each.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptopenalgorithmprovider
func openAlgorithmProvider(c *win.Call, phAlgorithm win.Out[uint64], pszAlgId, pszImplementation win.WStr, dwFlags win.Hex) (win.Status, win.Error) {
	const known = hmacFlag | reusableFlag | 0x01 // BCRYPT_PROV_DISPATCH
	if phAlgorithm.Null() || pszAlgId.Null() || dwFlags&^known != 0 {
		return win.StatusInvalidParameter, 0
	}
	const microsoft = "Microsoft Primitive Provider"
	if !pszImplementation.Null() && pszImplementation.Text != microsoft {
		c.Gap("provider " + trace.Quote(pszImplementation.Text))
		return win.StatusNotFound, 0
	}
	a := find(pszAlgId.Text)
	if a == nil {
		if isUnmodelled(pszAlgId.Text) {
			c.Gap("algorithm " + pszAlgId.Text)
		}
		return win.StatusNotFound, 0
	}
	if dwFlags&(hmacFlag|reusableFlag) != 0 && !a.hashes() {
		return win.StatusInvalidParameter, 0
	}
	p := &provider{algorithm: a, flags: uint32(dwFlags)}
	if a.symmetric() {
		p.mode = a.modes[0]
	}
	return open(c, p, phAlgorithm), 0
}

// closeAlgorithmProvider closes an algorithm. Keys and hashes made with it
// live on.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptclosealgorithmprovider
func closeAlgorithmProvider(c *win.Call, hAlgorithm win.Handle, dwFlags win.Hex) (win.Status, win.Error) {
	return closeHandle[*provider](c, hAlgorithm)
}
