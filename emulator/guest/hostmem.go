package guest

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// mapHost takes memory from the host, outside the Go heap, so that the engine
// may point into it. Pages cost nothing until they are touched.
func mapHost(size uint64) ([]byte, error) {
	m, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("mapping %d bytes of host memory: %w", size, err)
	}
	return m, nil
}

func unmapHost(m []byte) {
	if m != nil {
		// The slice is exactly what mapHost gave; failing would mean it is not,
		// and then leaking it is the lesser evil.
		_ = unix.Munmap(m)
	}
}
