package main

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

var le = binary.LittleEndian

// view reads an image by relative virtual addresses.
type view struct{ sections []*pe.Section }

func (v view) at(rva uint32) []byte {
	for _, s := range v.sections {
		if rva >= s.VirtualAddress && rva-s.VirtualAddress < s.Size {
			if data, err := s.Data(); err == nil {
				return data[rva-s.VirtualAddress:]
			}
		}
	}
	return make([]byte, 8)
}

func (v view) executable(rva uint32) bool {
	const memExecute = 0x20000000
	for _, s := range v.sections {
		if rva >= s.VirtualAddress && rva-s.VirtualAddress < s.VirtualSize {
			return s.Characteristics&memExecute != 0
		}
	}
	return false
}

// exportDirectory lists what a DLL of Wine exports. Names of Wine's own are
// left out.
func exportDirectory(image []byte) ([]export, error) {
	f, err := pe.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	header, ok := f.OptionalHeader.(*pe.OptionalHeader64)
	if !ok {
		return nil, errors.New("not a 64-bit image")
	}
	v := view{f.Sections}
	directory := header.DataDirectory[0]
	d := v.at(directory.VirtualAddress)
	if directory.Size < 40 || len(d) < 40 {
		return nil, errors.New("no export directory")
	}
	base, functions, names := le.Uint32(d[16:]), le.Uint32(d[20:]), le.Uint32(d[24:])
	addresses, nameTable, ordinals := v.at(le.Uint32(d[28:])), v.at(le.Uint32(d[32:])), v.at(le.Uint32(d[36:]))
	if uint64(len(addresses)) < 4*uint64(functions) || uint64(len(nameTable)) < 4*uint64(names) || uint64(len(ordinals)) < 2*uint64(names) {
		return nil, errors.New("the tables of exports are cut short")
	}
	named := map[uint32]bool{}
	var list []export
	add := func(name string, i uint32) {
		rva := le.Uint32(addresses[4*i:])
		if rva == 0 || strings.HasPrefix(name, "wine") || strings.HasPrefix(name, "__wine") {
			return
		}
		forwarder := rva >= directory.VirtualAddress && rva-directory.VirtualAddress < directory.Size
		list = append(list, export{name, base + i, !forwarder && !v.executable(rva)})
	}
	for n := range names {
		i := uint32(le.Uint16(ordinals[2*n:]))
		if i >= functions {
			return nil, fmt.Errorf("name %d has no address", n)
		}
		named[i] = true
		add(text(v.at(le.Uint32(nameTable[4*n:]))), i)
	}
	for i := range functions {
		if !named[i] {
			add("", i)
		}
	}
	return list, nil
}

// apiSet is a contract and the DLL that implements it.
type apiSet struct{ contract, host string }

// apiSetSchema reads the schema in a DLL of Wine: the section .apiset holds an
// API_SET_NAMESPACE of version 6, as Windows 10 has it. Of a contract's name
// only what stands before the last hyphen counts.
func apiSetSchema(image []byte) ([]apiSet, error) {
	f, err := pe.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	section := f.Section(".apiset")
	if section == nil {
		return nil, errors.New("no section .apiset")
	}
	b, err := section.Data()
	if err != nil {
		return nil, err
	}
	word := func(at uint32) uint32 { return le.Uint32(b[at:]) }
	wide := func(at, size uint32) string {
		units := make([]uint16, size/2)
		for i := range units {
			units[i] = le.Uint16(b[at+2*uint32(i):])
		}
		return string(utf16.Decode(units))
	}
	if version := word(0); version != 6 {
		return nil, fmt.Errorf("schema version %d", version)
	}
	var sets []apiSet
	count, entries := word(12), word(16)
	for i := range count {
		e := entries + 24*i
		s := apiSet{contract: strings.ToLower(wide(word(e+4), word(e+12)))}
		if word(e+20) > 0 {
			value := word(e + 16)
			s.host = strings.ToLower(wide(word(value+12), word(value+16)))
		}
		sets = append(sets, s)
	}
	return sets, nil
}
