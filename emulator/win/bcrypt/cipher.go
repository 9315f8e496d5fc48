package bcrypt

import (
	"bytes"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

var cipherRows = win.Rows{
	win.Partial(win.Func10("BCryptDecrypt", decrypt, "hKey pbInput cbInput pPaddingInfo pbIV cbIV pbOutput cbOutput pcbResult dwFlags"),
		"authenticated decryption in one call; no chained calls"),
	win.Partial(win.Func10("BCryptEncrypt", encrypt, "hKey pbInput cbInput pPaddingInfo pbIV cbIV pbOutput cbOutput pcbResult dwFlags"),
		"authenticated encryption in one call; no chained calls"),
}

// request is one call of BCryptEncrypt or BCryptDecrypt.
type request struct {
	c        *win.Call
	k        *key
	decrypt  bool
	input    []byte
	hasInput bool
	info     win.Ptr
	iv       win.Ptr
	ivSize   uint32
	output   win.Ptr
	space    uint32
	result   win.Out[uint32]
	padded   bool
}

// decrypt decrypts, in place if input and output are the same buffer. The
// initialisation vector becomes the last block of ciphertext; without one, the
// key's own is used, which is that of the call before.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptdecrypt
func decrypt(c *win.Call, hKey win.Handle, pbInput win.Ptr, cbInput win.DWORD, pPaddingInfo, pbIV win.Ptr, cbIV win.DWORD, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	return crypt(c, hKey, pbInput, cbInput, pPaddingInfo, pbIV, cbIV, pbOutput, cbOutput, pcbResult, dwFlags, true), 0
}

// encrypt encrypts; see decrypt.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptencrypt
func encrypt(c *win.Call, hKey win.Handle, pbInput win.Ptr, cbInput win.DWORD, pPaddingInfo, pbIV win.Ptr, cbIV win.DWORD, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	return crypt(c, hKey, pbInput, cbInput, pPaddingInfo, pbIV, cbIV, pbOutput, cbOutput, pcbResult, dwFlags, false), 0
}

func crypt(c *win.Call, hKey win.Handle, pbInput win.Ptr, cbInput win.DWORD, pPaddingInfo, pbIV win.Ptr, cbIV win.DWORD, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex, decrypt bool) win.Status {
	k, ok := lookup[*key](c, hKey)
	two, public := lookup[*pair](c, hKey)
	switch {
	case !ok && (!public || !two.complete()):
		return win.StatusInvalidHandle
	case pcbResult.Null() || pbInput == 0 && cbInput != 0 || ok && dwFlags&^blockPadding != 0:
		return win.StatusInvalidParameter
	}
	r := &request{
		c: c, k: k, decrypt: decrypt, hasInput: pbInput != 0, info: pPaddingInfo, iv: pbIV, ivSize: uint32(cbIV),
		output: pbOutput, space: uint32(cbOutput), result: pcbResult, padded: dwFlags&blockPadding != 0,
	}
	// The copy makes overlapping buffers safe.
	r.input = bytes.Clone(c.Bytes(pbInput, uint64(cbInput)))
	if c.Faulted() {
		return win.StatusInvalidParameter
	}
	switch {
	case public:
		return r.asymmetric(two, dwFlags)
	case k.algorithm.name == "PBKDF2":
		return win.StatusNotSupported
	case k.stream != nil:
		return r.streamed()
	case k.authenticates():
		return r.authenticated()
	default:
		return r.chained()
	}
}

// fits tells the caller how much is written and whether there is room. done
// means that nothing more is to be done.
func (r *request) fits(size int) (status win.Status, done bool) {
	r.result.Set(r.c, uint32(size))
	switch {
	case r.output == 0:
		return win.StatusSuccess, true
	case r.space < uint32(size):
		return win.StatusBufferTooSmall, true
	}
	return win.StatusSuccess, false
}

// streamed is RC4.
func (r *request) streamed() win.Status {
	if status, done := r.fits(len(r.input)); done {
		return status
	}
	plain := make([]byte, len(r.input))
	stream := *r.k.stream
	stream.XORKeyStream(plain, r.input)
	r.c.Write(r.output, plain)
	if r.c.Faulted() {
		return win.StatusInvalidParameter
	}
	*r.k.stream = stream
	r.record(&ciphers.Decryption{Plain: plain})
	return win.StatusSuccess
}

// chained is a block cipher in ECB, CBC or CFB mode.
func (r *request) chained() win.Status {
	k, block := r.k, r.k.chain.Block.BlockSize()
	unit := block
	if k.chain.Mode == ciphers.CFB {
		unit = k.chain.Segment
	}
	size := len(r.input)
	if r.padded && !r.decrypt {
		size += unit - size%unit
	}
	r.result.Set(r.c, uint32(size))
	if size%unit != 0 {
		return win.StatusInvalidBufferSize
	}
	iv, status := r.vector()
	if status != 0 {
		return status
	}
	// A decryption need not have room for the padding; whether it is there is
	// seen only afterwards.
	if r.output == 0 {
		return win.StatusSuccess
	}
	least := size
	if r.padded && r.decrypt {
		least = max(size-block, 0)
	}
	if int64(r.space) < int64(least) {
		return win.StatusBufferTooSmall
	}

	chain := k.chain
	chain.IV = bytes.Clone(iv)
	out := r.input
	ciphertext := out
	if r.decrypt {
		ciphertext = bytes.Clone(out)
		chain.Decrypt(out)
	} else {
		if r.padded {
			out = ciphers.Pad(out, unit)
		}
		chain.Encrypt(out)
	}
	d := &ciphers.Decryption{Mode: chain.Mode, IV: iv, Input: ciphertext, Plain: out}
	if chain.Mode == ciphers.ECB {
		d.IV = nil
	}
	if r.decrypt && r.padded {
		plain, ok := ciphers.Unpad(out, unit)
		if !ok {
			d.Failed = true
			r.record(d)
			return win.StatusDataError
		}
		out, d.Plain = plain, plain
	}
	if status, done := r.fits(len(out)); done {
		return status
	}
	r.c.Write(r.output, out)
	if r.iv != 0 && d.IV != nil {
		r.c.Write(r.iv, chain.IV)
	}
	if r.c.Faulted() {
		return win.StatusInvalidParameter
	}
	copy(k.chain.IV, chain.IV)
	r.record(d)
	return win.StatusSuccess
}

// vector is the initialisation vector of a chained cipher.
func (r *request) vector() ([]byte, win.Status) {
	switch {
	case r.iv == 0:
		return bytes.Clone(r.k.chain.IV), 0
	case r.k.chain.Mode == ciphers.ECB || int(r.ivSize) != len(r.k.chain.IV):
		return nil, win.StatusInvalidParameter
	}
	iv := bytes.Clone(r.c.Bytes(r.iv, uint64(r.ivSize)))
	if r.c.Faulted() {
		return nil, win.StatusInvalidParameter
	}
	return iv, 0
}

// record tells of a decryption. What is the same for all of them is filled in.
func (r *request) record(d *ciphers.Decryption) {
	if !r.decrypt {
		return
	}
	d.API, d.Algorithm, d.Key = r.c.Name(), r.k.algorithm.name, r.k.secret
	if d.Input == nil {
		d.Input = r.input
	}
	d.Record(r.c)
}
