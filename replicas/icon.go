package replicas

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
)

const iconSize = 32 // pixels, both ways

// oneBuffer keeps the encoder's working memory from one icon to the next: it is
// a megabyte, and making it takes longer than the picture.
type oneBuffer struct{ buffer *png.EncoderBuffer }

func (o *oneBuffer) Get() *png.EncoderBuffer  { return o.buffer }
func (o *oneBuffer) Put(b *png.EncoderBuffer) { o.buffer = b }

// icon returns one of the 16 icons: a valid ICO that holds a PNG, and behind
// the PNG, unless the set is clean, "$" and the base64 of the sealed C2 URL.
func icon(p Params, index int, encoder *png.Encoder) ([]byte, error) {
	picture, err := drawing(index, encoder)
	if err != nil {
		return nil, err
	}
	// ICONDIR and one ICONDIRENTRY.
	data := []byte{0, 0, 1, 0, 1, 0, iconSize, iconSize, 0, 0, 1, 0, 32, 0}
	data = binary.LittleEndian.AppendUint32(data, uint32(len(picture)))
	data = binary.LittleEndian.AppendUint32(data, uint32(len(data)+4))
	data = append(data, picture...)
	if p.Clean {
		return data, nil
	}
	sealed, err := seal(p, index)
	if err != nil {
		return nil, err
	}
	data = append(data, '$')
	return base64.StdEncoding.AppendEncode(data, sealed), nil
}

// seal encrypts the C2 URL in the published layout: a prefix of 4 bytes, the
// GCM tag, the ciphertext. Go puts the tag last.
func seal(p Params, index int) ([]byte, error) {
	block, err := aes.NewCipher(p.GCMKey)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	sealed := gcm.Seal(nil, p.GCMNonce, []byte(p.C2URL), nil)
	text, tag := sealed[:len(p.C2URL)], sealed[len(p.C2URL):]
	prefix := sha256.Sum256([]byte{byte(index)})
	return bytes.Join([][]byte{prefix[:4], tag, text}, nil), nil
}

// drawing is a plain disc; its colour tells the icons apart.
func drawing(index int, encoder *png.Encoder) ([]byte, error) {
	picture := image.NewNRGBA(image.Rect(0, 0, iconSize, iconSize))
	fill := color.NRGBA{R: uint8(index * 16), G: 96, B: uint8(255 - index*16), A: 255}
	for y := range iconSize {
		for x := range iconSize {
			if dx, dy := 2*x-iconSize+1, 2*y-iconSize+1; dx*dx+dy*dy < iconSize*iconSize {
				picture.SetNRGBA(x, y, fill)
			}
		}
	}
	var b bytes.Buffer
	err := encoder.Encode(&b, picture)
	return b.Bytes(), err
}
