package crt

import (
	"bytes"
	"hash/fnv"

	"sidetrace/emulator/win"
)

// This file is type information at run time, as Microsoft's compiler lays it
// out. A type_info is a TypeDescriptor: a pointer to its functions, the readable
// name once somebody asked for it, and the decorated name.

const (
	typeReadable  = 8
	typeDecorated = 16
)

// typeInfoRows is what vcruntime140.dll has about types.
//
// https://learn.microsoft.com/cpp/cpp/run-time-type-information
var typeInfoRows = win.Rows{
	win.Func1("__RTCastToVoid", rtCastToVoid, "inptr"),
	win.Func5("__RTDynamicCast", rtDynamicCast, "inptr VfDelta SrcType TargetType isReference"),
	win.Func1("__RTtypeid", rtTypeid, "inptr"),
	win.Func2("__std_type_info_compare", stdTypeInfoCompare, "lhs rhs"),
	win.Func1("__std_type_info_hash", stdTypeInfoHash, "data"),
	win.Func2("__std_type_info_name", stdTypeInfoName, "data root_node"),
	win.Partial(win.Func6("__unDName", unDName, "buffer mangled buflen memget memfree flags"), "names of types; those of functions and variables stay decorated"),
	win.Partial(win.Func7("__unDNameEx", unDNameEx, "buffer mangled buflen memget memfree unknown flags"), "names of types; those of functions and variables stay decorated"),
}

// oldTypeInfoRows are the members of type_info that msvcrt.dll exports.
var oldTypeInfoRows = win.Rows{
	win.Func1("__RTCastToVoid", rtCastToVoid, "inptr"),
	win.Func5("__RTDynamicCast", rtDynamicCast, "inptr VfDelta SrcType TargetType isReference"),
	win.Func1("__RTtypeid", rtTypeid, "inptr"),
	win.Partial(win.Func6("__unDName", unDName, "buffer mangled buflen memget memfree flags"), "names of types; those of functions and variables stay decorated"),
	win.Partial(win.Func7("__unDNameEx", unDNameEx, "buffer mangled buflen memget memfree unknown flags"), "names of types; those of functions and variables stay decorated"),
	win.Func1("??1type_info@@UEAA@XZ", typeInfoDestroy, "this"),
	win.Func2("??8type_info@@QEBAHAEBV0@@Z", typeInfoEqual, "this other"),
	win.Func2("??9type_info@@QEBAHAEBV0@@Z", typeInfoUnequal, "this other"),
	win.Func2("?before@type_info@@QEBAHAEBV1@@Z", typeInfoBefore, "this other"),
	win.Func1("?name@type_info@@QEBAPEBDXZ", typeInfoName, "this"),
	win.Func1("?raw_name@type_info@@QEBAPEBDXZ", typeInfoRawName, "this"),
}

// locator is the CompleteObjectLocator of an object: the word before its table
// of virtual functions leads there.
type locator struct {
	base   win.Ptr // of the module
	whole  win.Ptr // the complete object
	kind   win.Ptr // its TypeDescriptor
	bases  win.Ptr // array of BaseClassDescriptors, as offsets from base
	number uint32  // of base classes, the class itself the first
}

func locate(c *win.Call, object win.Ptr) (l locator, ok bool) {
	table := win.Ptr(c.ReadUint(object, 8))
	at := win.Ptr(c.ReadUint(table-8, 8))
	word := func(p win.Ptr, i int) uint32 { return uint32(c.ReadUint(p+win.Ptr(4*i), 4)) }
	l.whole = object - win.Ptr(word(at, 1))
	if displacement := word(at, 2); displacement != 0 { // the object is being constructed
		l.whole -= win.Ptr(int32(word(object-win.Ptr(displacement), 0)))
	}
	l.base = at - win.Ptr(word(at, 5))
	l.kind = l.base + win.Ptr(word(at, 3))
	hierarchy := l.base + win.Ptr(word(at, 4))
	l.number = min(word(hierarchy, 2), 1<<16)
	l.bases = l.base + win.Ptr(word(hierarchy, 3))
	return l, !c.Faulted()
}

