package advapi32

import (
	"bytes"
	algorithms "crypto"
	"encoding/binary"
	"slices"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
	"sidetrace/emulator/win/publickey"
)

var pairRows = win.Rows{
	win.Partial(win.Func3("CryptGetUserKey", cryptGetUserKey, "hProv dwKeySpec phUserKey"), "keys live as long as the context they were made by"),
	win.Func6("CryptSignHash{A,W}", cryptSignHash, "hHash dwKeySpec szDescription dwFlags pbSignature pdwSigLen"),
	win.Func6("CryptVerifySignature{A,W}", cryptVerifySignature, "hHash pbSignature dwSigLen hPubKey szDescription dwFlags"),
}

const (
	nteNoKey        win.Error = 0x8009000D
	nteBadSignature win.Error = 0x80090006

	calgKeyExchange, calgSignature = 0xA400, 0x2400
	atKeyExchange, atSignature     = 1, 2

	simpleBlob     = 1
	publicKeyBlob  = 6
	privateKeyBlob = 7
	rsaHeader      = 8
)

// pair is an RSA key. Its numbers go over this API with the low byte first.
type pair struct {
	*publickey.RSA
	id uint32 // ALG_ID
}

func (*pair) Type() string { return "CryptKey" }

// pairAlgorithm is the ALG_ID of an RSA key by what callers name it; false for
// another algorithm.
func pairAlgorithm(id uint32) (uint32, bool) {
	switch id {
	case atKeyExchange, calgKeyExchange:
		return calgKeyExchange, true
	case atSignature, calgSignature:
		return calgSignature, true
	}
	return 0, false
}

// keep makes a pair the context's own for its use.
func (p *provider) keep(k *pair) {
	if k.id == calgSignature {
		p.signing = k
	} else {
		p.exchanging = k
	}
}

// generatePair makes a key of the machine's seeded random numbers.
func generatePair(c *win.Call, p *provider, id uint32, flags win.Hex, phKey win.Out[uint64]) (win.Bool, win.Error) {
	const standard, step = 1024, 8
	bits := int(flags >> 16)
	if bits == 0 {
		bits = standard
	}
	if bits < publickey.MinBits || bits > 4096 || bits%step != 0 {
		return false, 0x80090009 // NTE_BAD_FLAGS
	}
	k := &pair{publickey.GenerateRSA(bits, c.Random.Fill), id}
	p.keep(k)
	return openCrypto(c, k, phKey)
}

// importPair makes a key of a PUBLICKEYBLOB or a PRIVATEKEYBLOB.
//
// https://learn.microsoft.com/windows/win32/seccrypto/rsa-schannel-key-blobs
func importPair(c *win.Call, p *provider, blob []byte, phKey win.Out[uint64]) (win.Bool, win.Error) {
	id, ok := pairAlgorithm(binary.LittleEndian.Uint32(blob[4:]))
	if !ok {
		return false, nteBadAlgorithm
	}
	k, err := publickey.ParseCAPI(blob[rsaHeader:])
	if err != nil {
		return false, nteBadData
	}
	own := &pair{k, id}
	if k.Private() {
		p.keep(own)
	}
	return openCrypto(c, own, phKey)
}

// importSession makes a session key of a SIMPLEBLOB, which a key pair of the
// context, or the one given, decrypts.
//
// https://learn.microsoft.com/windows/win32/seccrypto/base-provider-key-blobs
func importSession(c *win.Call, p *provider, blob []byte, with win.Handle, flags win.Hex, phKey win.Out[uint64]) (win.Bool, win.Error) {
	k := p.exchanging
	if with != 0 {
		var err win.Error
		if k, err = cryptObject[*pair](c, with); err != 0 {
			return false, nteBadKey
		}
	}
	if k == nil || !k.Private() {
		return false, nteNoKey
	}
	const idSize = 4
	if len(blob) < rsaHeader+idSize+k.Size() {
		return false, nteBadData
	}
	secret, problem := k.Decrypt(reversed(blob[rsaHeader+idSize:][:k.Size()]), publickey.Padding{Kind: publickey.PKCS1})
	if problem != nil {
		return false, nteBadData
	}
	secret = reversed(secret)
	a, err := findKey(c, p, binary.LittleEndian.Uint32(blob[4:]), len(secret))
	if err != 0 {
		return false, err
	}
	session, err := newKey(a, secret, flags)
	if err != 0 {
		return false, err
	}
	return openCrypto(c, session, phKey)
}

func reversed(b []byte) []byte {
	b = bytes.Clone(b)
	slices.Reverse(b)
	return b
}

// exportPair gives an RSA key as a blob.
func (k *pair) export(kind uint32) ([]byte, win.Error) {
	private := kind == privateKeyBlob
	switch {
	case kind != publicKeyBlob && !private:
		return nil, nteBadType
	case private && !k.Private():
		return nil, nteBadKey
	}
	blob := binary.LittleEndian.AppendUint32([]byte{byte(kind), blobVersion, 0, 0}, k.id)
	return append(blob, k.CAPI(private)...), 0
}

// wrap gives a session key as a SIMPLEBLOB for who has the private key.
func (k *key) wrap(c *win.Call, with win.Handle) ([]byte, win.Error) {
	to, err := cryptObject[*pair](c, with)
	if err != 0 {
		return nil, nteBadKey
	}
	wrapped, problem := to.Encrypt(reversed(k.secret), publickey.Padding{Kind: publickey.PKCS1}, c.Random.Fill)
	if problem != nil {
		return nil, nteBadLength
	}
	blob := binary.LittleEndian.AppendUint32([]byte{simpleBlob, blobVersion, 0, 0}, k.algorithm.id)
	blob = binary.LittleEndian.AppendUint32(blob, to.id)
	return append(blob, reversed(wrapped)...), 0
}

