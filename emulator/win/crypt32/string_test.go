package crypt32_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/crypt32"
	"sidetrace/emulator/win/wintest"
)

const dll = "crypt32.dll"

// Formats of the tests.
const (
	header, plain, binary, hex, base64Any, anyFormat, hexAny, hexRaw, uri = 0, 1, 2, 4, 6, 7, 8, 12, 13
	noCRLF, noCR                                                          = 0x4000_0000, 0x8000_0000
)

func TestCryptStringToBinary(t *testing.T) {
	const pem = "-----BEGIN CERTIFICATE-----\r\nVVVV\r\n-----END CERTIFICATE-----\r\n"
	for _, tt := range []struct {
		text   string
		length uint64
		format uint64
		want   string
		skip   uint64
		used   uint64
		err    win.Error
	}{
		{"VVVV", 0, plain, "UUU", 0, plain, 0},
		{"VVVVgarbage!", 4, plain, "UUU", 0, plain, 0},
		{"VV\r\nVV  \t", 0, plain, "UUU", 0, plain, 0},
		{"VVV", 0, plain, "UU", 0, plain, 0},
		{"VV", 0, plain, "U", 0, plain, 0},
		{"V", 0, plain, "T", 0, plain, 0},
		{"VVV=", 0, plain, "UU", 0, plain, 0},
		{"VV==", 0, plain, "U", 0, plain, 0},
		{"V===", 0, plain, "T", 0, plain, 0},
		{"V========", 0, plain, "T", 0, plain, 0},
		{"VV==VVVV", 0, plain, "U", 0, plain, 0},
		{"VVVV=VVVV", 0, plain, "UUU", 0, plain, 0},
		{"VV=", 0, plain, "", 0, 0, win.ErrInvalidData},
		{"V==", 0, plain, "", 0, 0, win.ErrInvalidData},
		{"VV-V", 0, plain, "", 0, 0, win.ErrInvalidData},
		{"garbage\r\n!", 0, plain, "", 0, 0, win.ErrInvalidData},
		{"-_-_", 0, uri, "\xfb\xff\xbf", 0, uri, 0},
		{pem, 0, header, "UUU", 0, header, 0},
		{"junk " + pem, 0, base64Any, "UUU", 5, header, 0},
		{"VVVV", 0, base64Any, "UUU", 0, plain, 0},
		{"VVVV", 0, header, "", 0, 0, win.ErrInvalidData},
		{"-----BEGIN-----VVVV-----END-----", 0, header, "", 0, 0, win.ErrInvalidData},
		{"-----BEGIN -----VVVV-----END -----", 0, header, "UUU", 0, header, 0},
		{"-----BEGIN x-----VVVV", 0, header, "", 0, 0, win.ErrInvalidData},
		{"no base64!", 0, anyFormat, "no base64!", 0, binary, 0},
		{"48 65\r\n6C6c 6F\r\n", 0, hex, "Hello", 0, hex, 0},
		{"48656C6c6F", 0, hexRaw, "Hello", 0, hexRaw, 0},
		{"48 65", 0, hexRaw, "", 0, 0, win.ErrInvalidData},
		{"48 6", 0, hex, "", 0, 0, win.ErrInvalidData},
		{"4865", 0, hexAny, "He", 0, hex, 0},
		{"VVVV", 0, plain | noCR, "", 0, 0, win.ErrInvalidData},
	} {
		t.Run(strings.ReplaceAll(tt.text, "\r\n", "."), func(t *testing.T) {
			m := wintest.New(t, guest.Config{}, crypt32.Table())
			for _, api := range []string{"CryptStringToBinaryA", "CryptStringToBinaryW"} {
				text := m.AString(tt.text)
				if strings.HasSuffix(api, "W") {
					text = m.WString(tt.text)
				}
				size, skip, used, out := m.Alloc(4), m.Alloc(4), m.Alloc(4), m.Alloc(len(tt.want))
				ok, err, _ := m.Call(dll, api, text, tt.length, tt.format, 0, size, skip, used)
				if err != tt.err || (ok == 1) != (tt.err == 0) {
					t.Fatalf("%s: got %d, error %d, want error %d", api, ok, err, tt.err)
				}
				if err != 0 {
					continue
				}
				if n := m.Uint(size, 4); n != uint64(len(tt.want)) {
					t.Errorf("%s: size: got %d, want %d", api, n, len(tt.want))
				}
				if _, err, _ := m.Call(dll, api, text, tt.length, tt.format, out, m.Bytes([]byte{byte(len(tt.want) - 1), 0, 0, 0}), 0, 0); err != win.ErrMoreData {
					t.Errorf("%s: too small a buffer: error %d", api, err)
				}
				if got := m.Get(out, 1)[0]; got != '?' {
					t.Errorf("%s: too small a buffer was written to", api)
				}
				if ok, _, _ := m.Call(dll, api, text, tt.length, tt.format, out, size, skip, used); ok != 1 {
					t.Errorf("%s failed", api)
				}
				if got, want := string(m.Get(out, len(tt.want)+1)), tt.want+"?"; got != want {
					t.Errorf("%s: got %q, want %q", api, got, want)
				}
				if m.Uint(skip, 4) != tt.skip || m.Uint(used, 4) != tt.used {
					t.Errorf("%s: skip %d, format %d, want %d, %d", api, m.Uint(skip, 4), m.Uint(used, 4), tt.skip, tt.used)
				}
			}
		})
	}
}

