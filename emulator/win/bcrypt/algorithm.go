package bcrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"strings"

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
	aesModes = []ciphers.Mode{ciphers.CBC, ciphers.ECB, ciphers.CFB, ciphers.GCM}
	desModes = []ciphers.Mode{ciphers.CBC, ciphers.ECB, ciphers.CFB}
)

var algorithms = []algorithm{
	{name: "3DES", object: 522, keys: keyLengths{192, 192, 0}, newBlock: des.NewTripleDESCipher, modes: desModes},
	{name: "AES", object: 654, keys: keyLengths{128, 256, 64}, newBlock: aes.NewCipher, modes: aesModes},
	{name: "DES", object: 266, keys: keyLengths{64, 64, 0}, newBlock: des.NewCipher, modes: desModes},
	{name: "ECDH_P256", public: public{curve: 256, other: true}},
	{name: "ECDH_P384", public: public{curve: 384, other: true}},
	{name: "ECDH_P521", public: public{curve: 521, other: true}},
	{name: "ECDSA_P256", public: public{curve: 256, signs: true}},
	{name: "ECDSA_P384", public: public{curve: 384, signs: true}},
	{name: "ECDSA_P521", public: public{curve: 521, signs: true}},
	{name: "MD4", object: 270, newHash: ciphers.NewMD4},
	{name: "MD5", object: 274, newHash: md5.New},
	{name: "PBKDF2", keys: keyLengths{0, 8192, 8}, modes: []ciphers.Mode{ciphers.None}},
	{name: "RC4", object: 654, keys: keyLengths{8, 512, 8}, modes: []ciphers.Mode{ciphers.None}},
	{name: "RNG"},
	{name: "RSA", public: public{rsa: true, signs: true, other: true}},
	{name: "RSA_SIGN", public: public{rsa: true, signs: true}},
	{name: "SHA1", object: 278, newHash: sha1.New},
	{name: "SHA256", object: 286, newHash: sha256.New},
	{name: "SHA384", object: 382, newHash: sha512.New384},
	{name: "SHA512", object: 382, newHash: sha512.New},
}

// unmodelled are identifiers that Windows has too.
var unmodelled = []string{
	"3DES_112", "AES-CMAC", "AES-GMAC", "CAPI_KDF", "CHACHA20_POLY1305", "DESX", "DH", "DSA", "DUALECRNG",
	"ECDH", "ECDSA", "FIPS186DSARNG",
	"HKDF", "MD2", "RC2", "SP800_108_CTR_HMAC", "SP800_56A_CONCAT", "TLS1_1_KDF", "TLS1_2_KDF", "XTS-AES",
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
		if strings.EqualFold(u, name) {
			return true
		}
	}
	return false
}

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
// of bcrypt.h, for which nothing has to be opened.
func pseudo(handle uint64) *provider {
	for _, p := range pseudoHandles {
		if p.handle == handle {
			return &provider{algorithm: find(p.name), mode: p.mode, flags: p.flags, pseudo: true}
		}
	}
	return nil
}

var pseudoHandles = []struct {
	handle uint64
	name   string
	mode   ciphers.Mode
	flags  uint32
}{
	{0x21, "MD5", "", 0}, {0x31, "SHA1", "", 0}, {0x41, "SHA256", "", 0}, {0x51, "SHA384", "", 0}, {0x61, "SHA512", "", 0},
	{0x71, "RC4", ciphers.None, 0}, {0x81, "RNG", "", 0},
	{0x91, "MD5", "", hmacFlag}, {0xA1, "SHA1", "", hmacFlag}, {0xB1, "SHA256", "", hmacFlag},
	{0xC1, "SHA384", "", hmacFlag}, {0xD1, "SHA512", "", hmacFlag},
	{0x141, "3DES", ciphers.CBC, 0}, {0x151, "3DES", ciphers.ECB, 0}, {0x161, "3DES", ciphers.CFB, 0},
	{0x1A1, "AES", ciphers.CBC, 0}, {0x1B1, "AES", ciphers.ECB, 0}, {0x1C1, "AES", ciphers.CFB, 0}, {0x1E1, "AES", ciphers.GCM, 0},
	{0x11, "MD4", "", 0}, {0x131, "MD4", "", hmacFlag}, {0xE1, "RSA", "", 0}, {0x301, "RSA_SIGN", "", 0},
	{0x2A1, "ECDH_P256", "", 0}, {0x2B1, "ECDH_P384", "", 0}, {0x2C1, "ECDH_P521", "", 0},
	{0x2D1, "ECDSA_P256", "", 0}, {0x2E1, "ECDSA_P384", "", 0}, {0x2F1, "ECDSA_P521", "", 0}, {0x331, "PBKDF2", "", 0},
}
