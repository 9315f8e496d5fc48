package ntdll

import "errors"

var errLZNT1 = errors.New("not LZNT1 data")

// The format of a chunk's header, and what a chunk gives at most.
const (
	lznt1Size       = 0x0FFF // bytes of data, less one
	lznt1Compressed = 0x8000
	lznt1Chunk      = 4096
)

// expandLZNT1 decompresses src into dst and returns how many bytes of dst it
// has filled. It stops where dst is full. A chunk that gives less than 4096
// bytes is filled up with zeros if another follows.
//
// https://learn.microsoft.com/openspecs/windows_protocols/ms-xca/5655f4a3-6ba4-489b-959f-e1f407c52f15
func expandLZNT1(dst, src []byte) (int, error) {
	if len(src) < 2 {
		return 0, errLZNT1
	}
	n := 0
	for len(src) >= 2 && n < len(dst) {
		header := int(src[0]) | int(src[1])<<8
		if header == 0 {
			break
		}
		if n%lznt1Chunk != 0 {
			end := min(n+lznt1Chunk-n%lznt1Chunk, len(dst))
			clear(dst[n:end])
			if n = end; n == len(dst) {
				break
			}
		}
		size := header&lznt1Size + 1
		if src = src[2:]; size > len(src) {
			return n, errLZNT1
		}
		data := src[:size]
		src = src[size:]
		room := dst[n:min(n+lznt1Chunk, len(dst))]
		if header&lznt1Compressed == 0 {
			n += copy(room, data)
			continue
		}
		k, err := expandChunk(room, data)
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// expandChunk decompresses one chunk: groups of a byte of flags and eight
// elements, each a byte or a reference to bytes before.
func expandChunk(dst, src []byte) (n int, err error) {
	for len(src) > 0 {
		flags := src[0]
		src = src[1:]
		for range 8 {
			if len(src) == 0 || n == len(dst) {
				return n, nil
			}
			if flags&1 == 0 {
				dst[n] = src[0]
				n, src = n+1, src[1:]
			} else {
				if len(src) < 2 {
					return n, errLZNT1
				}
				back, length := reference(uint(src[0])|uint(src[1])<<8, n)
				if back > n {
					return n, errLZNT1
				}
				for ; length > 0 && n < len(dst); length-- { // byte by byte: the two may overlap
					dst[n] = dst[n-back]
					n++
				}
				src = src[2:]
			}
			flags >>= 1
		}
	}
	return n, nil
}

// reference takes a reference apart. The further into the chunk, the more of
// its bits are the distance, and the fewer the length.
func reference(v uint, position int) (back, length int) {
	bits := uint(4)
	for position > 1<<bits && bits < 12 {
		bits++
	}
	bits = 16 - bits // of the length
	return int(v>>bits) + 1, int(v&(1<<bits-1)) + 3
}
