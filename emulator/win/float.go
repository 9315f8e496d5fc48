package win

import (
	"encoding/binary"
	"math"

	"sidetrace/emulator/trace"
)

// Floating-point parameters and results. The first four parameters of a
// function travel in XMM0 to XMM3 where they are of these types, and a result
// in XMM0.
//
// https://learn.microsoft.com/cpp/build/x64-calling-convention
type (
	Double float64
	Float  float32
)

func (Double) Format() trace.Format { return trace.Double }
func (Float) Format() trace.Format  { return trace.Float }

func (Double) Decode(c *Call, s uint64) Double { return Double(math.Float64frombits(c.float(s))) }
func (Float) Decode(c *Call, s uint64) Float   { return Float(math.Float32frombits(uint32(c.float(s)))) }

func (d Double) Raw() uint64   { return math.Float64bits(float64(d)) }
func (f Float) Raw() uint64    { return uint64(math.Float32bits(float32(f))) }
func (Double) Failure() uint64 { return 0 }
func (Float) Failure() uint64  { return 0 }

// float is the argument being decoded, from where a floating-point one lies.
func (c *Call) float(slot uint64) uint64 {
	if c.arg < 4 {
		v := c.CPU().XMM(c.arg)
		slot = binary.LittleEndian.Uint64(v[:])
		c.open.Arg(c.arg, slot)
	}
	return slot
}

// deliver puts a result where the guest looks for one of its type besides RAX.
func deliver[R Result](c *Call, r R) {
	switch any(r).(type) {
	case Double, Float:
		var v [16]byte
		binary.LittleEndian.PutUint64(v[:], r.Raw())
		c.CPU().SetXMM(0, v)
	}
}
