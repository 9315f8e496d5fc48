package crt

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var environmentRows = win.Rows{
	win.Func3("_dupenv_s", dupenvS[win.AStr], "buffer numberOfElements varname"),
	win.Func3("_wdupenv_s", dupenvS[win.WStr], "buffer numberOfElements varname"),
	win.Func1("_putenv", putenv[win.AStr], "envstring"),
	win.Func1("_wputenv", putenv[win.WStr], "envstring"),
	win.Func4("_wgetenv_s", getenvS[win.WStr], "pReturnValue buffer numberOfElements varname"),
	win.Func2("_putenv_s", putenvS[win.AStr], "name value"),
	win.Func1("_wgetenv", getenv[win.WStr], "varname"),
	win.Func2("_wputenv_s", putenvS[win.WStr], "name value"),
	win.Func1("getenv", getenv[win.AStr], "varname"),
	win.Func4("getenv_s", getenvS[win.AStr], "pReturnValue buffer numberOfElements varname"),
}

// environment is the runtime's own copy of the environment, made when it was
// loaded: later changes by SetEnvironmentVariable are not seen in it.
type environment struct {
	list          []string // NAME=value
	narrow, wide  []uint64 // addresses of the strings
	table, wtable uint64
}

func newEnvironment(s *state) environment {
	var e environment
	for _, name := range s.p.EnvironmentNames() {
		value, _ := s.p.Variable(name)
		e.list = append(e.list, name+"="+value)
	}
	e.publish(s)
	return e
}

// publish writes the tables _environ and _wenviron lead to. Strings handed out
// before stay where they are.
func (e *environment) publish(s *state) {
	var narrow, wide [][]byte
	for _, v := range e.list {
		narrow, wide = append(narrow, guest.ANSI(v)), append(wide, guest.UTF16(v))
	}
	e.table, e.narrow = s.strings(narrow)
	e.wtable, e.wide = s.strings(wide)
	s.put(s.variable("_environ"), 8, e.table)
	s.put(s.variable("_wenviron"), 8, e.wtable)
}

func (e *environment) find(name string) int {
	for i, v := range e.list {
		if len(v) > len(name) && v[len(name)] == '=' && strings.EqualFold(v[:len(name)], name) {
			return i
		}
	}
	return -1
}

// decoded is a string argument that was read.
type decoded interface {
	win.AStr | win.WStr
}

// textOf is the string and whether it is UTF-16.
func textOf[T decoded](v T) (s win.Str, wide bool) {
	switch v := any(v).(type) {
	case win.AStr:
		return v.Str, false
	case win.WStr:
		return v.Str, true
	}
	return win.Str{}, false
}

// getenv returns the value of a variable, or null.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getenv-wgetenv
func getenv[T decoded](c *win.Call, varname T) (win.Ptr, win.Error) {
	name, wide := textOf(varname)
	e := &of(c).env
	i := e.find(name.Text)
	if name.Text == "" || i < 0 {
		return 0, 0
	}
	// The name's terminator is as long as the "=".
	at, skip := e.narrow[i], len(guest.ANSI(name.Text))
	if wide {
		at, skip = e.wide[i], len(guest.UTF16(name.Text))
	}
	if at == 0 { // there was no memory for the table
		return 0, 0
	}
	return win.Ptr(at + uint64(skip)), 0
}

// getenvS copies the value of a variable.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getenv-s-wgetenv-s
func getenvS[T decoded](c *win.Call, pReturnValue win.Out[uint64], buffer win.Ptr, numberOfElements win.Size, varname T) (win.Int, win.Error) {
	name, _ := textOf(varname)
	if pReturnValue.Null() || (buffer == 0) != (numberOfElements == 0) || name.Null() {
		pReturnValue.Set(c, 0)
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	pReturnValue.Set(c, 0)
	e := &of(c).env
	i := e.find(name.Text)
	if i < 0 {
		if buffer != 0 {
			c.Write(buffer, textBytes[T](""))
		}
		return 0, 0
	}
	_, value, _ := strings.Cut(e.list[i], "=")
	b := textBytes[T](value)
	n := uint64(len(b) / unitSize[T]())
	pReturnValue.Set(c, n)
	if numberOfElements == 0 {
		return 0, 0
	}
	if n > uint64(numberOfElements) {
		c.Write(buffer, textBytes[T](""))
		fail(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	c.Write(buffer, b)
	return 0, 0
}

// dupenvS copies the value of a variable to a new block, or gives null.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/dupenv-s-wdupenv-s
func dupenvS[T decoded](c *win.Call, buffer, numberOfElements win.Out[uint64], varname T) (win.Int, win.Error) {
	name, _ := textOf(varname)
	if buffer.Null() || name.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	buffer.Set(c, 0)
	numberOfElements.Set(c, 0)
	e := &of(c).env
	i := e.find(name.Text)
	if i < 0 {
		return 0, 0
	}
	_, value, _ := strings.Cut(e.list[i], "=")
	b := textBytes[T](value)
	at := of(c).store(b)
	if at == 0 {
		fail(c, eNOMEM)
		return win.Int(eNOMEM), 0
	}
	buffer.Set(c, at)
	numberOfElements.Set(c, uint64(len(b)/unitSize[T]()))
	return 0, 0
}

// putenv sets a variable given as NAME=value, or removes it if the value is
// empty, in the process too.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/putenv-wputenv
func putenv[T decoded](c *win.Call, envstring T) (win.Int, win.Error) {
	text, _ := textOf(envstring)
	if text.Null() {
		invalid(c, eINVAL)
		return -1, 0
	}
	name, value, ok := strings.Cut(text.Text, "=")
	if !ok || name == "" {
		fail(c, eINVAL)
		return -1, 0
	}
	if !of(c).setenv(name, value) {
		fail(c, eNOMEM)
		return -1, 0
	}
	return 0, 0
}

// putenvS sets or removes a variable.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/putenv-s-wputenv-s
func putenvS[T decoded](c *win.Call, name, value T) (win.Int, win.Error) {
	n, _ := textOf(name)
	v, _ := textOf(value)
	if n.Text == "" || v.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if !of(c).setenv(n.Text, v.Text) {
		fail(c, eNOMEM)
		return win.Int(eNOMEM), 0
	}
	return 0, 0
}

// maxEnvironment bounds what the environment may grow to, in bytes.
const maxEnvironment = 1 << 20

// setenv changes a variable; false means that there is no room for it.
func (s *state) setenv(name, value string) bool {
	size := len(name) + len(value)
	for _, v := range s.env.list {
		size += len(v)
	}
	if size > maxEnvironment {
		return false
	}
	e := &s.env
	i := e.find(name)
	if i >= 0 {
		e.list = append(e.list[:i], e.list[i+1:]...)
	}
	s.p.RemoveVariable(name)
	if value != "" {
		if !s.p.SetVariable(name, value) {
			return false
		}
		e.list = append(e.list, name+"="+value)
	}
	e.publish(s)
	return true
}
