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

// compressLZNT1 compresses data by chunks; one that does not get smaller is
// stored. Windows may choose other matches.
func compressLZNT1(src []byte) (dst []byte) {
	for len(src) > 0 {
		chunk := src[:min(len(src), lznt1Chunk)]
		src = src[len(chunk):]
		packed := compressChunk(chunk)
		header := len(packed) - 1 | 0xB000
		if len(packed) >= len(chunk) {
			packed, header = chunk, len(chunk)-1|0x3000
		}
		dst = append(append(dst, byte(header), byte(header>>8)), packed...)
	}
	return dst
}

// compressChunk finds for each place the last one before with the same three
// bytes.
func compressChunk(src []byte) (dst []byte) {
	last := map[[3]byte]int{}
	flags := 0
	for n, element := 0, 0; n < len(src); element++ {
		if element%8 == 0 {
			flags = len(dst)
			dst = append(dst, 0)
		}
		length, back := 0, 0
		if n+3 <= len(src) {
			key := [3]byte(src[n:])
			if at, ok := last[key]; ok {
				_, most := reference(0xFFFF, n)
				for length < most && n+length < len(src) && src[at+length] == src[n+length] {
					length++
				}
				back = n - at
			}
		}
		step := 1
		if length >= 3 {
			bits := uint(16)
			for width := uint(4); ; width++ {
				if bits = 16 - width; n <= 1<<width || width == 12 {
					break
				}
			}
			v := (back-1)<<bits | (length - 3)
			dst = append(dst, byte(v), byte(v>>8))
			dst[flags] |= 1 << (element % 8)
			step = length
		} else {
			dst = append(dst, src[n])
		}
		for ; step > 0; step-- {
			if n+3 <= len(src) {
				last[[3]byte(src[n:])] = n
			}
			n++
		}
	}
	return dst
}
