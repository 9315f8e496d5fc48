package advapi32

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rc4"
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

var cryptKeyRows = win.Rows{
	win.Partial(win.Func5("CryptDeriveKey", cryptDeriveKey, "hProv Algid hBaseData dwFlags phKey"),
		"RC4, DES, 3DES and AES"),
	win.Func1("CryptDestroyKey", cryptDestroyKey, "hKey"),
	win.Func4("CryptDuplicateKey", cryptDuplicateKey, "hKey pdwReserved dwFlags phKey"),
	win.Partial(win.Func6("CryptExportKey", cryptExportKey, "hKey hExpKey dwBlobType dwFlags pbData pdwDataLen"),
		"PLAINTEXTKEYBLOB, SIMPLEBLOB and the blobs of RSA"),
	win.Partial(win.Func4("CryptGenKey", cryptGenKey, "hProv Algid dwFlags phKey"),
		"RC4, DES, 3DES, AES and RSA"),
	win.Partial(win.Func6("CryptImportKey", cryptImportKey, "hProv pbData dwDataLen hPubKey dwFlags phKey"),
		"PLAINTEXTKEYBLOB, SIMPLEBLOB and the blobs of RSA"),
}

// keyAlgorithm is one of the ALG_IDs of symmetric ciphers.
//
// https://learn.microsoft.com/windows/win32/seccrypto/alg-id
type keyAlgorithm struct {
	id       uint32
	name     string
	size     int // bytes of key; the default where several are allowed
	newBlock func([]byte) (cipher.Block, error)
}

const calgRC4, calgAES = 0x6801, 0x6611

var keyAlgorithms = []keyAlgorithm{
	{0x6601, "DES", 8, des.NewCipher},
	{0x6603, "3DES", 24, des.NewTripleDESCipher},
	{0x660E, "AES", 16, aes.NewCipher},
	{0x660F, "AES", 24, aes.NewCipher},
	{0x6610, "AES", 32, aes.NewCipher},
	{calgRC4, "RC4", 16, nil},
}

// key is a symmetric key with where its cipher stands.
type key struct {
	algorithm *keyAlgorithm
	secret    []byte
	salt      []byte // follows the secret where the cipher is given its key
	iv        []byte // as it was set; each message begins with it
	chain     ciphers.Chained
	stream    *rc4.Cipher
}

func (*key) Type() string { return "CryptKey" }

// effective is the key as the cipher gets it.
func (k *key) effective() []byte { return append(bytes.Clone(k.secret), k.salt...) }

// restart puts the cipher to the beginning of a message.
func (k *key) restart() {
	if k.algorithm.newBlock != nil {
		k.chain.IV = bytes.Clone(k.iv)
		return
	}
	k.stream, _ = rc4.NewCipher(k.effective()) // the length was checked by newKey
}

// findKey finds a cipher the provider has, for keys of size bytes; 0 is the
// default.
func findKey(c *win.Call, p *provider, id uint32, size int) (*keyAlgorithm, win.Error) {
	if id == calgAES {
		id = map[int]uint32{0: 0x6610, 16: 0x660E, 24: 0x660F, 32: 0x6610}[size]
	}
	for i := range keyAlgorithms {
		a := &keyAlgorithms[i]
		switch {
		case a.id != id || a.name == "AES" && !p.aes:
			continue
		case a.id != calgRC4 && size != 0 && size != a.size:
			return nil, nteBadLength
		}
		return a, 0
	}
	const rc2, tripleDES112 = 0x6602, 0x6609
	switch id {
	case rc2, tripleDES112:
		c.Gap(fmt.Sprintf("algorithm %#x", id))
	}
	return nil, nteBadAlgorithm
}

