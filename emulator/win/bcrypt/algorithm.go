package bcrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"sidetrace/emulator/win/ciphers"
)

// algorithm is one identifier of BCryptOpenAlgorithmProvider.
//
// https://learn.microsoft.com/windows/win32/seccng/cng-algorithm-identifiers
type algorithm struct {
	name     string
	object   uint32 // ObjectLength as Windows 10 has it; Windows versions differ and callers ask
	keys     keyLengths
	newBlock func(key []byte) (cipher.Block, error)
	newHash  func() hash.Hash
	newMAC   func(key []byte) (hash.Hash, error) // a hash that has a key always
	newAEAD  func(key []byte) (cipher.AEAD, error)
	modes    []ciphers.Mode // the first is the default
	public   public
}

// keyLengths is BCRYPT_KEY_LENGTHS_STRUCT, in bits.
type keyLengths struct{ min, max, step uint32 }

// holds reports whether a key may have so many bits.
func (k keyLengths) holds(bits uint32) bool {
	if bits < k.min || bits > k.max {
		return false
	}
	return bits == k.min || k.step != 0 && (bits-k.min)%k.step == 0
}

var (
	aesModes = []ciphers.Mode{ciphers.CBC, ciphers.ECB, ciphers.CFB, ciphers.GCM, ciphers.CCM}
	desModes = []ciphers.Mode{ciphers.CBC, ciphers.ECB, ciphers.CFB}
)

// The object lengths of the keyed ones among AES-CMAC, CHACHA20_POLY1305 and
// RC2 are not published: they are that of AES.
var algorithms = []algorithm{
	{name: "3DES", object: 522, keys: keyLengths{192, 192, 0}, newBlock: des.NewTripleDESCipher, modes: desModes},
	{name: "3DES_112", object: 522, keys: keyLengths{128, 128, 0}, newBlock: newTwoKeyDES, modes: desModes},
	{name: "AES", object: 654, keys: keyLengths{128, 256, 64}, newBlock: aes.NewCipher, modes: aesModes},
	{name: "AES-CMAC", object: 654, newMAC: newAESCMAC},
	{name: "CHACHA20_POLY1305", object: 654, keys: keyLengths{256, 256, 0}, newAEAD: chacha20poly1305.New, modes: []ciphers.Mode{ciphers.None}},
	{name: "DES", object: 266, keys: keyLengths{64, 64, 0}, newBlock: des.NewCipher, modes: desModes},
	{name: "ECDH_P256", public: public{curve: 256, other: true}},
	{name: "ECDH_P384", public: public{curve: 384, other: true}},
	{name: "ECDH_P521", public: public{curve: 521, other: true}},
	{name: "ECDSA_P256", public: public{curve: 256, signs: true}},
	{name: "ECDSA_P384", public: public{curve: 384, signs: true}},
	{name: "ECDSA_P521", public: public{curve: 521, signs: true}},
	{name: "MD2", object: 270, newHash: ciphers.NewMD2},
	{name: "MD4", object: 270, newHash: ciphers.NewMD4},
	{name: "MD5", object: 274, newHash: md5.New},
	{name: "PBKDF2", keys: keyLengths{0, 8192, 8}, modes: []ciphers.Mode{ciphers.None}},
	{name: "RC2", object: 654, keys: keyLengths{16, 128, 8}, newBlock: ciphers.NewRC2, modes: desModes},
	{name: "RC4", object: 654, keys: keyLengths{8, 512, 8}, modes: []ciphers.Mode{ciphers.None}},
	{name: "RNG"},
	{name: "RSA", public: public{rsa: true, signs: true, other: true}},
	{name: "RSA_SIGN", public: public{rsa: true, signs: true}},
	{name: "SHA1", object: 278, newHash: sha1.New},
	{name: "SHA256", object: 286, newHash: sha256.New},
	{name: "SHA384", object: 382, newHash: sha512.New384},
	{name: "SHA512", object: 382, newHash: sha512.New},
}

// newTwoKeyDES is triple DES whose third key is the first.
func newTwoKeyDES(key []byte) (cipher.Block, error) {
	return des.NewTripleDESCipher(append(bytes.Clone(key), key[:des.BlockSize]...))
}

func newAESCMAC(key []byte) (hash.Hash, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return ciphers.NewCMAC(block), nil
}

// unmodelled are identifiers that Windows has too, with the kinds of operation
// they are listed under.
var unmodelled = []struct {
	name string
	kind uint32
}{
	{"AES-GMAC", hashOperation}, {"CAPI_KDF", deriveOperation}, {"DESX", cipherOperation}, {"DH", agreeOperation}, {"DSA", signOperation},
	{"ECDH", agreeOperation}, {"ECDSA", signOperation}, {"FIPS186DSARNG", randomOperation}, {"HKDF", deriveOperation},
	{"SP800_108_CTR_HMAC", deriveOperation}, {"SP800_56A_CONCAT", deriveOperation}, {"TLS1_1_KDF", deriveOperation},
	{"TLS1_2_KDF", deriveOperation}, {"XTS-AES", cipherOperation},
}

