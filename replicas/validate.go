package replicas

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf16"
)

// ParamError says which parameter cannot be used and why.
type ParamError struct {
	Key    string // as in [Params.Set]
	Value  string // as far as it can be printed
	Reason string
	Hint   string // what would be accepted; may be empty
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("replicas: %s %q: %s", e.Key, e.Value, e.Reason)
}

// Limits of the configuration block in ffmpeg.dll (src/unpack/unpack.c).
const (
	maxKey    = 32
	maxMarker = 16
	maxName   = 63 // UTF-16 units, without the terminator
	maxURL    = 1024
)

// validate checks parameters whose defaults have been filled in.
func (p Params) validate() (wrong error) {
	for _, check := range []func(Params) error{
		validateCipher, validatePlace, validateMarker, validateEvent, validateIconURL, validateC2URL, validateGate,
		validateGCM, validateAnswer,
	} {
		wrong = errors.Join(wrong, check(p))
	}
	return wrong
}

func validateCipher(p Params) error {
	switch p.Cipher {
	case RC4, XOR:
		if len(p.Key) > maxKey {
			return keyError(p.Key, fmt.Sprintf("%d bytes, at most %d fit", len(p.Key), maxKey), "")
		}
	case AESCBC:
		if len(p.Key) != 16 && len(p.Key) != 32 {
			return keyError(p.Key, fmt.Sprintf("%d bytes, AES-CBC takes 16 or 32", len(p.Key)),
				"give 16 or 32 characters, or 32 or 64 hex digits after 0x")
		}
	}
	return validateCipherName(p.Cipher)
}

func keyError(key []byte, reason, hint string) error {
	return &ParamError{Key: "key", Value: string(key), Reason: reason, Hint: hint}
}

func validatePlace(p Params) error {
	switch p.Place {
	case Certificate, Overlay, Resource:
		return nil
	}
	return &ParamError{Key: "place", Value: string(p.Place), Reason: "no such place", Hint: "certificate, overlay or resource"}
}

func validateMarker(p Params) error {
	if len(p.Marker) > maxMarker {
		return &ParamError{Key: "marker", Value: fmt.Sprintf("%x", p.Marker),
			Reason: fmt.Sprintf("%d bytes, at most %d fit", len(p.Marker), maxMarker)}
	}
	return nil
}

func validateEvent(p Params) error {
	fail := func(reason string) error { return &ParamError{Key: "event", Value: p.Event, Reason: reason} }
	if n := len(utf16.Encode([]rune(p.Event))); n > maxName {
		return fail(fmt.Sprintf("%d UTF-16 units, at most %d fit", n, maxName))
	}
	if strings.ContainsRune(p.Event, 0) {
		return fail("contains a NUL")
	}
	return nil
}

func validateIconURL(p Params) error {
	if strings.Count(p.IconURL, "%") != 1 || strings.Count(p.IconURL, "%d") != 1 {
		return &ParamError{Key: "icon_url", Value: p.IconURL, Reason: "must contain %d once and no other %",
			Hint: "%d stands for the number of the icon"}
	}
	return validateURL("icon_url", strings.Replace(p.IconURL, "%d", "0", 1))
}

func validateC2URL(p Params) error { return validateURL("c2_url", p.C2URL) }

func validateURL(key, value string) error {
	fail := func(reason string) error {
		return &ParamError{Key: key, Value: value, Reason: reason, Hint: "https://host/path"}
	}
	if len(value) > maxURL {
		return fail(fmt.Sprintf("%d bytes, at most %d fit", len(value), maxURL))
	}
	u, err := url.Parse(value)
	switch {
	case err != nil:
		return fail("not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return fail("neither http nor https")
	case u.Hostname() == "":
		return fail("no host")
	}
	return nil
}

func validateGate(p Params) error {
	g := p.Gate
	fail := func(reason string) error {
		return &ParamError{Key: "gate", Value: fmt.Sprintf("%v+%v", g.Min, g.Spread), Reason: reason,
			Hint: `"none", or minimum and spread in whole seconds: 604800s+1800000s`}
	}
	switch {
	case g.None && (g.Min != 0 || g.Spread != 0):
		return fail("no gate, and yet a time")
	case g.Min < 0 || g.Spread < 0:
		return fail("negative")
	case g.Min%time.Second != 0 || g.Spread%time.Second != 0:
		return fail("not whole seconds")
	}
	return nil
}

func validateGCM(p Params) error {
	if len(p.GCMKey) != 32 {
		return &ParamError{Key: "gcm_key", Value: fmt.Sprintf("%x", p.GCMKey),
			Reason: fmt.Sprintf("%d bytes, AES-256-GCM takes 32", len(p.GCMKey)), Hint: "64 hex digits"}
	}
	if len(p.GCMNonce) != 12 {
		return &ParamError{Key: "gcm_nonce", Value: fmt.Sprintf("%x", p.GCMNonce),
			Reason: fmt.Sprintf("%d bytes, a GCM nonce takes 12", len(p.GCMNonce)), Hint: "24 hex digits"}
	}
	return nil
}

func validateAnswer(p Params) error {
	if len(p.Answer) > maxName {
		return &ParamError{Key: "answer", Value: p.Answer,
			Reason: fmt.Sprintf("%d bytes, at most %d are taken", len(p.Answer), maxName)}
	}
	return nil
}
