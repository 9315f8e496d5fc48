package replicas

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rc4"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"sidetrace/loaders"
	"sidetrace/loaders/pe"
)

// mustBuild builds the 3CX set.
func mustBuild(t *testing.T, p Params) *Set {
	t.Helper()
	set, err := Build("3cx", p)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func mustGet(t *testing.T, set *Set, name string) []byte {
	t.Helper()
	data, ok := set.Get(name)
	if !ok {
		t.Fatalf("the set has no %s", name)
	}
	return data
}

func mustParse(t *testing.T, data []byte) *loaders.Image {
	t.Helper()
	image, err := pe.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// readConfiguration finds the block as a reader of the file would.
func readConfiguration(t *testing.T, library []byte) configuration {
	t.Helper()
	at := bytes.Index(library, []byte("SIDETRACE-UNPACK"))
	if at < 0 {
		t.Fatal("no configuration block")
	}
	var c configuration
	if _, err := binary.Decode(library[at:], binary.LittleEndian, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// recovered does what the unpack step does, from the two files alone.
func recovered(t *testing.T, library, host []byte) (plain []byte, blob loaders.Range) {
	t.Helper()
	c := readConfiguration(t, library)
	marker, key := c.Marker[:c.MarkerSize], c.Key[:c.KeySize]
	at := bytes.Index(host, marker)
	if at < 0 {
		t.Fatal("no marker in the container")
	}
	n := int(binary.LittleEndian.Uint32(host[at+len(marker):]))
	from := at + len(marker) + 4
	data := bytes.Clone(host[from : from+n])
	switch c.Cipher {
	case 1:
		stream, err := rc4.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		stream.XORKeyStream(data, data)
	case 2:
		for i := range data {
			data[i] ^= key[i%len(key)]
		}
	case 3:
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		cipher.NewCBCDecrypter(block, c.IV[:]).CryptBlocks(data, data)
		data = data[:n-int(data[n-1])]
	default:
		t.Fatalf("cipher %d", c.Cipher)
	}
	return data, loaders.Range{Offset: uint32(at), Size: uint32(from + n - at)}
}

// inside says that the blob lies in the range.
func inside(blob, r loaders.Range) bool {
	return blob.Offset >= r.Offset && blob.Offset+blob.Size <= r.Offset+r.Size
}

func TestContainer(t *testing.T) {
	keys := map[Cipher][]string{RC4: {"", "k"}, XOR: {"", strings.Repeat("x", 32)}, AESCBC: {"", strings.Repeat("a", 32)}}
	places := map[Place]func(*loaders.Image) loaders.Range{
		Certificate: func(i *loaders.Image) loaders.Range { return i.Certificates.Entries[0].Appended },
		Overlay:     func(i *loaders.Image) loaders.Range { return i.Overlay },
		Resource: func(i *loaders.Image) loaders.Range {
			for _, r := range i.Resources {
				if r.Type == "10" {
					return r.File
				}
			}
			return loaders.Range{}
		},
	}
	for algorithm, texts := range keys {
		for place, where := range places {
			for _, key := range texts {
				t.Run(string(algorithm)+" in "+string(place)+" key "+key, func(t *testing.T) {
					set := mustBuild(t, Params{Cipher: algorithm, Place: place, Key: []byte(key)})
					host := mustGet(t, set, "d3dcompiler_47.dll")
					got, blob := recovered(t, mustGet(t, set, "ffmpeg.dll"), host)
					if !bytes.Equal(got, set.Payload) {
						t.Errorf("recovered %d bytes that differ from the payload's %d", len(got), len(set.Payload))
					}
					if r := where(mustParse(t, host)); !inside(blob, r) {
						t.Errorf("blob at %+v, outside of %+v", blob, r)
					}
					if bytes.Contains(host, []byte(payloadMagic)) && algorithm != XOR {
						t.Error("the payload's magic stands in the container in clear")
					}
				})
			}
		}
	}
}

// A wrong key must not recover the payload: the test above can fail.
func TestContainerWrongKey(t *testing.T) {
	set := mustBuild(t, Params{})
	other := mustBuild(t, Params{Key: []byte("another key")})
	got, _ := recovered(t, mustGet(t, other, "ffmpeg.dll"), mustGet(t, set, "d3dcompiler_47.dll"))
	if bytes.Equal(got, set.Payload) {
		t.Error("another key recovers the payload")
	}
}

func TestConfiguration(t *testing.T) {
	set := mustBuild(t, Params{Event: "Ünïque", Marker: []byte{1, 2, 3, 4, 5, 6, 7}})
	c := readConfiguration(t, mustGet(t, set, "ffmpeg.dll"))
	if got, want := binary.Size(c), 348; got != want {
		t.Errorf("the block has %d bytes, want %d", got, want)
	}
	text := func(units []uint16) string {
		s, _, _ := strings.Cut(string(utf16.Decode(units)), "\x00")
		return s
	}
	got := []string{text(c.Event[:]), text(c.Container[:]), string(c.Key[:c.KeySize]), string(c.Marker[:c.MarkerSize])}
	want := []string{"Ünïque", "d3dcompiler_47.dll", "3jB(2bsG#@c7", "\x01\x02\x03\x04\x05\x06\x07"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event, container, key, marker (-want +got):\n%s", diff)
	}
}

func TestPayload(t *testing.T) {
	data := mustBuild(t, Params{C2URL: "https://c2.example/a?b=1&c=2", IconURL: "https://i.example/%d?x&y"}).Payload
	var h payloadHeader
	if _, err := binary.Decode(data, binary.LittleEndian, &h); err != nil {
		t.Fatal(err)
	}
	if got, want := h.CRC32, crc32.ChecksumIEEE(data[16:]); got != want {
		t.Errorf("checksum %#x, want %#x", got, want)
	}
	if h.Stub != 40 || h.Image%16 != 0 || h.Image+h.ImageSize != uint32(len(data)) {
		t.Errorf("layout %+v in %d bytes", h, len(data))
	}
	got := string(data[h.Parameters : h.Parameters+h.ParametersSize])
	want := `{"manifest":"manifest","gate_min_s":604800,"gate_spread_s":1800000,"icon_url":"https://i.example/%d?x&y","icons":16,` +
		`"gcm_key":"62656e69676e20736964657472616365207265706c6963612069636f6e206b65",` +
		`"gcm_nonce":"7369646574726163652d6763","answer":"shell"}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if !json.Valid([]byte(got)) {
		t.Error("the parameters are not JSON")
	}
	image := mustParse(t, data[h.Image:])
	if got := image.Exports.Name; got != "samcli.dll" {
		t.Errorf("inner image is %q", got)
	}
	for _, s := range image.Sections {
		if s.File.Offset != s.RVA {
			t.Errorf("section %s is not flat: file %#x, RVA %#x", s.Name, s.File.Offset, s.RVA)
		}
	}
	if len(image.Relocations) != 0 {
		t.Errorf("inner image has %d relocations", len(image.Relocations))
	}
}

func TestGateNone(t *testing.T) {
	data := mustBuild(t, Params{Gate: Gate{None: true}}).Payload
	if want := []byte(`"gate_min_s":0,"gate_spread_s":0`); !bytes.Contains(data, want) {
		t.Errorf("parameters without %s", want)
	}
}

func TestMarkerInHost(t *testing.T) {
	_, err := Build("3cx", Params{Marker: []byte("MZ")})
	if err == nil || !strings.Contains(err.Error(), "stands in the container already, at offset 0x0") {
		t.Errorf("got %v", err)
	}
}
