package replicas

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Keys returns the keys that [Params.Set] takes, sorted.
func Keys() []string {
	return []string{
		"answer", "c2_url", "cipher", "clean", "event", "gate", "gcm_key", "gcm_nonce", "icon_url", "key", "marker", "place",
	}
}

// Set changes one parameter from its textual form, as a scenario or the command
// line gives it. An unknown key or a value of the wrong form is a [*ParamError];
// whether the values fit together is for [Build] to say.
//
//	key               text, or hex digits after 0x
//	marker            hex digits; spaces between them and a leading 0x are allowed
//	gcm_key, gcm_nonce   the same
//	gate              "none", or a minimum and a spread in seconds: "604800s+1800000s"
//	clean             "true" or "false"
//	cipher            "rc4", "xor", "aes-cbc"
//	place             "certificate", "overlay", "resource"
//	others            text
func (p *Params) Set(key, value string) (err error) {
	if !slices.Contains(Keys(), key) {
		return &ParamError{Key: key, Value: value, Reason: "no such parameter; there are " + strings.Join(Keys(), ", ")}
	}
	if value == "" {
		return &ParamError{Key: key, Value: value, Reason: "empty", Hint: "leave it out for the default"}
	}
	switch key {
	case "answer":
		p.Answer = value
	case "c2_url":
		p.C2URL = value
	case "cipher":
		p.Cipher = Cipher(value)
		return validateCipherName(p.Cipher)
	case "clean":
		p.Clean, err = parseBool(key, value)
	case "event":
		p.Event = value
	case "gate":
		p.Gate, err = parseGate(value)
	case "gcm_key":
		p.GCMKey, err = parseHex(key, value)
	case "gcm_nonce":
		p.GCMNonce, err = parseHex(key, value)
	case "icon_url":
		p.IconURL = value
	case "key":
		p.Key, err = parseKey(value)
	case "marker":
		p.Marker, err = parseHex(key, value)
	case "place":
		p.Place = Place(value)
		return validatePlace(*p)
	}
	return err
}

func parseBool(key, value string) (bool, error) {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return false, &ParamError{Key: key, Value: value, Reason: "neither true nor false"}
	}
	return b, nil
}

func parseKey(value string) ([]byte, error) {
	if strings.HasPrefix(value, "0x") {
		return parseHex("key", value)
	}
	return []byte(value), nil
}

func parseHex(key, value string) ([]byte, error) {
	digits := strings.ReplaceAll(strings.TrimPrefix(value, "0x"), " ", "")
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) == 0 {
		return nil, &ParamError{Key: key, Value: value, Reason: "not an even number of hex digits"}
	}
	return b, nil
}

func parseGate(value string) (Gate, error) {
	if value == "none" {
		return Gate{None: true}, nil
	}
	least, spread, found := strings.Cut(value, "+")
	g := Gate{}
	var err error
	if g.Min, err = time.ParseDuration(least); err == nil && found {
		g.Spread, err = time.ParseDuration(spread)
	}
	if err == nil {
		err = validateGate(Params{Gate: g})
	}
	if err != nil {
		return Gate{}, &ParamError{Key: "gate", Value: value, Reason: "not a minimum and a spread in whole seconds",
			Hint: `"none" or, for example, 604800s+1800000s`}
	}
	if g == (Gate{}) {
		return Gate{None: true}, nil // a gate of no time; the zero value would mean the default
	}
	return g, nil
}

func validateCipherName(c Cipher) error {
	switch c {
	case RC4, XOR, AESCBC:
		return nil
	}
	return &ParamError{Key: "cipher", Value: string(c), Reason: "no such cipher",
		Hint: fmt.Sprintf("%s, %s or %s", RC4, XOR, AESCBC)}
}
