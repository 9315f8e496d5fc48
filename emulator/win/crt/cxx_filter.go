package crt

import (
	"slices"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// filterRows is for code that catches C++ exceptions by filters of its own, as
// the compiler makes it of C++/CLI: a filter asks whether a type is caught and
// makes the object; the block registers the exception as the current one and
// lets it go at its end. The names of parameters are those of Microsoft's header
// ehdata.h, which declares the functions.
var filterRows = win.Rows{
	win.Func1("__CxxDetectRethrow", cxxDetectRethrow, "exception"),
	win.Partial(win.Func4("__CxxExceptionFilter", cxxExceptionFilter, "exception pType adjectives object"), "other exceptions are not translated, see _set_se_translator"),
	win.Func0("__CxxQueryExceptionSize", cxxQueryExceptionSize),
	win.Func2("__CxxRegisterExceptionObject", cxxRegisterExceptionObject, "exception storage"),
	win.Func2("__CxxUnregisterExceptionObject", cxxUnregisterExceptionObject, "storage rethrow"),
}

// catchStandard marks a catch (...) that takes C++ exceptions alone.
const catchStandard = 0x40

// managedExceptions are the codes of the exceptions of .NET, before and since
// its version 4.
var managedExceptions = []uint32{0xE0434F4D, 0xE0434352}

// filteredException reads the record of EXCEPTION_POINTERS.
func filteredException(c *win.Call, exception win.Ptr) (*guest.Record, uint64) {
	at := c.ReadUint(exception, 8)
	if c.Faulted() {
		return &guest.Record{}, 0
	}
	r, err := c.LoadRecord(at)
	if err != nil {
		c.Fail(err)
		return &guest.Record{}, 0
	}
	return r, at
}

// cxxRecord is a C++ exception of a record: the current one where it is thrown
// again. It is nil for others, and where nothing is there to be thrown again.
func cxxRecord(c *win.Call, r *guest.Record, at uint64) *cxxException {
	if r.Code != cppException || len(r.Info) < 4 {
		return nil
	}
	if r.Info[2] != 0 {
		return &cxxException{object: r.Info[1], info: r.Info[2], base: r.Info[3], record: at}
	}
	if s := cxxOf(c); len(s.caught) > 0 {
		return &s.caught[len(s.caught)-1].cxxException
	}
	return nil
}

// cxxExceptionFilter tells whether a catch of a type takes an exception, and if
// so makes the object.
func cxxExceptionFilter(c *win.Call, exception, pType win.Ptr, adjectives win.Hex, object win.Ptr) (win.Int, win.Error) {
	const search, execute = 0, 1 // EXCEPTION_CONTINUE_SEARCH, EXCEPTION_EXECUTE_HANDLER
	if exception == 0 {
		return search, 0
	}
	r, at := filteredException(c, exception)
	name := ""
	if pType != 0 && !c.Faulted() {
		name = string(cstring(c, uint64(pType)+typeName))
	}
	if c.Faulted() {
		return search, 0
	}
	e := cxxRecord(c, r, at)
	switch {
	case r.Code == cppException && e == nil:
		return search, 0 // thrown again, and there is none
	case name == "":
		if e == nil && adjectives&catchStandard != 0 && !slices.Contains(managedExceptions, r.Code) {
			return search, 0
		}
		return execute, 0
	case e == nil:
		return search, 0
	}
	t, ok := e.as(c, name, uint32(adjectives))
	if !ok {
		return search, 0
	}
	if object != 0 {
		t.copyTo(c, object, uint32(adjectives), e)
	}
	return execute, 0
}

// cxxDetectRethrow tells whether an exception is the current one, thrown again,
// and if so makes the pointers those of the current one.
func cxxDetectRethrow(c *win.Call, exception win.Ptr) (win.Int, win.Error) {
	if exception == 0 {
		return 0, 0
	}
	r, _ := filteredException(c, exception)
	if c.Faulted() || r.Code != cppException || len(r.Info) < 4 || r.Info[2] != 0 {
		return 0, 0
	}
	record := uint64(0)
	if s := cxxOf(c); len(s.caught) > 0 {
		record = s.caught[len(s.caught)-1].record
	}
	c.WriteUint(exception, 8, record)
	return 1, 0
}

// cxxStorage is how many bytes a block has to lend: four words. Here they are
// the object and no more, since the runtime keeps the rest.
const cxxStorage = 32

// cxxQueryExceptionSize is how many bytes a block has to lend for
// __CxxRegisterExceptionObject.
func cxxQueryExceptionSize(c *win.Call) (win.Int, win.Error) { return cxxStorage, 0 }

// cxxRegisterExceptionObject makes an exception the current one.
func cxxRegisterExceptionObject(c *win.Call, exception, storage win.Ptr) (win.Int, win.Error) {
	e := &cxxException{}
	if exception != 0 {
		r, at := filteredException(c, exception)
		if again := cxxRecord(c, r, at); again != nil {
			e = again
		} else {
			e.record = at
		}
	}
	var words [cxxStorage]byte
	c.Write(storage, words[:])
	c.WriteUint(storage, 8, e.object)
	if c.Faulted() {
		return 0, 0
	}
	s := cxxOf(c)
	if len(s.caught) >= maxCxx {
		c.Gap("more exceptions registered than any program has")
		return 0, 0
	}
	s.caught = append(s.caught, caughtException{*e, uint64(storage)})
	s.uncaught = max(s.uncaught-1, 0)
	s.publish(c)
	return 1, 0
}

// cxxUnregisterExceptionObject ends what was registered, and the object, unless
// it has been thrown again.
func cxxUnregisterExceptionObject(c *win.Call, storage win.Ptr, rethrow win.Int) (win.Void, win.Error) {
	s := cxxOf(c)
	for i, e := range slices.Backward(s.caught) {
		if e.frame != uint64(storage) {
			continue
		}
		s.caught = slices.Delete(s.caught, i, i+1)
		s.publish(c)
		registered := slices.ContainsFunc(s.caught, func(x caughtException) bool { return x.object == e.object })
		if rethrow == 0 && !registered {
			e.destroy(c)
		}
		break
	}
	return win.Void{}, 0
}