// baseClass is one BaseClassDescriptor, with where it lies in the object.
type baseClass struct {
	kind      win.Ptr
	contained uint32 // its own base classes follow it
	private   bool
	at        win.Ptr
}

func (l *locator) baseClass(c *win.Call, i uint32) baseClass {
	d := l.base + win.Ptr(uint32(c.ReadUint(l.bases+win.Ptr(4*i), 4)))
	word := func(i int) int32 { return int32(c.ReadUint(d+win.Ptr(4*i), 4)) }
	b := baseClass{kind: l.base + win.Ptr(word(0)), contained: uint32(word(1)), private: word(5)&1 != 0}
	b.at = l.whole + win.Ptr(word(2))
	if pdisp := word(3); pdisp >= 0 { // a virtual base, found by a table
		table := win.Ptr(c.ReadUint(l.whole+win.Ptr(pdisp), 8))
		b.at += win.Ptr(pdisp) + win.Ptr(int32(c.ReadUint(table+win.Ptr(word(4)), 4)))
	}
	return b
}

func decorated(c *win.Call, kind win.Ptr) []byte {
	return bytes.Clone(whole(c, win.AText(kind+typeDecorated)))
}

// sameType compares types of modules that may each have a description.
func sameType(c *win.Call, a, b win.Ptr) bool {
	return a == b || bytes.Equal(decorated(c, a), decorated(c, b))
}

// rtCastToVoid returns the complete object of a part.
//
// https://learn.microsoft.com/cpp/c-runtime-library/rtcasttovoid
func rtCastToVoid(c *win.Call, inptr win.Ptr) (win.Ptr, win.Error) {
	if inptr == 0 {
		return 0, 0
	}
	l, ok := locate(c, inptr)
	if !ok {
		return 0, 0
	}
	return l.whole, 0
}

// rtTypeid returns the type of an object. typeid of a null pointer throws,
// which is not done.
//
// https://learn.microsoft.com/cpp/c-runtime-library/rttypeid
func rtTypeid(c *win.Call, inptr win.Ptr) (win.Ptr, win.Error) {
	if inptr == 0 {
		c.Gap("typeid of a null pointer")
		return 0, 0
	}
	l, ok := locate(c, inptr)
	if !ok {
		return 0, 0
	}
	return l.kind, 0
}

// rtDynamicCast finds a base class, or the class derived, in an object of which
// a part is known: the target must be one that contains the part, or the only
// one. A reference that cannot be cast throws, which is not done.
//
// https://learn.microsoft.com/cpp/c-runtime-library/rtdynamiccast
func rtDynamicCast(c *win.Call, inptr win.Ptr, VfDelta win.Int, SrcType, TargetType win.Ptr, isReference win.Int) (win.Ptr, win.Error) {
	if inptr == 0 {
		return 0, 0
	}
	l, ok := locate(c, inptr)
	if !ok {
		return 0, 0
	}
	part := inptr - win.Ptr(VfDelta)
	var only win.Ptr
	found := 0
	for i := uint32(0); i < l.number && !c.Faulted(); i++ {
		b := l.baseClass(c, i)
		if b.private || !sameType(c, b.kind, TargetType) {
			continue
		}
		for j := i + 1; j <= i+b.contained && j < l.number; j++ {
			if inner := l.baseClass(c, j); inner.at == part && sameType(c, inner.kind, SrcType) {
				return b.at, 0
			}
		}
		if found == 0 || b.at != only {
			found++
		}
		only = b.at
	}
	if found == 1 && !c.Faulted() {
		return only, 0
	}
	if isReference != 0 {
		c.Gap("dynamic_cast of a reference fails")
	}
	return 0, 0
}

// typeInfoRawName returns the decorated name.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func typeInfoRawName(c *win.Call, this win.Ptr) (win.Ptr, win.Error) { return this + typeDecorated, 0 }

// typeInfoName returns the readable name, which is made once.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func typeInfoName(c *win.Call, this win.Ptr) (win.Ptr, win.Error) {
	return readableName(c, this+typeReadable)
}

