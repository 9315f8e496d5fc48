package worker

import (
	"cmp"
	"encoding/binary"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"sidetrace/emulator/trace"
)

// recent is the last behaviours of a run, in a memory file that outlives the
// process that writes it, whatever it dies of. It is a ring of slots, each
// written by one call; a slot names its run, so that what an earlier one left is
// not taken for the present one's.
type recent struct{ file *os.File }

const (
	recentSlots  = 64
	recentSlot   = 16 << 10 // a longer behaviour leaves its slot without one
	recentHeader = 8 + 8 + 4
)

// newRecent makes the memory file.
func newRecent() (recent, error) {
	fd, err := unix.MemfdCreate("sidetrace-recent", unix.MFD_CLOEXEC)
	if err != nil {
		return recent{}, os.NewSyscallError("memfd_create", err)
	}
	return recent{os.NewFile(uintptr(fd), "recent")}, nil
}

// recording writes the behaviours of one run.
type recording struct {
	recent
	run   uint64 // from 1, for the worker's lifetime
	count uint64
	buf   []byte
}

// add records a behaviour. What cannot be written is left out: this is what is
// known of a crash, and no part of a result.
func (r *recording) add(b *trace.Behaviour) {
	le := binary.LittleEndian
	r.buf = le.AppendUint64(r.buf[:0], r.run)
	r.buf = le.AppendUint64(r.buf, r.count)
	r.buf = le.AppendUint32(r.buf, 0)
	if full, err := encode(r.buf, *b); err == nil && len(full) <= recentSlot {
		r.buf = full
		le.PutUint32(r.buf[16:], uint32(len(full)-recentHeader))
	}
	_, _ = r.file.WriteAt(r.buf, int64(r.count%recentSlots)*recentSlot)
	r.count++
}

// last reads the behaviours of a run, the oldest first. A slot that makes no
// sense is left out.
func (r recent) last(run uint64) []trace.Behaviour {
	type numbered struct {
		n uint64
		b trace.Behaviour
	}
	var found []numbered
	buf := make([]byte, recentSlot)
	for slot := range int64(recentSlots) {
		n, _ := r.file.ReadAt(buf, slot*recentSlot) // short at the file's end
		if n < recentHeader {
			break
		}
		le := binary.LittleEndian
		size := uint64(le.Uint32(buf[16:]))
		if le.Uint64(buf) != run || size > uint64(n-recentHeader) {
			continue
		}
		f := numbered{n: le.Uint64(buf[8:])}
		if size > 0 && decode(buf[recentHeader:recentHeader+size], &f.b) == nil {
			found = append(found, f)
		}
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Compare(a.n, b.n) })
	out := make([]trace.Behaviour, len(found))
	for i := range found {
		out[i] = found[i].b
	}
	return out
}