// find looks an identifier up; case does not matter.
func find(name string) *algorithm {
	for i := range algorithms {
		if strings.EqualFold(algorithms[i].name, name) {
			return &algorithms[i]
		}
	}
	return nil
}

func isUnmodelled(name string) bool {
	for _, u := range unmodelled {
		if strings.EqualFold(u.name, name) {
			return true
		}
	}
	return false
}

// hashes reports whether the algorithm makes digests, keyed or not.
func (a *algorithm) hashes() bool { return a.newHash != nil || a.newMAC != nil }

// symmetric reports whether there are keys of the algorithm.
func (a *algorithm) symmetric() bool { return a.modes != nil }

// allows reports whether the algorithm can be chained so.
func (a *algorithm) allows(m ciphers.Mode) bool {
	for _, known := range a.modes {
		if known == m {
			return true
		}
	}
	return false
}

// blockLength is that of the cipher, 1 for a stream.
func (a *algorithm) blockLength() int {
	switch {
	case a.newBlock == nil:
		return 1
	case a.name == "AES":
		return aes.BlockSize
	default:
		return des.BlockSize
	}
}

// pseudo finds the algorithm behind one of the BCRYPT_*_ALG_HANDLE constants
// of bcrypt.h, for which nothing has to be opened. An algorithm that is not
// modelled is nil.
//
// https://learn.microsoft.com/windows/win32/seccng/cng-algorithm-pseudo-handles
func pseudo(handle uint64) (p *provider, name string) {
	for _, h := range pseudoHandles {
		if h.handle != handle {
			continue
		}
		a := find(h.name)
		if a == nil {
			return nil, h.name
		}
		return &provider{algorithm: a, mode: h.mode, flags: h.flags, pseudo: true}, h.name
	}
	return nil, ""
}

var pseudoHandles = []struct {
	handle uint64
	name   string
	mode   ciphers.Mode
	flags  uint32
}{
	{0x1, "MD2", "", 0}, {0x11, "MD4", "", 0}, {0x21, "MD5", "", 0}, {0x31, "SHA1", "", 0},
	{0x41, "SHA256", "", 0}, {0x51, "SHA384", "", 0}, {0x61, "SHA512", "", 0},
	{0x71, "RC4", ciphers.None, 0}, {0x81, "RNG", "", 0},
	{0x91, "MD5", "", hmacFlag}, {0xA1, "SHA1", "", hmacFlag}, {0xB1, "SHA256", "", hmacFlag},
	{0xC1, "SHA384", "", hmacFlag}, {0xD1, "SHA512", "", hmacFlag},
	{0xE1, "RSA", "", 0}, {0xF1, "ECDSA", "", 0}, {0x101, "AES-CMAC", "", 0}, {0x111, "AES-GMAC", "", 0},
	{0x121, "MD2", "", hmacFlag}, {0x131, "MD4", "", hmacFlag},
	{0x141, "3DES", ciphers.CBC, 0}, {0x151, "3DES", ciphers.ECB, 0}, {0x161, "3DES", ciphers.CFB, 0},
	{0x171, "3DES_112", ciphers.CBC, 0}, {0x181, "3DES_112", ciphers.ECB, 0}, {0x191, "3DES_112", ciphers.CFB, 0},
	{0x1A1, "AES", ciphers.CBC, 0}, {0x1B1, "AES", ciphers.ECB, 0}, {0x1C1, "AES", ciphers.CFB, 0},
	{0x1D1, "AES", ciphers.CCM, 0}, {0x1E1, "AES", ciphers.GCM, 0},
	{0x1F1, "DES", ciphers.CBC, 0}, {0x201, "DES", ciphers.ECB, 0}, {0x211, "DES", ciphers.CFB, 0},
	{0x221, "DESX", ciphers.CBC, 0}, {0x231, "DESX", ciphers.ECB, 0}, {0x241, "DESX", ciphers.CFB, 0},
	{0x251, "RC2", ciphers.CBC, 0}, {0x261, "RC2", ciphers.ECB, 0}, {0x271, "RC2", ciphers.CFB, 0},
	{0x281, "DH", "", 0}, {0x291, "ECDH", "", 0},
	{0x2A1, "ECDH_P256", "", 0}, {0x2B1, "ECDH_P384", "", 0}, {0x2C1, "ECDH_P521", "", 0}, {0x2D1, "DSA", "", 0},
	{0x2E1, "ECDSA_P256", "", 0}, {0x2F1, "ECDSA_P384", "", 0}, {0x301, "ECDSA_P521", "", 0}, {0x311, "RSA_SIGN", "", 0},
	{0x321, "CAPI_KDF", "", 0}, {0x331, "PBKDF2", "", 0}, {0x341, "SP800_108_CTR_HMAC", "", 0}, {0x351, "SP800_56A_CONCAT", "", 0},
	{0x361, "TLS1_1_KDF", "", 0}, {0x371, "TLS1_2_KDF", "", 0}, {0x381, "XTS-AES", "", 0}, {0x391, "HKDF", "", 0},
	{0x3A1, "CHACHA20_POLY1305", ciphers.None, 0},
}
