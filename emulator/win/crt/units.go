package crt

import "encoding/binary"

// Text as it is stored, and the code units that the engine of printf works on.

func narrowUnits(b []byte) []uint16 {
	units := make([]uint16, len(b))
	for i, ch := range b {
		units[i] = uint16(ch)
	}
	return units
}

func wideUnits(b []byte) []uint16 {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return units
}

// narrowBytes is its inverse; the engine made sure that units are bytes.
func narrowBytes(units []uint16) []byte {
	b := make([]byte, len(units))
	for i, ch := range units {
		b[i] = byte(ch)
	}
	return b
}

func wideBytes(units []uint16) []byte {
	b := make([]byte, 0, 2*len(units))
	for _, ch := range units {
		b = binary.LittleEndian.AppendUint16(b, ch)
	}
	return b
}
