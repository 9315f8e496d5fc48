package bcrypt

import (
	"bytes"
	"crypto/cipher"
	"crypto/rc4"
	"encoding/binary"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

var keyRows = win.Rows{
	win.Func1("BCryptDestroyKey", destroyKey, "hKey"),
	win.Func5("BCryptDuplicateKey", duplicateKey, "hKey phNewKey pbKeyObject cbKeyObject dwFlags"),
	win.Partial(win.Func7("BCryptExportKey", exportKey, "hKey hExportKey pszBlobType pbOutput cbOutput pcbOutput dwFlags"),
		"KeyDataBlob and the blobs of RSA and elliptic curves"),
	win.Func7("BCryptGenerateSymmetricKey", generateSymmetricKey, "hAlgorithm phKey pbKeyObject cbKeyObject pbSecret cbSecret dwFlags"),
	win.Partial(win.Func9("BCryptImportKey", importKey, "hAlgorithm hImportKey pszBlobType phKey pbKeyObject cbKeyObject pbInput cbInput dwFlags"),
		"KeyDataBlob"),
}

// key is a symmetric key.
type key struct {
	algorithm *algorithm
	secret    []byte
	chain     ciphers.Chained // of a block cipher
	stream    *rc4.Cipher     // of RC4, which goes on from call to call
	aead      cipher.AEAD     // of an algorithm that authenticates always
}

func (*key) Type() string { return "BCryptKey" }

// newKey makes a key of a secret. One that is longer than the longest key is
// cut.
func (p *provider) newKey(secret []byte) *key {
	if most := int(p.keys.max / 8); len(secret) > most {
		secret = secret[:most]
	}
	if !p.symmetric() || !p.keys.holds(uint32(8*len(secret))) {
		return nil
	}
	k := &key{algorithm: p.algorithm, secret: bytes.Clone(secret)}
	if p.name == "PBKDF2" {
		return k
	}
	if p.newAEAD != nil {
		aead, err := p.newAEAD(k.secret)
		if err != nil {
			return nil
		}
		k.aead = aead
		return k
	}
	if p.newBlock == nil {
		stream, err := rc4.NewCipher(k.secret)
		if err != nil {
			return nil
		}
		k.stream = stream
		return k
	}
	block, err := p.newBlock(k.secret)
	if err != nil {
		return nil
	}
	k.chain = ciphers.Chained{Block: block, Mode: p.mode, IV: make([]byte, block.BlockSize()), Segment: max(p.segment, 1)}
	return k
}

// makeKey checks what the functions that make keys have in common.
func (p *provider) makeKey(c *win.Call, phKey win.Out[uint64], pbKeyObject win.Ptr, cbKeyObject win.DWORD, secret []byte) win.Status {
	if pbKeyObject != 0 && uint32(cbKeyObject) < p.object {
		return win.StatusBufferTooSmall
	}
	k := p.newKey(secret)
	if k == nil || c.Faulted() {
		return win.StatusInvalidParameter
	}
	return open(c, k, phKey)
}

// generateSymmetricKey makes a key of its bytes. The caller's buffer for the
// key object is checked and not written to.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptgeneratesymmetrickey
func generateSymmetricKey(c *win.Call, hAlgorithm win.Handle, phKey win.Out[uint64], pbKeyObject win.Ptr, cbKeyObject win.DWORD, pbSecret win.Ptr, cbSecret win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	p, ok := algorithmOf(c, hAlgorithm)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case phKey.Null() || pbSecret == 0 || dwFlags != 0:
		return win.StatusInvalidParameter, 0
	case !p.symmetric():
		return win.StatusNotSupported, 0
	}
	return p.makeKey(c, phKey, pbKeyObject, cbKeyObject, c.Bytes(pbSecret, uint64(cbSecret))), 0
}

// The header of a KeyDataBlob: BCRYPT_KEY_DATA_BLOB_HEADER.
const (
	keyDataMagic   = 0x4D42444B // "KDBM"
	keyDataVersion = 1
	keyDataHeader  = 12
	keyDataBlob    = "KeyDataBlob"
)