// decryptPair is CryptDecrypt of an RSA key.
func decryptPair(c *win.Call, k *pair, pbData win.Ptr, pdwDataLen win.Out[uint32]) (win.Bool, win.Error) {
	if pbData == 0 || pdwDataLen.Null() {
		return false, win.ErrInvalidParameter
	}
	input := bytes.Clone(c.Bytes(pbData, uint64(pdwDataLen.Get(c))))
	if c.Faulted() {
		return false, 0
	}
	plain, err := k.Decrypt(reversed(input), publickey.Padding{Kind: publickey.PKCS1})
	if err != nil {
		return false, nteBadData
	}
	c.Write(pbData, plain)
	pdwDataLen.Set(c, uint32(len(plain)))
	d := ciphers.Decryption{API: c.Name(), Algorithm: "RSA", Input: input, Plain: plain}
	d.Record(c)
	return true, 0
}

// encryptPair is CryptEncrypt of an RSA key.
func encryptPair(c *win.Call, k *pair, pbData win.Ptr, pdwDataLen win.Out[uint32], space win.DWORD) (win.Bool, win.Error) {
	if pdwDataLen.Null() {
		return false, win.ErrInvalidParameter
	}
	size := uint64(pdwDataLen.Get(c))
	if pbData == 0 || int(space) < k.Size() {
		pdwDataLen.Set(c, uint32(k.Size()))
		if pbData == 0 {
			return true, 0
		}
		return false, win.ErrMoreData
	}
	data := c.Bytes(pbData, size)
	if c.Faulted() {
		return false, 0
	}
	ciphertext, err := k.Encrypt(data, publickey.Padding{Kind: publickey.PKCS1}, c.Random.Fill)
	if err != nil {
		return false, nteBadLength
	}
	c.Write(pbData, reversed(ciphertext))
	pdwDataLen.Set(c, uint32(len(ciphertext)))
	return true, 0
}

// cryptGetUserKey opens one of the two key pairs of a context.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptgetuserkey
func cryptGetUserKey(c *win.Call, hProv win.Handle, dwKeySpec win.DWORD, phUserKey win.Out[uint64]) (win.Bool, win.Error) {
	p, err := cryptObject[*provider](c, hProv)
	if err != 0 || phUserKey.Null() {
		return false, win.ErrInvalidParameter
	}
	k := p.pair(uint32(dwKeySpec))
	if k == nil {
		return false, nteNoKey
	}
	return openCrypto(c, k, phUserKey)
}

func (p *provider) pair(spec uint32) *pair {
	switch spec {
	case atKeyExchange:
		return p.exchanging
	case atSignature:
		return p.signing
	}
	return nil
}

// cryptHash is the hash of a digest as signatures name it.
func (d *digest) cryptHash(flags win.Hex) algorithms.Hash {
	const noOID = 1 // CRYPT_NOHASHOID
	if flags&noOID != 0 {
		return 0
	}
	return map[uint32]algorithms.Hash{
		0x8003: algorithms.MD5, 0x8004: algorithms.SHA1, 0x800C: algorithms.SHA256, 0x800D: algorithms.SHA384, 0x800E: algorithms.SHA512,
	}[d.algorithm.id]
}

// cryptSignHash signs a hash with a key pair of its context, and finishes it.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptsignhashw
func cryptSignHash(c *win.Call, hHash win.Handle, dwKeySpec win.DWORD, szDescription win.TStr, dwFlags win.Hex, pbSignature win.Ptr, pdwSigLen win.Out[uint32]) (win.Bool, win.Error) {
	d, err := cryptObject[*digest](c, hHash)
	if err != 0 || pdwSigLen.Null() || d.state == nil {
		return false, win.ErrInvalidParameter
	}
	k := d.provider.pair(uint32(dwKeySpec))
	if k == nil {
		return false, nteNoKey
	}
	space := pdwSigLen.Get(c)
	pdwSigLen.Set(c, uint32(k.Size()))
	switch {
	case pbSignature == 0:
		return true, 0
	case int(space) < k.Size():
		return false, win.ErrMoreData
	}
	signature, problem := k.Sign(d.sum(), publickey.Padding{Kind: publickey.PKCS1, Hash: d.cryptHash(dwFlags)}, c.Random.Fill)
	if problem != nil {
		return false, nteBadLength
	}
	c.Write(pbSignature, reversed(signature))
	return true, 0
}

// cryptVerifySignature checks the signature of a hash, which it finishes.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptverifysignaturew
func cryptVerifySignature(c *win.Call, hHash win.Handle, pbSignature win.Ptr, dwSigLen win.DWORD, hPubKey win.Handle, szDescription win.TStr, dwFlags win.Hex) (win.Bool, win.Error) {
	d, err := cryptObject[*digest](c, hHash)
	k, err2 := cryptObject[*pair](c, hPubKey)
	if err != 0 || err2 != 0 || pbSignature == 0 || d.state == nil {
		return false, win.ErrInvalidParameter
	}
	signature := c.Bytes(pbSignature, uint64(dwSigLen))
	if c.Faulted() {
		return false, 0
	}
	if !k.Verify(d.sum(), reversed(signature), publickey.Padding{Kind: publickey.PKCS1, Hash: d.cryptHash(dwFlags)}) {
		return false, nteBadSignature
	}
	return true, 0
}
