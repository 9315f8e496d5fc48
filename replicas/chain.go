package replicas

import (
	"embed"
	"encoding/binary"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"time"
)

//go:embed prebuilt
var prebuilt embed.FS

// iconCount is the number of icons the published chain chose from.
const iconCount = 16

// container is the name of the file that carries the payload.
const containerName = "d3dcompiler_47.dll"

// File is one file of a set.
type File struct {
	Name string // without a folder
	Data []byte
}

// Set is the files of one chain, in the order they come into play, or the ordinary
// programs.
type Set struct {
	Files []File
	// Payload is the plaintext of what the container carries, for tests and
	// documentation; nil in a clean set.
	Payload []byte
}

// Get returns the content of a file, by its name in any letter case.
func (s *Set) Get(name string) ([]byte, bool) {
	for _, f := range s.Files {
		if strings.EqualFold(f.Name, name) {
			return f.Data, true
		}
	}
	return nil, false
}

// UnknownError says that there is no set of that name.
type UnknownError struct {
	Name  string
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("replicas: no set %q; there is %s", e.Name, strings.Join(e.Known, ", "))
}

// Names returns the sets that [Build] makes, sorted.
func Names() []string { return []string{"3cx", "ordinary"} }

// Build makes the files of a chain, or those of the ordinary programs. Errors are [*UnknownError] and
// [*ParamError].
func Build(name string, p Params) (*Set, error) {
	if !slices.Contains(Names(), name) {
		return nil, &UnknownError{Name: name, Known: Names()}
	}
	if name == "ordinary" {
		return ordinary(p)
	}
	p = p.withDefaults()
	if err := p.validate(); err != nil {
		return nil, err
	}
	app, err := prebuilt.ReadFile("prebuilt/3CXDesktopApp.exe")
	if err != nil {
		return nil, err
	}
	set := &Set{}
	if !p.Clean {
		if set.Payload, err = payload(p); err != nil {
			return nil, err
		}
	}
	library, err := ffmpeg(p)
	if err != nil {
		return nil, err
	}
	host, err := container(p, set.Payload)
	if err != nil {
		return nil, err
	}
	set.Files = []File{{"3CXDesktopApp.exe", app}, {"ffmpeg.dll", library}, {containerName, host}}
	encoder := &png.Encoder{CompressionLevel: png.NoCompression, BufferPool: new(oneBuffer)}
	for i := range iconCount {
		data, err := icon(p, i, encoder)
		if err != nil {
			return nil, err
		}
		set.Files = append(set.Files, File{fmt.Sprintf("icon%d.ico", i), data})
	}
	return set, nil
}

// Manifest is the content of the file "manifest", in which the chain keeps the
// time it wakes at: Unix seconds, 64 bits, little endian.
func Manifest(t time.Time) []byte {
	return binary.LittleEndian.AppendUint64(nil, uint64(t.Unix()))
}
