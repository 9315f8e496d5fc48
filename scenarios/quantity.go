package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bounds of a run's limits.
const (
	MinMemory  = 16 << 20 // below it no program starts
	MaxMemory  = 4 << 30
	MaxVirtual = 200 * 365 * 24 * time.Hour
	MaxWall    = time.Hour
)

const (
	timeForm = "such as 20s, 1h30m or 21d"
	sizeForm = "such as 65536 or 64MiB"
)

// ParseDuration reads a time with its unit: as [time.ParseDuration] does, or
// whole days such as 21d.
func ParseDuration(text string) (time.Duration, error) {
	var d time.Duration
	var err error
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		d = time.Duration(n) * 24 * time.Hour
	} else {
		d, err = time.ParseDuration(text)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a time", text)
	}
	return d, nil
}

// ParseSize reads a number of bytes: 65536, 64KiB, 64MiB or 1GiB.
func ParseSize(text string) (uint64, error) {
	digits, shift := text, 0
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if before, ok := strings.CutSuffix(text, unit); ok {
			digits, shift = strings.TrimSpace(before), 10*(i+1)
		}
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n<<shift>>shift != n {
		return 0, fmt.Errorf("%q is not a size", text)
	}
	return n << shift, nil
}
