// Package pefile patches the few fields of a PE32+ file that a replica needs
// changed after it was linked. It reads only files that our own build made, so
// it is no loader: loaders/pe is the parser for samples.
package pefile

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Offsets within the optional header of a PE32+ file (Microsoft, "PE Format").
const (
	optionalHeader = 24 // behind the signature and the file header
	checkSum       = optionalHeader + 64
	directories    = optionalHeader + 112
)

// CertificateDirectory is the index of the data directory of certificates.
const CertificateDirectory = 4

// A File is a PE32+ file in memory. Its methods change Data in place.
type File struct {
	Data   []byte
	header int // offset of "PE\0\0"
}

// Open checks that data starts with the headers of a PE32+ file.
func Open(data []byte) (*File, error) {
	if len(data) < 64 || data[0] != 'M' || data[1] != 'Z' {
		return nil, errors.New("pefile: no MZ header")
	}
	h := int(binary.LittleEndian.Uint32(data[60:]))
	if h < 64 || h > len(data)-directories-16*8 || string(data[h:h+4]) != "PE\x00\x00" {
		return nil, fmt.Errorf("pefile: no PE header at %#x", h)
	}
	if magic := binary.LittleEndian.Uint16(data[h+optionalHeader:]); magic != 0x20B {
		return nil, fmt.Errorf("pefile: optional header magic %#x, not PE32+", magic)
	}
	return &File{Data: data, header: h}, nil
}

// Directory returns a data directory's address (an RVA; for certificates a file
// offset) and its size in bytes.
func (f *File) Directory(index int) (address, size uint32) {
	at := f.header + directories + 8*index
	return binary.LittleEndian.Uint32(f.Data[at:]), binary.LittleEndian.Uint32(f.Data[at+4:])
}

// SetDirectorySize changes the size of a data directory.
func (f *File) SetDirectorySize(index int, size uint32) {
	binary.LittleEndian.PutUint32(f.Data[f.header+directories+8*index+4:], size)
}

// SetChecksum computes the image checksum, as ImageHlp's CheckSumMappedFile
// does, and stores it.
func (f *File) SetChecksum() {
	at := f.header + checkSum
	binary.LittleEndian.PutUint32(f.Data[at:], 0)
	var sum uint32
	for i := 0; i < len(f.Data); i += 2 {
		word := uint32(f.Data[i])
		if i+1 < len(f.Data) {
			word |= uint32(f.Data[i+1]) << 8
		}
		sum += word
		sum = sum&0xFFFF + sum>>16
	}
	binary.LittleEndian.PutUint32(f.Data[at:], sum+uint32(len(f.Data)))
}

// dosText is where the message of the linker's DOS stub starts; its code takes
// 14 bytes behind the 64 of the MZ header.
const dosText = 64 + 14

// SetDOSText replaces the message of the DOS stub. It must fit in front of the
// PE header with the line end and the "$" that MS-DOS wants.
func (f *File) SetDOSText(text string) error {
	room := f.Data[dosText:f.header]
	text += "\r\r\n$"
	if len(text) > len(room) {
		return fmt.Errorf("pefile: a DOS text of %d bytes, room for %d", len(text), len(room))
	}
	clear(room[copy(room, text):])
	return nil
}
