package bcrypt

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"hash"

	"sidetrace/emulator/win"
)

var hashRows = win.Rows{
	win.Func7("BCryptCreateHash", createHash, "hAlgorithm phHash pbHashObject cbHashObject pbSecret cbSecret dwFlags"),
	win.Func9("BCryptDeriveKeyPBKDF2", deriveKeyPBKDF2, "hPrf pbPassword cbPassword pbSalt cbSalt cIterations pbDerivedKey cbDerivedKey dwFlags"),
	win.Func1("BCryptDestroyHash", destroyHash, "hHash"),
	win.Func5("BCryptDuplicateHash", duplicateHash, "hHash phNewHash pbHashObject cbHashObject dwFlags"),
	win.Func4("BCryptFinishHash", finishHash, "hHash pbOutput cbOutput dwFlags"),
	win.Func7("BCryptHash", hashAtOnce, "hAlgorithm pbSecret cbSecret pbInput cbInput pbOutput cbOutput"),
	win.Func4("BCryptHashData", hashData, "hHash pbInput cbInput dwFlags"),
}

// hasher is a hash being computed.
type hasher struct {
	provider *provider
	state    hash.Hash
	reusable bool
	finished bool
}

func (*hasher) Type() string { return "BCryptHash" }

// start starts a hash, keyed if the algorithm is or was opened so; nil if
// it takes no such key.
func (p *provider) start(secret []byte) hash.Hash {
	switch {
	case p.newMAC != nil:
		h, err := p.newMAC(secret)
		if err != nil {
			return nil
		}
		return h
	case p.flags&hmacFlag != 0:
		return hmac.New(p.newHash, bytes.Clone(secret))
	}
	return p.newHash()
}

// createHash starts a hash. The caller's buffer for the hash object is checked
// and not written to.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptcreatehash
func createHash(c *win.Call, hAlgorithm win.Handle, phHash win.Out[uint64], pbHashObject win.Ptr, cbHashObject win.DWORD, pbSecret win.Ptr, cbSecret win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	p, ok := algorithmOf(c, hAlgorithm)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case phHash.Null() || dwFlags&^reusableFlag != 0:
		return win.StatusInvalidParameter, 0
	case !p.hashes():
		return win.StatusNotSupported, 0
	case pbHashObject != 0 && uint32(cbHashObject) < p.object:
		return win.StatusBufferTooSmall, 0
	}
	secret := c.Bytes(pbSecret, uint64(cbSecret))
	if c.Faulted() {
		return win.StatusInvalidParameter, 0
	}
	state := p.start(secret)
	if state == nil {
		return win.StatusInvalidParameter, 0
	}
	reusable := (p.flags|uint32(dwFlags))&reusableFlag != 0
	return open(c, &hasher{provider: p, state: state, reusable: reusable}, phHash), 0
}

// hashData adds data to a hash.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcrypthashdata
func hashData(c *win.Call, hHash win.Handle, pbInput win.Ptr, cbInput win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	h, ok := lookup[*hasher](c, hHash)
	if !ok || h.finished {
		return win.StatusInvalidHandle, 0
	}
	h.state.Write(c.Bytes(pbInput, uint64(cbInput)))
	return win.StatusSuccess, 0
}

// finishHash gives the digest. The hash can be used again if it was made so.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptfinishhash
func finishHash(c *win.Call, hHash win.Handle, pbOutput win.Ptr, cbOutput win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	h, ok := lookup[*hasher](c, hHash)
	switch {
	case !ok || h.finished:
		return win.StatusInvalidHandle, 0
	case pbOutput == 0 || int(cbOutput) != h.state.Size():
		return win.StatusInvalidParameter, 0
	}
	c.Write(pbOutput, h.state.Sum(nil))
	h.finished = !h.reusable
	h.state.Reset()
	return win.StatusSuccess, 0
}

// duplicateHash copies a hash with its state.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptduplicatehash
func duplicateHash(c *win.Call, hHash win.Handle, phNewHash win.Out[uint64], pbHashObject win.Ptr, cbHashObject win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	h, ok := lookup[*hasher](c, hHash)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case phNewHash.Null():
		return win.StatusInvalidParameter, 0
	case pbHashObject != 0 && uint32(cbHashObject) < h.provider.object:
		return win.StatusBufferTooSmall, 0
	}
	cloner, ok := h.state.(hash.Cloner)
	if !ok { // every hash of the standard library is one
		return win.StatusNotSupported, 0
	}
	state, err := cloner.Clone()
	if err != nil {
		return win.StatusUnsuccessful, 0
	}
	return open(c, &hasher{provider: h.provider, state: state, reusable: h.reusable, finished: h.finished}, phNewHash), 0
}

// destroyHash closes a hash.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptdestroyhash
func destroyHash(c *win.Call, hHash win.Handle) (win.Status, win.Error) {
	return closeHandle[*hasher](c, hHash)
}

// hashAtOnce computes a digest in one call.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcrypthash
func hashAtOnce(c *win.Call, hAlgorithm win.Handle, pbSecret win.Ptr, cbSecret win.DWORD, pbInput win.Ptr, cbInput win.DWORD, pbOutput win.Ptr, cbOutput win.DWORD) (win.Status, win.Error) {
	p, ok := algorithmOf(c, hAlgorithm)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case !p.hashes():
		return win.StatusNotSupported, 0
	}
	h := p.start(c.Bytes(pbSecret, uint64(cbSecret)))
	if h == nil || pbOutput == 0 || int(cbOutput) != h.Size() {
		return win.StatusInvalidParameter, 0
	}
	h.Write(c.Bytes(pbInput, uint64(cbInput)))
	c.Write(pbOutput, h.Sum(nil))
	return win.StatusSuccess, 0
}

// deriveKeyPBKDF2 derives a key from a password, RFC 8018. It computes for
// real, so the work is bounded: beyond that it is a gap.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptderivekeypbkdf2
func deriveKeyPBKDF2(c *win.Call, hPrf win.Handle, pbPassword win.Ptr, cbPassword win.DWORD, pbSalt win.Ptr, cbSalt win.DWORD, cIterations win.Int64, pbDerivedKey win.Ptr, cbDerivedKey win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	p, ok := algorithmOf(c, hPrf)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case p.newHash == nil || p.flags&hmacFlag == 0:
		return win.StatusNotSupported, 0
	case cIterations <= 0 || pbDerivedKey == 0 || cbDerivedKey == 0:
		return win.StatusInvalidParameter, 0
	}
	const mostIterations, mostKey = 2_000_000, 1024
	if cIterations > mostIterations || cbDerivedKey > mostKey {
		c.Gap("so many iterations, or so long a key")
		return win.StatusNotSupported, 0
	}
	password, salt := c.Bytes(pbPassword, uint64(cbPassword)), c.Bytes(pbSalt, uint64(cbSalt))
	if c.Faulted() {
		return win.StatusInvalidParameter, 0
	}
	derived, err := pbkdf2.Key(p.newHash, string(password), salt, int(cIterations), int(cbDerivedKey))
	if err != nil {
		return win.StatusInvalidParameter, 0
	}
	c.Write(pbDerivedKey, derived)
	return win.StatusSuccess, 0
}
