package worker

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// What a worker may allocate beside its guest: system DLLs, rules, the engine
// and its translations, and what is known of each byte of guest code.
const (
	ownMemory     = 4 << 30
	guestFactor   = 2       // code is kept a second time, to see what was written
	defaultMemory = 1 << 30 // of a guest, where the scenario does not say
	maxFile       = 4 << 30 // that is kept
)

// limitMemory bounds the private memory of this process, for a guest that may
// commit so much; 0 is the default. Memory counts that may be written, touched
// or not, since a reservation without rights costs nothing.
func limitMemory(guest uint64) error {
	if guest == 0 {
		guest = defaultMemory
	}
	limit := ownMemory + guestFactor*guest
	return setLimit(unix.RLIMIT_DATA, limit, "RLIMIT_DATA")
}

// limitProcess bounds what is the same for every scenario: no core is dumped,
// which would have the guest's memory in it, and no file is without end.
func limitProcess() error {
	return errors.Join(setLimit(unix.RLIMIT_CORE, 0, "RLIMIT_CORE"), setLimit(unix.RLIMIT_FSIZE, maxFile, "RLIMIT_FSIZE"))
}

// setLimit lowers or raises the limit that counts, not the one that bounds it.
func setLimit(resource int, to uint64, name string) error {
	var l unix.Rlimit
	err := unix.Getrlimit(resource, &l)
	if err == nil {
		l.Cur = min(to, l.Max)
		err = unix.Setrlimit(resource, &l)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
