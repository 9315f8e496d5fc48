package bcrypt

import (
	"bytes"
	"crypto"
	"strings"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
	"sidetrace/emulator/win/publickey"
)

var signRows = win.Rows{
	win.Func8("BCryptSignHash", signHash, "hKey pPaddingInfo pbInput cbInput pbOutput cbOutput pcbResult dwFlags"),
	win.Func7("BCryptVerifySignature", verifySignature, "hKey pPaddingInfo pbHash cbHash pbSignature cbSignature dwFlags"),
}

const statusInvalidSignature win.Status = 0xC000A000

// hashNamed is the hash of an algorithm's identifier, 0 for none.
func hashNamed(name string) crypto.Hash {
	return map[string]crypto.Hash{
		"MD5": crypto.MD5, "SHA1": crypto.SHA1, "SHA256": crypto.SHA256, "SHA384": crypto.SHA384, "SHA512": crypto.SHA512,
	}[strings.ToUpper(name)]
}

// padding reads the padding that flags and a structure name.
func padding(c *win.Call, flags win.Hex, info win.Ptr) (p publickey.Padding, ok bool) {
	const label, labelSize, salt = 8, 16, 8
	p.Kind = publickey.PaddingKind(flags & 0xF)
	named := func() bool {
		at := win.Ptr(c.ReadUint(info, 8))
		if at == 0 {
			return false
		}
		p.Hash = hashNamed(c.WString(at))
		return p.Hash != 0
	}
	switch p.Kind {
	case publickey.NoPadding:
		return p, true
	case publickey.PKCS1:
		if info != 0 && c.ReadUint(info, 8) != 0 {
			return p, named()
		}
		return p, true
	case publickey.OAEP:
		if info == 0 || !named() {
			return p, false
		}
		if at := win.Ptr(c.ReadUint(info+label, 8)); at != 0 {
			p.Label = bytes.Clone(c.Bytes(at, c.ReadUint(info+labelSize, 4)))
		}
		return p, true
	case publickey.PSS:
		const most = 512
		if info == 0 || !named() {
			return p, false
		}
		n := c.ReadUint(info+salt, 4)
		p.Salt = int(n)
		return p, n <= most
	}
	return p, false
}

// signHash signs a digest. A signature of an elliptic curve is the same each
// time.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptsignhash
func signHash(c *win.Call, hKey win.Handle, pPaddingInfo, pbInput win.Ptr, cbInput win.DWORD, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	k, ok := lookup[*pair](c, hKey)
	if !ok || !k.complete() {
		return win.StatusInvalidHandle, 0
	}
	return k.signHash(c, pPaddingInfo, pbInput, cbInput, pbOutput, cbOutput, pcbResult, dwFlags), 0
}

func (k *pair) signHash(c *win.Call, pPaddingInfo, pbInput win.Ptr, cbInput win.DWORD, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) win.Status {
	switch {
	case !k.algorithm.public.signs:
		return win.StatusNotSupported
	case pcbResult.Null() || pbInput == 0:
		return win.StatusInvalidParameter
	}
	size := 0
	if k.rsa != nil {
		size = k.rsa.Size()
	} else {
		size = 2 * k.ec.Curve.Size
	}
	pcbResult.Set(c, uint32(size))
	switch {
	case pbOutput == 0:
		return win.StatusSuccess
	case int(cbOutput) < size:
		return win.StatusBufferTooSmall
	}
	digest := bytes.Clone(c.Bytes(pbInput, uint64(cbInput)))
	if c.Faulted() {
		return win.StatusInvalidParameter
	}
	var signature []byte
	var err error
	if k.ec != nil {
		signature, err = k.ec.Sign(digest)
	} else {
		p, ok := padding(c, dwFlags, pPaddingInfo)
		if !ok || c.Faulted() || p.Kind == publickey.OAEP {
			return win.StatusInvalidParameter
		}
		signature, err = k.rsa.Sign(digest, p, c.Random.Fill)
	}
	if err != nil {
		return win.StatusInvalidParameter
	}
	c.Write(pbOutput, signature)
	return win.StatusSuccess
}

// verifySignature checks the signature of a digest.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptverifysignature
func verifySignature(c *win.Call, hKey win.Handle, pPaddingInfo, pbHash win.Ptr, cbHash win.DWORD, pbSignature win.Ptr, cbSignature win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	k, ok := lookup[*pair](c, hKey)
	if !ok || !k.complete() {
		return win.StatusInvalidHandle, 0
	}
	return k.verify(c, pPaddingInfo, pbHash, cbHash, pbSignature, cbSignature, dwFlags), 0
}

func (k *pair) verify(c *win.Call, pPaddingInfo, pbHash win.Ptr, cbHash win.DWORD, pbSignature win.Ptr, cbSignature win.DWORD, dwFlags win.Hex) win.Status {
	switch {
	case !k.algorithm.public.signs:
		return win.StatusNotSupported
	case pbHash == 0 || pbSignature == 0:
		return win.StatusInvalidParameter
	}
	digest, signature := c.Bytes(pbHash, uint64(cbHash)), c.Bytes(pbSignature, uint64(cbSignature))
	if c.Faulted() {
		return win.StatusInvalidParameter
	}
	valid := false
	if k.ec != nil {
		valid = k.ec.Verify(digest, signature)
	} else {
		p, ok := padding(c, dwFlags, pPaddingInfo)
		if !ok || c.Faulted() || p.Kind == publickey.OAEP {
			return win.StatusInvalidParameter
		}
		valid = k.rsa.Verify(digest, signature, p)
	}
	if !valid {
		return statusInvalidSignature
	}
	return win.StatusSuccess
}

// asymmetric is BCryptEncrypt and BCryptDecrypt of an RSA key.
func (r *request) asymmetric(k *pair, flags win.Hex) win.Status {
	if k.rsa == nil || !k.algorithm.public.other {
		return win.StatusNotSupported
	}
	p, ok := padding(r.c, flags, r.info)
	if !ok || r.c.Faulted() || p.Kind == publickey.PSS {
		return win.StatusInvalidParameter
	}
	if !r.decrypt {
		if status, done := r.fits(k.rsa.Size()); done {
			return status
		}
		ciphertext, err := k.rsa.Encrypt(r.input, p, r.c.Random.Fill)
		if err != nil {
			return win.StatusInvalidParameter
		}
		r.c.Write(r.output, ciphertext)
		return win.StatusSuccess
	}
	if r.output == 0 {
		r.result.Set(r.c, uint32(k.rsa.Size()))
		return win.StatusSuccess
	}
	plain, err := k.rsa.Decrypt(r.input, p)
	if err != nil {
		return win.StatusInvalidParameter
	}
	if status, done := r.fits(len(plain)); done {
		return status
	}
	r.c.Write(r.output, plain)
	if !r.c.Faulted() {
		d := ciphers.Decryption{API: r.c.Name(), Algorithm: "RSA", Input: r.input, Plain: plain}
		d.Record(r.c)
	}
	return win.StatusSuccess
}