// importKey makes a key of a blob.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptimportkey
func importKey(c *win.Call, hAlgorithm, hImportKey win.Handle, pszBlobType win.WStr, phKey win.Out[uint64], pbKeyObject win.Ptr, cbKeyObject win.DWORD, pbInput win.Ptr, cbInput win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	p, ok := algorithmOf(c, hAlgorithm)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case pszBlobType.Null() || phKey.Null() || pbInput == 0:
		return win.StatusInvalidParameter, 0
	case !p.symmetric():
		return win.StatusNotSupported, 0
	case pszBlobType.Text != keyDataBlob:
		c.Gap("blob type " + trace.Quote(pszBlobType.Text))
		return win.StatusNotSupported, 0
	case cbInput < keyDataHeader:
		return win.StatusBufferTooSmall, 0
	}
	blob := c.Bytes(pbInput, uint64(cbInput))
	if c.Faulted() {
		return win.StatusInvalidParameter, 0
	}
	if binary.LittleEndian.Uint32(blob) != keyDataMagic || binary.LittleEndian.Uint32(blob[4:]) != keyDataVersion {
		return win.StatusInvalidParameter, 0
	}
	n := binary.LittleEndian.Uint32(blob[8:])
	if uint64(n)+keyDataHeader > uint64(len(blob)) {
		return win.StatusInvalidParameter, 0
	}
	return p.makeKey(c, phKey, pbKeyObject, cbKeyObject, blob[keyDataHeader:keyDataHeader+n]), 0
}

// exportKey gives a key as a blob.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptexportkey
func exportKey(c *win.Call, hKey, hExportKey win.Handle, pszBlobType win.WStr, pbOutput win.Ptr, cbOutput win.DWORD, pcbOutput win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	k, symmetric := lookup[*key](c, hKey)
	two, asymmetric := lookup[*pair](c, hKey)
	switch {
	case !symmetric && !asymmetric:
		return win.StatusInvalidHandle, 0
	case pszBlobType.Null() || pcbOutput.Null():
		return win.StatusInvalidParameter, 0
	case symmetric && pszBlobType.Text != keyDataBlob:
		c.Gap("blob type " + trace.Quote(pszBlobType.Text))
		return win.StatusNotSupported, 0
	}
	var blob []byte
	if symmetric {
		blob = append(dwords(keyDataMagic, keyDataVersion, uint32(len(k.secret))), k.secret...)
	} else if blob = two.export(pszBlobType.Text); blob == nil {
		return win.StatusNotSupported, 0
	}
	pcbOutput.Set(c, uint32(len(blob)))
	switch {
	case pbOutput == 0:
		return win.StatusSuccess, 0
	case int(cbOutput) < len(blob):
		return win.StatusBufferTooSmall, 0
	}
	c.Write(pbOutput, blob)
	return win.StatusSuccess, 0
}

// duplicateKey copies a key with its state.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptduplicatekey
func duplicateKey(c *win.Call, hKey win.Handle, phNewKey win.Out[uint64], pbKeyObject win.Ptr, cbKeyObject win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	k, ok := lookup[*key](c, hKey)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case phNewKey.Null():
		return win.StatusInvalidParameter, 0
	case pbKeyObject != 0 && uint32(cbKeyObject) < k.algorithm.object:
		return win.StatusBufferTooSmall, 0
	}
	twin := *k
	twin.chain.IV = bytes.Clone(k.chain.IV)
	if k.stream != nil {
		stream := *k.stream
		twin.stream = &stream
	}
	return open(c, &twin, phNewKey), 0
}

// destroyKey closes a key.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptdestroykey
func destroyKey(c *win.Call, hKey win.Handle) (win.Status, win.Error) {
	if _, ok := lookup[*pair](c, hKey); ok {
		return closeHandle[*pair](c, hKey)
	}
	return closeHandle[*key](c, hKey)
}
