package crt

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// This file has the classes that msvcrt.dll exports: exception and what is
// derived from it. An object is a pointer to its functions, a text, and whether
// the text is the object's own.

const (
	exceptionText  = 8
	exceptionOwned = 16
)

var exceptionClassRows = join(
	exceptionClass("exception"), exceptionClass("bad_cast"), exceptionClass("bad_typeid"), exceptionClass("__non_rtti_object"),
	win.Rows{
		win.Func1("??0exception@@QEAA@XZ", exceptionDefault, "this"),
		win.Func2("??0exception@@QEAA@AEBQEBD@Z", exceptionOf("exception", true), "this what"),
		win.Func3("??0exception@@QEAA@AEBQEBDH@Z", exceptionNoCopy, "this what noalloc"),
		win.Func2("??0bad_cast@@AEAA@PEBQEBD@Z", exceptionOf("bad_cast", true), "this what"),
		win.Func2("??0bad_cast@@QEAA@AEBQEBD@Z", exceptionOf("bad_cast", true), "this what"),
		win.Func2("??0bad_cast@@QEAA@PEBD@Z", exceptionOf("bad_cast", false), "this what"),
		win.Func1("??_Fbad_cast@@QEAAXXZ", exceptionFixed("bad_cast", "bad cast"), "this"),
		win.Func2("??0bad_typeid@@QEAA@PEBD@Z", exceptionOf("bad_typeid", false), "this what"),
		win.Func1("??_Fbad_typeid@@QEAAXXZ", exceptionFixed("bad_typeid", "bad typeid"), "this"),
		win.Func2("??0__non_rtti_object@@QEAA@PEBD@Z", exceptionOf("__non_rtti_object", false), "this what"),
		win.Func1("?what@exception@@UEBAPEBDXZ", exceptionWhat, "this"),
	},
)

// exceptionClass is what each of the classes has: a copy, an end, an
// assignment and the table of virtual functions.
func exceptionClass(name string) win.Rows {
	return win.Rows{
		win.Func2("??0"+name+"@@QEAA@AEBV0@@Z", func(c *win.Call, this, other win.Ptr) (win.Ptr, win.Error) {
			return copyException(c, name, this, other), 0
		}, "this other"),
		win.Func1("??1"+name+"@@UEAA@XZ", func(c *win.Call, this win.Ptr) (win.Void, win.Error) {
			dropText(c, this)
			return win.Void{}, 0
		}, "this"),
		win.Func2("??4"+name+"@@QEAAAEAV0@AEBV0@@Z", func(c *win.Call, this, other win.Ptr) (win.Ptr, win.Error) {
			if this != other {
				dropText(c, this)
				copyException(c, name, this, other)
			}
			return this, 0
		}, "this other"),
		win.Data("??_7"+name+"@@6B@", 16, func(p *guest.Process, addr uint64) {
			m := p.System().Module("msvcrt.dll")
			for i, f := range []string{"??1" + name + "@@UEAA@XZ", "?what@exception@@UEBAPEBDXZ"} {
				if x, ok := m.Image.Exports.Lookup(f); ok {
					_ = p.Mem.WriteUint(addr+uint64(8*i), 8, m.Base+uint64(x.RVA)) // memory of the DLL's own
				}
			}
		}),
	}
}

// construct gives an object its functions and its text.
func construct(c *win.Call, class string, this win.Ptr, what uint64, owned bool) win.Ptr {
	table := uint64(0)
	if m := c.System().Module("msvcrt.dll"); m != nil {
		if x, ok := m.Image.Exports.Lookup("??_7" + class + "@@6B@"); ok {
			table = m.Base + uint64(x.RVA)
		}
	}
	if owned && what != 0 {
		at, _ := strdup(c, win.AText(what))
		what = uint64(at)
	}
	c.WriteUint(this, 8, table)
	c.WriteUint(this+exceptionText, 8, what)
	c.WriteUint(this+exceptionOwned, 4, uint64(truth(owned && what != 0)))
	return this
}

func copyException(c *win.Call, class string, this, other win.Ptr) win.Ptr {
	what, owned := c.ReadUint(other+exceptionText, 8), c.ReadUint(other+exceptionOwned, 4) != 0
	if c.Faulted() {
		return this
	}
	return construct(c, class, this, what, owned)
}

func dropText(c *win.Call, this win.Ptr) {
	what, owned := c.ReadUint(this+exceptionText, 8), c.ReadUint(this+exceptionOwned, 4)
	if !c.Faulted() && owned != 0 && what != 0 {
		release(c, what)
		c.WriteUint(this+exceptionText, 8, 0)
		c.WriteUint(this+exceptionOwned, 4, 0)
	}
}

// exceptionDefault makes an exception without a text.
//
// https://learn.microsoft.com/cpp/standard-library/exception-class
func exceptionDefault(c *win.Call, this win.Ptr) (win.Ptr, win.Error) {
	return construct(c, "exception", this, 0, false), 0
}

// exceptionOf makes an exception with a copy of a text, given by its address
// or by the address of that.
//
// https://learn.microsoft.com/cpp/standard-library/exception-class
func exceptionOf(class string, indirect bool) func(c *win.Call, this, what win.Ptr) (win.Ptr, win.Error) {
	return func(c *win.Call, this, what win.Ptr) (win.Ptr, win.Error) {
		text := uint64(what)
		if indirect {
			text = c.ReadUint(what, 8)
		}
		if c.Faulted() {
			return 0, 0
		}
		return construct(c, class, this, text, true), 0
	}
}

// exceptionNoCopy makes an exception that uses the caller's text.
//
// https://learn.microsoft.com/cpp/standard-library/exception-class
func exceptionNoCopy(c *win.Call, this, what win.Ptr, noalloc win.Int) (win.Ptr, win.Error) {
	return construct(c, "exception", this, c.ReadUint(what, 8), false), 0
}

// exceptionFixed makes an exception with the text that is the default.
//
// https://learn.microsoft.com/cpp/standard-library/exception-class
func exceptionFixed(class, text string) func(c *win.Call, this win.Ptr) (win.Ptr, win.Error) {
	return func(c *win.Call, this win.Ptr) (win.Ptr, win.Error) {
		return construct(c, class, this, of(c).constant(text), true), 0
	}
}

// exceptionWhat returns the text.
//
// https://learn.microsoft.com/cpp/standard-library/exception-class
func exceptionWhat(c *win.Call, this win.Ptr) (win.Ptr, win.Error) {
	if what := c.ReadUint(this+exceptionText, 8); what != 0 {
		return win.Ptr(what), 0
	}
	return win.Ptr(of(c).constant("Unknown exception")), 0
}
