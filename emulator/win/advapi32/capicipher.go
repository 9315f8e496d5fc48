package advapi32

import (
	"bytes"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

var cipherRows = win.Rows{
	win.Func6("CryptDecrypt", cryptDecrypt, "hKey hHash Final dwFlags pbData pdwDataLen"),
	win.Func7("CryptEncrypt", cryptEncrypt, "hKey hHash Final dwFlags pbData pdwDataLen dwBufLen"),
}

// hashOf is the hash that takes in the plaintext, nil for none.
func hashOf(c *win.Call, hHash win.Handle) (*digest, win.Error) {
	if hHash == 0 {
		return nil, 0
	}
	d, err := cryptObject[*digest](c, hHash)
	if err == 0 && (d.value != nil || d.state == nil) {
		err = nteBadHashState
	}
	return d, err
}

// cryptDecrypt decrypts in place. With the last piece the padding is taken
// away, and the cipher goes back to the beginning of a message.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptdecrypt
func cryptDecrypt(c *win.Call, hKey, hHash win.Handle, Final win.DWORD, dwFlags win.Hex, pbData win.Ptr, pdwDataLen win.Out[uint32]) (win.Bool, win.Error) {
	if k, err := cryptObject[*pair](c, hKey); err == 0 {
		return decryptPair(c, k, pbData, pdwDataLen)
	}
	k, err := cryptObject[*key](c, hKey)
	if err != 0 || pbData == 0 || pdwDataLen.Null() {
		return false, win.ErrInvalidParameter
	}
	h, err := hashOf(c, hHash)
	if err != 0 {
		return false, err
	}
	input := bytes.Clone(c.Bytes(pbData, uint64(pdwDataLen.Get(c))))
	if c.Faulted() {
		return false, 0
	}
	d := &ciphers.Decryption{API: c.Name(), Algorithm: k.algorithm.name, Key: k.effective(), Input: input, Plain: bytes.Clone(input)}
	if k.algorithm.newBlock == nil {
		k.stream.XORKeyStream(d.Plain, input)
	} else if err := k.unchain(d, Final != 0); err != 0 {
		if d.Failed {
			d.Record(c)
		}
		return false, err
	}
	c.Write(pbData, d.Plain)
	pdwDataLen.Set(c, uint32(len(d.Plain)))
	if Final != 0 {
		k.restart()
	}
	if h != nil {
		h.state.Write(d.Plain)
	}
	if !c.Faulted() {
		d.Record(c)
	}
	return true, 0
}

// unchain decrypts with a block cipher.
func (k *key) unchain(d *ciphers.Decryption, final bool) win.Error {
	block := k.chain.Block.BlockSize()
	d.Mode = k.chain.Mode
	if d.Mode != ciphers.ECB {
		d.IV = bytes.Clone(k.chain.IV)
	}
	if len(d.Input)%block != 0 || final && len(d.Input) == 0 {
		return nteBadData
	}
	k.chain.Decrypt(d.Plain)
	if !final {
		return 0
	}
	plain, ok := ciphers.Unpad(d.Plain, block)
	if !ok {
		d.Failed = true
		k.restart()
		return nteBadData
	}
	d.Plain = plain
	return 0
}

// cryptEncrypt encrypts in place. With the last piece padding is added, and the
// cipher goes back to the beginning of a message.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptencrypt
func cryptEncrypt(c *win.Call, hKey, hHash win.Handle, Final win.DWORD, dwFlags win.Hex, pbData win.Ptr, pdwDataLen win.Out[uint32], dwBufLen win.DWORD) (win.Bool, win.Error) {
	if k, err := cryptObject[*pair](c, hKey); err == 0 {
		return encryptPair(c, k, pbData, pdwDataLen, dwBufLen)
	}
	k, err := cryptObject[*key](c, hKey)
	if err != 0 || pdwDataLen.Null() {
		return false, win.ErrInvalidParameter
	}
	h, err := hashOf(c, hHash)
	if err != 0 {
		return false, err
	}
	size := uint64(pdwDataLen.Get(c))
	need := size
	if n := uint64(len(k.iv)); n > 0 {
		if Final != 0 {
			need += n - size%n
		} else if size%n != 0 {
			return false, nteBadData
		}
	}
	if pbData == 0 || need > uint64(dwBufLen) {
		pdwDataLen.Set(c, uint32(need))
		if pbData == 0 {
			return true, 0
		}
		return false, win.ErrMoreData
	}
	data := bytes.Clone(c.Bytes(pbData, size))
	if c.Faulted() {
		return false, 0
	}
	if h != nil {
		h.state.Write(data)
	}
	switch {
	case k.algorithm.newBlock == nil:
		k.stream.XORKeyStream(data, data)
	case Final != 0:
		data = ciphers.Pad(data, len(k.iv))
		k.chain.Encrypt(data)
	default:
		k.chain.Encrypt(data)
	}
	if Final != 0 {
		k.restart()
	}
	c.Write(pbData, data)
	pdwDataLen.Set(c, uint32(len(data)))
	return true, 0
}