// newKey makes a key of its bytes. A key of 40 bits gets a salt of zeros unless
// the flags say otherwise, as the base provider's do.
func newKey(a *keyAlgorithm, secret []byte, flags win.Hex) (*key, win.Error) {
	const noSalt, saltedSize, fullSize = 0x10, 5, 16 // CRYPT_NO_SALT
	k := &key{algorithm: a, secret: bytes.Clone(secret)}
	if a.newBlock == nil {
		if len(secret) < saltedSize || len(secret) > fullSize {
			return nil, nteBadLength
		}
		if len(secret) == saltedSize && flags&noSalt == 0 {
			k.salt = make([]byte, fullSize-saltedSize)
		}
		k.restart()
		return k, 0
	}
	block, err := a.newBlock(k.secret)
	if err != nil {
		return nil, nteBadLength
	}
	k.iv = make([]byte, block.BlockSize())
	k.chain = ciphers.Chained{Block: block, Mode: ciphers.CBC, Segment: 1}
	k.restart()
	return k, 0
}

// sizeIn is the length of key that flags ask for, in bytes; 0 is the default.
func sizeIn(flags win.Hex) int { return int(flags>>16) / 8 }

// cryptDeriveKey makes a key of a hash, which it finishes.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptderivekey
func cryptDeriveKey(c *win.Call, hProv win.Handle, Algid win.Hex, hBaseData win.Handle, dwFlags win.Hex, phKey win.Out[uint64]) (win.Bool, win.Error) {
	p, err := cryptObject[*provider](c, hProv)
	d, err2 := cryptObject[*digest](c, hBaseData)
	if err != 0 || err2 != 0 || phKey.Null() {
		return false, win.ErrInvalidParameter
	}
	if d.state == nil {
		return false, nteBadHashState
	}
	a, err := findKey(c, p, uint32(Algid), sizeIn(dwFlags))
	if err != 0 {
		return false, err
	}
	size := a.size
	if n := sizeIn(dwFlags); n != 0 {
		size = n
	}
	material := d.sum()
	if a.newBlock != nil && a.name != "DES" && !d.algorithm.sha2 {
		material = d.stretch()
	}
	if size > len(material) {
		return false, nteBadLength
	}
	k, err := newKey(a, material[:size], dwFlags)
	if err != 0 {
		return false, err
	}
	return openCrypto(c, k, phKey)
}

// stretch makes two digests of one, as the documentation of CryptDeriveKey
// describes, for keys that may be longer than a digest.
func (d *digest) stretch() []byte {
	const block = 64
	var material []byte
	for _, pad := range [...]byte{0x36, 0x5C} {
		buffer := bytes.Repeat([]byte{pad}, block)
		for i, b := range d.sum() {
			buffer[i] ^= b
		}
		h := d.algorithm.start()
		h.Write(buffer)
		material = h.Sum(material)
	}
	return material
}

// cryptGenKey makes a key of the machine's seeded random numbers.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptgenkey
func cryptGenKey(c *win.Call, hProv win.Handle, Algid, dwFlags win.Hex, phKey win.Out[uint64]) (win.Bool, win.Error) {
	p, err := cryptObject[*provider](c, hProv)
	if err != 0 || phKey.Null() {
		return false, win.ErrInvalidParameter
	}
	if id, ok := pairAlgorithm(uint32(Algid)); ok {
		return generatePair(c, p, id, dwFlags, phKey)
	}
	a, err := findKey(c, p, uint32(Algid), sizeIn(dwFlags))
	if err != 0 {
		return false, err
	}
	size := a.size
	if n := sizeIn(dwFlags); n != 0 {
		size = n
	}
	secret := make([]byte, size)
	c.Random.Fill(secret)
	k, err := newKey(a, secret, dwFlags)
	if err != 0 {
		return false, err
	}
	return openCrypto(c, k, phKey)
}

// A PLAINTEXTKEYBLOB: BLOBHEADER, the length of the key, the key.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-publickeystruc
const (
	plaintextKeyBlob = 8
	blobVersion      = 2
	blobHeader       = 12
)

