package replicas

import "time"

// Cipher is how the payload is encrypted inside its container.
type Cipher string

const (
	RC4    Cipher = "rc4"     // as published
	XOR    Cipher = "xor"     // repeating key
	AESCBC Cipher = "aes-cbc" // AES-128 or AES-256, PKCS #7 padding, IV derived from the key
)

// Place is where in d3dcompiler_47.dll the payload lies.
type Place string

const (
	Certificate Place = "certificate" // behind the PKCS #7 inside the certificate table, as published
	Overlay     Place = "overlay"     // behind the end of the unsigned file
	Resource    Place = "resource"    // in an RCDATA resource of the unsigned file
)

// Gate is how long the payload stays dormant after its first run: Min plus a
// random part of up to Spread. The zero value is the published gate, one week
// plus up to 1,800,000 seconds.
type Gate struct {
	Min, Spread time.Duration // whole seconds, not negative
	None        bool          // no gate at all; Min and Spread must then be zero
}

// Params are the parameters of a set. The zero value gives the published
// indicators, which is what published rules look for.
type Params struct {
	// Key is the cipher's key, 1 to 32 bytes; for AES-CBC 16 or 32. Default:
	// the published "3jB(2bsG#@c7", for AES-CBC "sidetrace-aeskey".
	Key []byte
	// Marker is what the payload is found by, 1 to 16 bytes. Default: the
	// published FE ED FA CE FE ED FA CE.
	Marker []byte
	// Event names the event that keeps a second instance from starting, at most
	// 63 UTF-16 units. Default: the published AVMonitorRefreshEvent.
	Event string
	// IconURL is where the icons are fetched; %d, once, stands for 0 to 15.
	// Default: the published address on raw.githubusercontent.com.
	IconURL string
	// C2URL is the address hidden in the icons. Default: a published one. Only
	// the emulator's canned network ever answers it.
	C2URL string
	// Gate is the time gate. Default: as published.
	Gate Gate
	// Cipher encrypts the payload. Default: RC4, as published.
	Cipher Cipher
	// Place is where the payload lies. Default: Certificate, as published.
	Place Place
	// GCMKey is the AES-256-GCM key of the icons, 32 bytes. Default: our own,
	// "benign sidetrace replica icon ke".
	GCMKey []byte
	// GCMNonce is the nonce of the icons, 12 bytes. Default: "sidetrace-gc".
	GCMNonce []byte
	// Answer is the word in the C2's answer that starts the last stage.
	// Default: "shell".
	Answer string
	// Clean gives the benign twin: ffmpeg.dll without the unpack step, a
	// container that contains nothing, icons that hide nothing.
	Clean bool
}

// Published and own defaults, as the fields of [Params] tell.
const (
	defaultKey      = "3jB(2bsG#@c7"
	defaultAESKey   = "sidetrace-aeskey"
	defaultMarker   = "\xFE\xED\xFA\xCE\xFE\xED\xFA\xCE"
	defaultEvent    = "AVMonitorRefreshEvent"
	defaultIconURL  = "https://raw.githubusercontent.com/IconStorages/images/main/icon%d.ico"
	defaultC2URL    = "https://glcloudservice.com/v1/console"
	defaultGCMKey   = "benign sidetrace replica icon ke"
	defaultGCMNonce = "sidetrace-gc"
	defaultAnswer   = "shell"
	defaultMin      = 604800 * time.Second
	defaultSpread   = 1800000 * time.Second
)

// withDefaults fills in what is zero.
func (p Params) withDefaults() Params {
	if p.Cipher == "" {
		p.Cipher = RC4
	}
	if p.Place == "" {
		p.Place = Certificate
	}
	if len(p.Key) == 0 {
		p.Key = []byte(defaultKey)
		if p.Cipher == AESCBC {
			p.Key = []byte(defaultAESKey)
		}
	}
	if len(p.Marker) == 0 {
		p.Marker = []byte(defaultMarker)
	}
	if p.Event == "" {
		p.Event = defaultEvent
	}
	if p.IconURL == "" {
		p.IconURL = defaultIconURL
	}
	if p.C2URL == "" {
		p.C2URL = defaultC2URL
	}
	if p.Gate == (Gate{}) {
		p.Gate = Gate{Min: defaultMin, Spread: defaultSpread}
	}
	if len(p.GCMKey) == 0 {
		p.GCMKey = []byte(defaultGCMKey)
	}
	if len(p.GCMNonce) == 0 {
		p.GCMNonce = []byte(defaultGCMNonce)
	}
	if p.Answer == "" {
		p.Answer = defaultAnswer
	}
	return p
}