func TestUnmodelledFormat(t *testing.T) {
	m := wintest.New(t, guest.Config{}, crypt32.Table())
	if _, err, _ := m.Call(dll, "CryptStringToBinaryA", m.AString("0000 41"), 0, 10, 0, m.Alloc(4), 0, 0); err != win.ErrInvalidData || len(m.Gaps()) != 1 {
		t.Errorf("got error %d, gaps %v", err, m.Gaps())
	}
}

func TestWideCharacter(t *testing.T) {
	m := wintest.New(t, guest.Config{}, crypt32.Table())
	if _, err, _ := m.Call(dll, "CryptStringToBinaryW", m.WString("VV€V"), 0, plain, 0, m.Alloc(4), 0, 0); err != win.ErrInvalidData {
		t.Errorf("got error %d, want %d", err, win.ErrInvalidData)
	}
}

func TestCryptBinaryToString(t *testing.T) {
	long := bytes.Repeat([]byte{'x'}, 50)
	longText := base64.StdEncoding.EncodeToString(long)
	for _, tt := range []struct {
		data   string
		format uint64
		want   string
	}{
		{"\x01\x02", plain, "AQI=\r\n"},
		{"\x01\x02", plain | noCR, "AQI=\n"},
		{"\x01\x02", plain | noCRLF, "AQI="},
		{"\x01\x02", header, "-----BEGIN CERTIFICATE-----\r\nAQI=\r\n-----END CERTIFICATE-----\r\n"},
		{string(long), plain, longText[:64] + "\r\n" + longText[64:] + "\r\n"},
		{string(long), plain | noCRLF, longText},
		{"Hello", hexRaw | noCRLF, "48656c6c6f"},
		{"Hello", hex | noCRLF, "48 65 6c 6c 6f"},
		{"0123456789abcdefg", hex, "30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66\r\n67\r\n"},
	} {
		m := wintest.New(t, guest.Config{}, crypt32.Table())
		data, size := m.Bytes([]byte(tt.data)), m.Alloc(4)
		n := uint64(len(tt.data))
		for api, text := range map[string][]byte{"CryptBinaryToStringA": guest.ANSI(tt.want), "CryptBinaryToStringW": guest.UTF16(tt.want)} {
			if ok, _, _ := m.Call(dll, api, data, n, tt.format, 0, size); ok != 1 || m.Uint(size, 4) != uint64(len(tt.want)+1) {
				t.Errorf("%s: size: got %d, want %d", api, m.Uint(size, 4), len(tt.want)+1)
			}
			out := m.Alloc(len(text))
			if _, err, _ := m.Call(dll, api, data, n, tt.format, out, m.Bytes([]byte{1, 0, 0, 0})); err != win.ErrMoreData {
				t.Errorf("%s: too small a buffer: error %d", api, err)
			}
			if ok, _, _ := m.Call(dll, api, data, n, tt.format, out, size); ok != 1 || m.Uint(size, 4) != uint64(len(tt.want)) {
				t.Errorf("%s: got %d, length %d, want %d", api, ok, m.Uint(size, 4), len(tt.want))
			}
			if got := m.Get(out, len(text)+1); !bytes.Equal(got, append(bytes.Clone(text), '?')) {
				t.Errorf("%s: got %q, want %q", api, got, text)
			}
		}
	}
	m := wintest.New(t, guest.Config{}, crypt32.Table())
	if _, err, _ := m.Call(dll, "CryptBinaryToStringA", 0, 0, plain, 0, m.Alloc(4)); err != win.ErrInvalidParameter {
		t.Errorf("no data: error %d", err)
	}
}
