package ciphers

import (
	"encoding/hex"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Decryption is a decryption an API was asked for.
type Decryption struct {
	API       string // "BCryptDecrypt"
	Algorithm string // "AES"
	Mode      Mode
	Key, IV   []byte // IV is as it was before the call, or the nonce
	Input     []byte
	Plain     []byte // without padding
	Verified  bool   // an authentication tag matched
	Failed    bool   // an authentication tag or the padding did not match: there is no plaintext
}

// Record emits the behaviour and remembers the plaintext, in case it is
// executed. A successful stream decryption of nothing is not recorded.
func (d *Decryption) Record(c *win.Call) {
	if len(d.Input) == 0 && !d.Failed && !d.Verified {
		return
	}
	b := trace.CryptoDecrypt{
		API: d.API, Algorithm: d.Algorithm, Mode: string(d.Mode),
		KeyHex: hex.EncodeToString(d.Key), IVHex: hex.EncodeToString(d.IV),
		InputSize: len(d.Input), Verified: d.Verified,
	}
	if !d.Failed {
		b.Size, b.Text, b.SHA256 = len(d.Plain), shortText(d.Plain), trace.SHA256(d.Plain)
		b.Artifact = c.Recorder.Artifact(b.Kind(), "plaintext.bin", d.Plain)
		c.NoteDecrypt(d.API, d.cipher(), d.Key, d.Input, d.Plain)
	}
	c.Emit(b)
}

// cipher names algorithm and mode as payload.decrypted does: "aes-cbc", "rc4".
func (d *Decryption) cipher() string {
	name := strings.ToLower(d.Algorithm)
	if d.Mode != None {
		name += "-" + strings.ToLower(string(d.Mode))
	}
	return name
}

// shortText is the data as text, where it is short and printable: as it is, or
// as UTF-16.
func shortText(data []byte) string {
	const most = 512
	if len(data) == 0 || len(data) > most {
		return ""
	}
	text := strings.TrimRight(string(data), "\x00")
	if len(data) >= 4 && len(data)%2 == 0 && data[1] == 0 && data[3] == 0 {
		text = strings.TrimRight(string(guest.AppendUTF8(nil, data)), "\x00")
	}
	for _, r := range text {
		if (r < ' ' || r > '~') && !strings.ContainsRune("\r\n\t", r) {
			return ""
		}
	}
	return text
}
