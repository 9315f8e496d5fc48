package bcrypt

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"encoding/binary"
	"hash"
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var agreeRows = win.Rows{
	win.Partial(win.Func7("BCryptDeriveKey", deriveKey, "hSharedSecret pwszKDF pParameterList pbDerivedKey cbDerivedKey pcbResult dwFlags"),
		"HASH, HMAC and TRUNCATE"),
	win.Func5("BCryptDeriveKeyCapi", deriveKeyCAPI, "hHash hTargetAlg pbDerivedKey cbDerivedKey dwFlags"),
	win.Func1("BCryptDestroySecret", destroySecret, "hSecret"),
	win.Partial(win.Func6("BCryptKeyDerivation", keyDerivation, "hKey pParameterList pbDerivedKey cbDerivedKey pcbResult dwFlags"), "PBKDF2"),
	win.Func4("BCryptSecretAgreement", secretAgreement, "hPrivKey hPubKey phAgreedSecret dwFlags"),
}

// secret is what two parties have in common.
type secret struct{ value []byte }

func (*secret) Type() string { return "BCryptSecret" }

// secretAgreement computes what a private and a public key have in common.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptsecretagreement
func secretAgreement(c *win.Call, hPrivKey, hPubKey win.Handle, phAgreedSecret win.Out[uint64], dwFlags win.Hex) (win.Status, win.Error) {
	a, ok := lookup[*pair](c, hPrivKey)
	b, ok2 := lookup[*pair](c, hPubKey)
	switch {
	case !ok || !ok2 || !a.complete() || !b.complete():
		return win.StatusInvalidHandle, 0
	case a.ec == nil || b.ec == nil || !a.algorithm.public.other:
		return win.StatusNotSupported, 0
	case phAgreedSecret.Null():
		return win.StatusInvalidParameter, 0
	}
	value, err := a.ec.Agree(b.ec)
	if err != nil {
		return win.StatusInvalidParameter, 0
	}
	return open(c, &secret{value}, phAgreedSecret), 0
}

func destroySecret(c *win.Call, hSecret win.Handle) (win.Status, win.Error) {
	return closeHandle[*secret](c, hSecret)
}

// parameters are the buffers of a BCryptBufferDesc by type.
type parameters map[uint32][]byte

func readParameters(c *win.Call, list win.Ptr) parameters {
	const most, size = 32, 16
	p := parameters{}
	if list == 0 {
		return p
	}
	count, at := c.ReadUint(list+4, 4), win.Ptr(c.ReadUint(list+8, 8))
	for i := range win.Ptr(min(count, most)) {
		b := at + i*size
		kind := uint32(c.ReadUint(b+4, 4))
		p[kind] = append(p[kind], c.Bytes(win.Ptr(c.ReadUint(b+8, 8)), c.ReadUint(b, 4))...)
		if c.Faulted() {
			return p
		}
	}
	return p
}

// Types of parameters, KDF_*.
const (
	kdfHash       = 0
	kdfPrepend    = 1
	kdfAppend     = 2
	kdfHMACKey    = 3
	kdfSalt       = 15
	kdfIterations = 16
)

// hash is the hash a parameter names, SHA-1 if there is none.
func (p parameters) hash() func() hash.Hash {
	name := "SHA1"
	if v := p[kdfHash]; len(v) > 0 {
		name = strings.TrimRight(string(guest.AppendUTF8(nil, v)), "\x00")
	}
	if a := find(name); a != nil {
		return a.newHash
	}
	return nil
}

