package bcrypt

import (
	"bytes"
	"crypto/cipher"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

// BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO as 64-bit code lays it out.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/ns-bcrypt-bcrypt_authenticated_cipher_mode_info
const (
	infoSize       = 88
	infoVersion    = 1
	infoNonce      = 8 // pointer, then its length; so are the next two
	infoAuthData   = 24
	infoTag        = 40
	infoFlags      = 80
	chainCallsFlag = 1 // BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
	inProgressFlag = 2 // BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG
)

// tagSizes are the lengths of nonce and tag that a mode takes.
type tagSizes struct{ minNonce, maxNonce, minTag, maxTag, tagStep int }

// authenticated gives them for a mode of the algorithm; false if it does not
// authenticate.
func (a *algorithm) authenticated(m ciphers.Mode) (tagSizes, bool) {
	switch {
	case a.newAEAD != nil:
		return tagSizes{12, 12, 16, 16, 0}, true
	case m == ciphers.GCM:
		return tagSizes{12, 12, 12, 16, 1}, true
	case m == ciphers.CCM:
		return tagSizes{7, 13, 4, 16, 2}, true
	}
	return tagSizes{}, false
}

// holds reports whether nonce and tag may have so many bytes.
func (s tagSizes) holds(nonce, tag uint32) bool {
	n, t := int64(nonce), int64(tag)
	return n >= int64(s.minNonce) && n <= int64(s.maxNonce) && t >= int64(s.minTag) && t <= int64(s.maxTag) &&
		(s.tagStep == 0 || (t-int64(s.minTag))%int64(s.tagStep) == 0)
}

func (k *key) authenticates() bool {
	_, ok := k.algorithm.authenticated(k.chain.Mode)
	return ok
}

// sealer is the authenticated cipher of the key for such a nonce and tag.
func (k *key) sealer(nonce, tag int) (cipher.AEAD, error) {
	switch {
	case k.aead != nil:
		return k.aead, nil
	case k.chain.Mode == ciphers.CCM:
		return ciphers.NewCCM(k.chain.Block, nonce, tag)
	}
	return cipher.NewGCMWithTagSize(k.chain.Block, tag)
}

// authInfo is the structure as it was read.
type authInfo struct {
	nonce, authData []byte
	tag             win.Ptr
	tagSize         uint32
	flags           uint32
}

// readAuthInfo reads the structure; false means that Windows would refuse it.
func readAuthInfo(c *win.Call, at win.Ptr, sizes tagSizes) (*authInfo, bool) {
	if at == 0 || c.ReadUint(at, 4) != infoSize || c.ReadUint(at+4, 4) != infoVersion {
		return nil, false
	}
	span := func(offset win.Ptr) (win.Ptr, uint32) {
		return win.Ptr(c.ReadUint(at+offset, 8)), uint32(c.ReadUint(at+offset+8, 4))
	}
	nonce, nonceLength := span(infoNonce)
	if nonce == 0 {
		return nil, false
	}
	authData, authDataLength := span(infoAuthData)
	if authData == 0 && authDataLength != 0 {
		return nil, false
	}
	info := &authInfo{flags: uint32(c.ReadUint(at+infoFlags, 4))}
	info.tag, info.tagSize = span(infoTag)
	if info.tag == 0 || !sizes.holds(nonceLength, info.tagSize) {
		return nil, false
	}
	info.nonce = bytes.Clone(c.Bytes(nonce, uint64(nonceLength)))
	info.authData = c.Bytes(authData, uint64(authDataLength))
	return info, !c.Faulted()
}

// authenticated is a cipher that authenticates, a whole message in one call. An
// initialisation vector is not used.
func (r *request) authenticated() win.Status {
	// Without any buffers this is the authentication of an empty message, and
	// no question for a size.
	asked := r.output == 0 && r.hasInput
	r.result.Set(r.c, uint32(len(r.input)))
	switch {
	case asked:
		return win.StatusSuccess
	case r.padded && int(r.space) < len(r.input)+r.k.algorithm.blockLength():
		return win.StatusBufferTooSmall
	case r.padded:
		return win.StatusInvalidParameter
	case int64(r.space) < int64(len(r.input)):
		return win.StatusBufferTooSmall
	}
	sizes, _ := r.k.algorithm.authenticated(r.k.chain.Mode)
	info, ok := readAuthInfo(r.c, r.info, sizes)
	if !ok {
		return win.StatusInvalidParameter
	}
	if info.flags&(chainCallsFlag|inProgressFlag) != 0 {
		r.c.Gap("chained calls of an authenticated cipher")
		return win.StatusNotSupported
	}
	aead, err := r.k.sealer(len(info.nonce), int(info.tagSize))
	if err != nil { // the sizes were checked: not AES
		return win.StatusNotSupported
	}
	if r.decrypt {
		return r.unseal(aead, info)
	}
	sealed := aead.Seal(nil, info.nonce, r.input, info.authData)
	n := len(r.input)
	r.c.Write(r.output, sealed[:n])
	r.c.Write(info.tag, sealed[n:])
	return win.StatusSuccess
}

func (r *request) unseal(aead cipher.AEAD, info *authInfo) win.Status {
	tag := r.c.Bytes(info.tag, uint64(info.tagSize))
	if r.c.Faulted() {
		return win.StatusInvalidParameter
	}
	d := &ciphers.Decryption{Mode: r.k.chain.Mode, IV: info.nonce}
	plain, err := aead.Open(nil, info.nonce, append(bytes.Clone(r.input), tag...), info.authData)
	if err != nil {
		d.Failed = true
		r.record(d)
		return win.StatusAuthTagMismatch
	}
	r.c.Write(r.output, plain)
	if r.c.Faulted() {
		return win.StatusInvalidParameter
	}
	d.Plain, d.Verified = plain, true
	r.record(d)
	return win.StatusSuccess
}
