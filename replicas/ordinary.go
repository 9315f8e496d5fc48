package replicas

import (
	"image/png"
	"reflect"
	"strings"
)

// tagSize is how much room an installer's tag has in the certificate table;
// those of browsers have 8 KiB, of which a line is used.
const tagSize = 8 << 10

// ordinary is the set of programs that are nothing but ordinary: each resembles
// some part of a chain, and rules that fire on one are false positives.
func ordinary(p Params) (*Set, error) {
	if !reflect.DeepEqual(p, Params{}) {
		return nil, &ParamError{Key: "set", Value: "ordinary", Reason: "the ordinary programs have no parameters"}
	}
	set := &Set{}
	for _, name := range []string{"updater.exe", "player.exe", "ffmpeg.clean.dll", "packed.exe", "setup.exe", "admin.exe"} {
		data, err := prebuilt.ReadFile("prebuilt/" + name)
		if err != nil {
			return nil, err
		}
		if name == "setup.exe" {
			if data, err = inCertificate(data, tag("sidetrace-tag:campaign=spring&lang=en-GB")); err != nil {
				return nil, err
			}
		}
		set.Files = append(set.Files, File{strings.Replace(name, ".clean", "", 1), data})
	}
	data, err := icon(Params{Clean: true}, 0, &png.Encoder{CompressionLevel: png.NoCompression})
	if err != nil {
		return nil, err
	}
	set.Files = append(set.Files, File{"app.ico", data})
	return set, nil
}

// tag is a line of text with zeros behind it.
func tag(text string) []byte { return append([]byte(text), make([]byte, tagSize-len(text))...) }