// cryptImportKey makes a key of a blob.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptimportkey
func cryptImportKey(c *win.Call, hProv win.Handle, pbData win.Ptr, dwDataLen win.DWORD, hPubKey win.Handle, dwFlags win.Hex, phKey win.Out[uint64]) (win.Bool, win.Error) {
	p, err := cryptObject[*provider](c, hProv)
	if err != 0 || phKey.Null() || pbData == 0 {
		return false, win.ErrInvalidParameter
	}
	blob := c.Bytes(pbData, uint64(dwDataLen))
	switch {
	case c.Faulted():
		return false, 0
	case len(blob) < blobHeader || blob[1] != blobVersion:
		return false, nteBadData
	case blob[0] == publicKeyBlob || blob[0] == privateKeyBlob:
		return importPair(c, p, blob, phKey)
	case blob[0] == simpleBlob:
		return importSession(c, p, blob, hPubKey, dwFlags, phKey)
	case blob[0] != plaintextKeyBlob:
		c.Gap(fmt.Sprintf("blob type %d", blob[0]))
		return false, nteBadType
	}
	n := uint64(binary.LittleEndian.Uint32(blob[8:]))
	if n > uint64(len(blob)-blobHeader) {
		return false, nteBadData
	}
	a, err := findKey(c, p, binary.LittleEndian.Uint32(blob[4:]), int(n))
	if err != 0 {
		return false, err
	}
	k, err := newKey(a, blob[blobHeader:blobHeader+n], dwFlags)
	if err != 0 {
		return false, err
	}
	return openCrypto(c, k, phKey)
}

// cryptExportKey gives a key as a blob.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptexportkey
func cryptExportKey(c *win.Call, hKey, hExpKey win.Handle, dwBlobType win.DWORD, dwFlags win.Hex, pbData win.Ptr, pdwDataLen win.Out[uint32]) (win.Bool, win.Error) {
	if k, err := cryptObject[*pair](c, hKey); err == 0 {
		blob, err := k.export(uint32(dwBlobType))
		if err != 0 {
			return false, err
		}
		return parameter(c, blob, pbData, pdwDataLen)
	}
	k, err := cryptObject[*key](c, hKey)
	if err != 0 {
		return false, err
	}
	if dwBlobType == simpleBlob {
		blob, err := k.wrap(c, hExpKey)
		if err != 0 {
			return false, err
		}
		return parameter(c, blob, pbData, pdwDataLen)
	}
	if dwBlobType != plaintextKeyBlob {
		c.Gap(fmt.Sprintf("blob type %d", dwBlobType))
		return false, nteBadType
	}
	blob := []byte{plaintextKeyBlob, blobVersion, 0, 0}
	blob = binary.LittleEndian.AppendUint32(blob, k.algorithm.id)
	blob = binary.LittleEndian.AppendUint32(blob, uint32(len(k.secret)))
	return parameter(c, append(blob, k.secret...), pbData, pdwDataLen)
}

// cryptDuplicateKey copies a key with its state.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptduplicatekey
func cryptDuplicateKey(c *win.Call, hKey win.Handle, pdwReserved win.Ptr, dwFlags win.Hex, phKey win.Out[uint64]) (win.Bool, win.Error) {
	k, err := cryptObject[*key](c, hKey)
	if err != 0 || phKey.Null() || pdwReserved != 0 {
		return false, win.ErrInvalidParameter
	}
	twin := *k
	twin.iv, twin.chain.IV = bytes.Clone(k.iv), bytes.Clone(k.chain.IV)
	if k.stream != nil {
		stream := *k.stream
		twin.stream = &stream
	}
	return openCrypto(c, &twin, phKey)
}

// cryptDestroyKey closes a key.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptdestroykey
func cryptDestroyKey(c *win.Call, hKey win.Handle) (win.Bool, win.Error) {
	if _, err := cryptObject[*pair](c, hKey); err == 0 {
		return closeCrypto[*pair](c, hKey)
	}
	return closeCrypto[*key](c, hKey)
}
