package worker

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"
	"time"

	"sidetrace/emulator/trace"
)

// This file is the form of values between two processes of the same program.
// The rules are:
//
//   - a value is its fields in the order of its type, without names: both ends
//     have the same types, and nothing is kept;
//   - what is decoded is exactly what was encoded: an empty list is not a missing
//     one, a pointer to zero is not nil, a string may be any bytes. JSON and gob
//     each lose one of these, and reports would show it;
//   - a field that JSON leaves out altogether (json:"-") is left out here;
//   - of interfaces there are behaviours' fields alone, named by their kind.
//
// What is decoded may come from a worker that a guest has broken, and is an
// error or a value, of a size that is bounded by the message's.

// errWire is of bytes that are no value of the type.
var errWire = errors.New("not the form that was agreed on")

// encode appends a value.
func encode(b []byte, value any) ([]byte, error) { return appendValue(b, reflect.ValueOf(value)) }

// decode reads a value into what a pointer points to.
func decode(data []byte, into any) error {
	d := decoder{data: data}
	d.value(reflect.ValueOf(into).Elem(), 0)
	if d.err == nil && len(d.data) > 0 {
		return errWire
	}
	return d.err
}

func appendValue(b []byte, v reflect.Value) (_ []byte, err error) {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1), nil
		}
		return append(b, 0), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.AppendVarint(b, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return binary.AppendUvarint(b, v.Uint()), nil
	case reflect.Float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float())), nil
	case reflect.String:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		return append(b, v.String()...), nil
	case reflect.Slice:
		if v.IsNil() {
			return append(b, 0), nil
		}
		b = binary.AppendUvarint(b, uint64(v.Len())+1)
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return append(b, v.Bytes()...), nil
		}
		for i := range v.Len() {
			if b, err = appendValue(b, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return b, nil
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, 0), nil
		}
		return appendValue(append(b, 1), v.Elem())
	case reflect.Interface:
		p, ok := v.Interface().(trace.Payload)
		if !ok {
			break
		}
		if b, err = encode(b, p.Kind()); err != nil {
			return nil, err
		}
		return encode(b, p)
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			text, err := at.MarshalBinary()
			if err != nil {
				return nil, err
			}
			return encode(b, string(text))
		}
		for _, i := range fieldsOf(v.Type()) {
			if b, err = appendValue(b, v.Field(i)); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return nil, fmt.Errorf("a value of type %s cannot be sent", v.Type())
}

// fields are the numbers of the fields of a struct that are sent, by type.
var fields sync.Map

func fieldsOf(t reflect.Type) []int {
	if known, ok := fields.Load(t); ok {
		return known.([]int)
	}
	var list []int
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
			list = append(list, i)
		}
	}
	fields.Store(t, list)
	return list
}

// payloads are the types of behaviours' fields, by kind.
var payloads = sync.OnceValue(func() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, p := range trace.Payloads() {
		types[p.Kind()] = reflect.TypeOf(p)
	}
	return types
})

// decoder reads values until it finds that it cannot.
type decoder struct {
	data []byte
	err  error
}

// maxDepth is more than any type of ours nests.
const maxDepth = 32

func (d *decoder) value(v reflect.Value, depth int) {
	if d.err != nil {
		return
	}
	if depth > maxDepth {
		d.err = errWire
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.uvarint(1) == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, size := binary.Varint(d.data)
		if size <= 0 || v.OverflowInt(n) {
			d.err = errWire
			return
		}
		d.data = d.data[size:]
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := d.uvarint(math.MaxUint64)
		if v.OverflowUint(n) {
			d.err = errWire
			return
		}
		v.SetUint(n)
	case reflect.Float64:
		if len(d.data) < 8 {
			d.err = errWire
			return
		}
		v.SetFloat(math.Float64frombits(binary.LittleEndian.Uint64(d.data)))
		d.data = d.data[8:]
	case reflect.String:
		v.SetString(d.string())
	case reflect.Slice:
		// Every element takes a byte for each of its fields at least.
		n := d.uvarint(uint64(len(d.data)/least(v.Type().Elem())) + 1)
		if n == 0 || d.err != nil {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), int(n-1), int(n-1)))
		if v.Type().Elem().Kind() == reflect.Uint8 {
			d.data = d.data[copy(v.Bytes(), d.data):]
			return
		}
		for i := range int(n - 1) {
			d.value(v.Index(i), depth+1)
		}
	case reflect.Pointer:
		if d.uvarint(1) == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			d.value(v.Elem(), depth+1)
		}
	case reflect.Interface:
		t, ok := payloads()[d.string()]
		if !ok || !t.AssignableTo(v.Type()) {
			d.err = errWire
			return
		}
		p := reflect.New(t).Elem()
		d.value(p, depth+1)
		v.Set(p)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			var at time.Time
			if at.UnmarshalBinary([]byte(d.string())) != nil {
				d.err = errWire
			}
			v.Set(reflect.ValueOf(at))
			return
		}
		for _, i := range fieldsOf(v.Type()) {
			d.value(v.Field(i), depth+1)
		}
	default:
		d.err = fmt.Errorf("a value of type %s cannot be received", v.Type())
	}
}

// least is how few bytes a value of a type can take, or 1.
func least(t reflect.Type) int {
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return 1
	}
	n := 0
	for _, i := range fieldsOf(t) {
		n += least(t.Field(i).Type)
	}
	return max(n, 1)
}

// uvarint reads a number of at most most.
func (d *decoder) uvarint(most uint64) uint64 {
	n, size := binary.Uvarint(d.data)
	if size <= 0 || n > most || d.err != nil {
		d.err = errWire
		return 0
	}
	d.data = d.data[size:]
	return n
}

func (d *decoder) string() string {
	n := d.uvarint(uint64(len(d.data)))
	if d.err != nil || n > uint64(len(d.data)) {
		d.err = errWire
		return ""
	}
	s := string(d.data[:n])
	d.data = d.data[n:]
	return s
}