// deriveKey makes a key of a common secret.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptderivekey
func deriveKey(c *win.Call, hSharedSecret win.Handle, pwszKDF win.WStr, pParameterList, pbDerivedKey win.Ptr, cbDerivedKey win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	const secretAsKey = 1 // KDF_USE_SECRET_AS_HMAC_KEY_FLAG
	s, ok := lookup[*secret](c, hSharedSecret)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case pwszKDF.Null() || pcbResult.Null():
		return win.StatusInvalidParameter, 0
	}
	p := readParameters(c, pParameterList)
	start := p.hash()
	if c.Faulted() || start == nil {
		return win.StatusInvalidParameter, 0
	}
	var value []byte
	switch strings.ToUpper(pwszKDF.Text) {
	case "HASH":
	case "HMAC":
		plain, key := start, bytes.Clone(p[kdfHMACKey])
		if dwFlags&secretAsKey != 0 {
			key = s.value
		}
		start = func() hash.Hash { return hmac.New(plain, key) }
	case "TRUNCATE":
		value = bytes.Clone(s.value)
		slices.Reverse(value)
	default:
		c.Gap("key derivation " + trace.Quote(pwszKDF.Text))
		return win.StatusNotSupported, 0
	}
	if value == nil {
		h := start()
		h.Write(p[kdfPrepend])
		h.Write(s.value)
		h.Write(p[kdfAppend])
		value = h.Sum(nil)
	}
	if pbDerivedKey == 0 {
		pcbResult.Set(c, uint32(len(value)))
		return win.StatusSuccess, 0
	}
	value = value[:min(len(value), int(cbDerivedKey))]
	pcbResult.Set(c, uint32(len(value)))
	c.Write(pbDerivedKey, value)
	return win.StatusSuccess, 0
}

// deriveKeyCAPI makes a key of a hash as CryptDeriveKey of the older API does.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptderivekeycapi
func deriveKeyCAPI(c *win.Call, hHash, hTargetAlg win.Handle, pbDerivedKey win.Ptr, cbDerivedKey win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	const block = 64
	h, ok := lookup[*hasher](c, hHash)
	switch {
	case !ok || h.finished:
		return win.StatusInvalidHandle, 0
	case pbDerivedKey == 0 || int(cbDerivedKey) > 2*h.state.Size():
		return win.StatusInvalidParameter, 0
	}
	digest := h.state.Sum(nil)
	h.finished = true
	material := digest
	target, aes := algorithmOf(c, hTargetAlg)
	if int(cbDerivedKey) > len(digest) || aes && target.name == "AES" && len(digest) < 32 {
		material = nil
		for _, pad := range [...]byte{0x36, 0x5C} {
			buffer := bytes.Repeat([]byte{pad}, block)
			for i, b := range digest {
				buffer[i%block] ^= b
			}
			k := h.provider.newHash()
			k.Write(buffer)
			material = k.Sum(material)
		}
	}
	c.Write(pbDerivedKey, material[:cbDerivedKey])
	return win.StatusSuccess, 0
}

// keyDerivation makes a key of a password that is held as a key.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptkeyderivation
func keyDerivation(c *win.Call, hKey win.Handle, pParameterList, pbDerivedKey win.Ptr, cbDerivedKey win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	const mostIterations, mostKey = 2_000_000, 1024
	k, ok := lookup[*key](c, hKey)
	switch {
	case !ok || k.algorithm.name != "PBKDF2":
		return win.StatusInvalidHandle, 0
	case pParameterList == 0 || pbDerivedKey == 0 || pcbResult.Null():
		return win.StatusInvalidParameter, 0
	}
	p := readParameters(c, pParameterList)
	start := p.hash()
	if c.Faulted() || start == nil {
		return win.StatusInvalidParameter, 0
	}
	iterations := uint64(10000)
	if v := p[kdfIterations]; len(v) == 8 {
		iterations = binary.LittleEndian.Uint64(v)
	}
	if iterations == 0 || cbDerivedKey == 0 {
		return win.StatusInvalidParameter, 0
	}
	if iterations > mostIterations || cbDerivedKey > mostKey {
		c.Gap("so many iterations, or so long a key")
		return win.StatusNotSupported, 0
	}
	derived, err := pbkdf2.Key(start, string(k.secret), p[kdfSalt], int(iterations), int(cbDerivedKey))
	if err != nil {
		return win.StatusInvalidParameter, 0
	}
	c.Write(pbDerivedKey, derived)
	pcbResult.Set(c, uint32(len(derived)))
	return win.StatusSuccess, 0
}
