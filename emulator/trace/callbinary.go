package trace

import (
	"bytes"
	"encoding/gob"
	"errors"
	"math/bits"
)

// packedLog is a [CallLog] for another process of the same program. Exports
// are those that were called, by their numbers.
type packedLog struct {
	Exports map[uint32]*Export
	Words   [][]uint64
	Texts   [][]byte
	Kept    int
	Dropped uint64
}

// maxPackedExports bounds the table that is made of numbers from outside.
const maxPackedExports = 1 << 20

// MarshalBinary packs the log for [CallLog.UnmarshalBinary] of the same program.
func (l *CallLog) MarshalBinary() ([]byte, error) {
	p := packedLog{Exports: map[uint32]*Export{}, Words: l.words, Texts: l.texts, Kept: l.kept, Dropped: l.dropped}
	for rec := range l.records() {
		id := exportOf(rec)
		p.Exports[id] = l.exports.list[id]
	}
	var out bytes.Buffer
	err := gob.NewEncoder(&out).Encode(&p)
	return out.Bytes(), err
}

// UnmarshalBinary makes the log what another one was. Nothing can be recorded in
// it. What makes no sense is an error.
func (l *CallLog) UnmarshalBinary(data []byte) error {
	var p packedLog
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
		return err
	}
	exports := &Exports{}
	for id, e := range p.Exports {
		if id >= maxPackedExports || e == nil {
			return errPacked
		}
		for int(id) >= len(exports.list) {
			exports.list = append(exports.list, nil)
		}
		exports.list[id] = e
	}
	*l = CallLog{exports: exports, words: p.Words, texts: p.Texts, kept: p.Kept, dropped: p.Dropped}
	kept := 0
	for rec := range l.records() {
		if !l.sound(rec) {
			return errPacked
		}
		kept++
	}
	if kept != l.kept {
		return errPacked
	}
	return nil
}

var errPacked = errors.New("a packed log of calls that makes no sense")

// sound says that a record can be decoded.
func (l *CallLog) sound(rec []uint64) bool {
	n := int(rec[wordHead] & 0xFF)
	id, texts := exportOf(rec), bits.OnesCount64(rec[wordState]>>textMaskShift)
	if int(id) >= len(l.exports.list) || l.exports.list[id] == nil || n > maxArgs || recordHeader+n+texts > len(rec) {
		return false
	}
	for _, p := range rec[recordHeader+n : recordHeader+n+texts] {
		size, at := p&0xFFFFFF, p>>24&0xFFFFFF
		if size > 0 && (p>>48 >= uint64(len(l.texts)) || at+size > uint64(len(l.texts[p>>48]))) {
			return false
		}
	}
	return true
}