// stdTypeInfoName is typeInfoName as vcruntime140.dll has it: data is the part of
// a type_info behind its functions.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func stdTypeInfoName(c *win.Call, data, root_node win.Ptr) (win.Ptr, win.Error) {
	return readableName(c, data)
}

func readableName(c *win.Call, data win.Ptr) (win.Ptr, win.Error) {
	if known := c.ReadUint(data, 8); known != 0 {
		return win.Ptr(known), 0
	}
	name := string(whole(c, win.AText(data+8)))
	if c.Faulted() {
		return 0, 0
	}
	readable, ok := undecorateType(name)
	if !ok {
		c.Gap("decorated name " + name)
	}
	at := of(c).store(append([]byte(readable), 0))
	c.WriteUint(data, 8, at)
	return win.Ptr(at), 0
}

// stdTypeInfoCompare compares types by their decorated names.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func stdTypeInfoCompare(c *win.Call, lhs, rhs win.Ptr) (win.Int, win.Error) {
	if lhs == rhs {
		return 0, 0
	}
	return strcmp(c, win.AText(lhs+9), win.AText(rhs+9))
}

// stdTypeInfoHash is the FNV-1a hash of the decorated name, folded.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func stdTypeInfoHash(c *win.Call, data win.Ptr) (win.Size, win.Error) {
	h := fnv.New64a()
	_, _ = h.Write(whole(c, win.AText(data+9))) // cannot fail
	v := h.Sum64()
	return win.Size(v ^ v>>32), 0
}

// typeInfoEqual tells whether two types are the same.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func typeInfoEqual(c *win.Call, this, other win.Ptr) (win.Int, win.Error) {
	return truth(sameType(c, this, other)), 0
}

// typeInfoUnequal tells whether two types differ.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func typeInfoUnequal(c *win.Call, this, other win.Ptr) (win.Int, win.Error) {
	return truth(!sameType(c, this, other)), 0
}

// typeInfoBefore orders types by their decorated names.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func typeInfoBefore(c *win.Call, this, other win.Ptr) (win.Int, win.Error) {
	return truth(bytes.Compare(decorated(c, this), decorated(c, other)) < 0), 0
}

// typeInfoDestroy frees the readable name.
//
// https://learn.microsoft.com/cpp/cpp/type-info-class
func typeInfoDestroy(c *win.Call, this win.Ptr) (win.Void, win.Error) {
	if name := c.ReadUint(this+typeReadable, 8); name != 0 && !c.Faulted() {
		release(c, name)
		c.WriteUint(this+typeReadable, 8, 0)
	}
	return win.Void{}, 0
}

// unDName writes the readable form of a decorated name to a buffer, or to a
// block that the caller's function gives.
//
// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-undecoratesymbolname
func unDName(c *win.Call, buffer win.Ptr, mangled win.AText, buflen win.Int, memget, memfree win.Ptr, flags win.Hex) (win.Ptr, win.Error) {
	name := string(whole(c, mangled))
	if c.Faulted() {
		return 0, 0
	}
	text := name
	if len(name) > 0 && (name[0] == '.' || flags&0x2000 != 0) { // UNDNAME_NO_ARGUMENTS: a type
		readable, ok := undecorateType(name)
		if !ok {
			c.Gap("decorated name " + name)
		}
		text = readable
	} else if len(name) > 0 && name[0] == '?' {
		c.Gap("decorated name " + name)
	}
	b := append([]byte(text), 0)
	if buffer == 0 {
		if memget == 0 {
			return 0, 0
		}
		if buffer = win.Ptr(c.CallGuest(memget, uint64(len(b)))); buffer == 0 {
			return 0, 0
		}
	} else if len(b) > int(buflen) {
		b = append(b[:max(int(buflen)-1, 0)], 0)
	}
	c.Write(buffer, b)
	return buffer, 0
}

// unDNameEx is unDName with an argument that is not looked at.
//
// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-undecoratesymbolname
func unDNameEx(c *win.Call, buffer win.Ptr, mangled win.AText, buflen win.Int, memget, memfree, unknown win.Ptr, flags win.Hex) (win.Ptr, win.Error) {
	return unDName(c, buffer, mangled, buflen, memget, memfree, flags)
}
