package guest

import (
	"encoding/binary"
	"time"

	"sidetrace/emulator/cpu"
)

// BlockTime is the virtual time one basic block takes. It makes a processor of
// about two thousand million instructions a second out of the usual four or
// five instructions a block.
const BlockTime = 2 * time.Nanosecond

// CallTime is the virtual time an API call takes besides the blocks it runs,
// so that a loop which polls a clock comes to its end.
const CallTime = 500 * time.Nanosecond

// Uptime is how long the machine has been running when the program starts.
const Uptime = 3*time.Hour + 25*time.Minute

// Clock is the machine's virtual time. It advances with executed blocks, with
// API calls and with sleeps and waits, and with nothing else.
type Clock struct {
	start  time.Time
	cpu    *cpu.CPU
	offset time.Duration
	shared []byte // KUSER_SHARED_DATA
}

// Elapsed is the virtual time since the program started.
func (c *Clock) Elapsed() time.Duration {
	return c.offset + time.Duration(c.cpu.Blocks())*BlockTime
}

// Now is the virtual time of day, in UTC. Who asks for the time finds no earlier
// one in the shared page after.
func (c *Clock) Now() time.Time {
	c.publish()
	return c.now()
}

// SinceBoot is what tick counts count; see Now.
func (c *Clock) SinceBoot() time.Duration {
	c.publish()
	return c.sinceBoot()
}

func (c *Clock) now() time.Time           { return c.start.Add(c.Elapsed()) }
func (c *Clock) sinceBoot() time.Duration { return Uptime + c.Elapsed() }

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	if d > 0 {
		c.offset += d
	}
}

// FileTime is a time as Windows stores it: units of 100 ns since 1601.
//
// https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-filetime
func FileTime(t time.Time) uint64 {
	const epoch = 11_644_473_600 // seconds from 1601 to 1970
	return uint64(t.Unix()+epoch)*10_000_000 + uint64(t.Nanosecond()/100)
}

// Random is the machine's only source of randomness: SplitMix64, seeded by the
// configuration (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
// Generators, 2014).
type Random struct{ state uint64 }

// Uint64 is the next number.
func (r *Random) Uint64() uint64 {
	r.state += 0x9E3779B97F4A7C15
	z := r.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Fill fills b.
func (r *Random) Fill(b []byte) {
	for len(b) > 0 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], r.Uint64())
		b = b[copy(b, word[:]):]
	}
}
