package crt

import (
	"math"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// definition is a variable of the runtime. msvcrt.dll exports them;
// ucrtbase.dll has functions that tell their addresses.
type definition struct {
	name  string
	size  int
	value func(s *state) uint64 // nil for 0 and for what is filled in otherwise
}

var definitions = [...]definition{
	{"_HUGE", 8, func(*state) uint64 { return math.Float64bits(math.Inf(1)) }},
	{"__argc", 4, func(s *state) uint64 { return uint64(len(s.args.list)) }},
	{"__argv", 8, func(s *state) uint64 { return s.args.argv }},
	{"__initenv", 8, func(s *state) uint64 { return s.env.table }},
	{"__lc_codepage", 4, nil},
	{"__mb_cur_max", 4, func(*state) uint64 { return 1 }},
	{"__wargv", 8, func(s *state) uint64 { return s.args.wargv }},
	{"__winitenv", 8, func(s *state) uint64 { return s.env.wtable }},
	{"_acmdln", 8, func(s *state) uint64 { return s.args.narrow }},
	{"_commode", 4, nil},
	{"_daylight", 4, nil},
	{"_dstbias", 4, nil},
	{"_environ", 8, func(s *state) uint64 { return s.env.table }},
	{"_fmode", 4, nil},
	{"_iob", iobCount * fileSize, nil},
	{"_osplatform", 4, func(*state) uint64 { return 2 }}, // VER_PLATFORM_WIN32_NT
	{"_osver", 4, func(s *state) uint64 { return uint64(s.p.Config.Version.Build) }},
	{"_pctype", 8, func(s *state) uint64 { return s.characterTable(0) + 2 }},
	{"_pgmptr", 8, func(s *state) uint64 { return s.args.program }},
	{"_pwctype", 8, func(s *state) uint64 { return s.wideTable() + 2 }},
	{"_timezone", 4, nil},
	{"_tzname", 16, nil},
	{"_wcmdln", 8, func(s *state) uint64 { return s.args.wide }},
	{"_wenviron", 8, func(s *state) uint64 { return s.env.wtable }},
	{"_winmajor", 4, func(s *state) uint64 { return uint64(s.p.Config.Version.Major) }},
	{"_winminor", 4, func(s *state) uint64 { return uint64(s.p.Config.Version.Minor) }},
	{"_winver", 4, func(s *state) uint64 { return uint64(s.p.Config.Version.Major<<8 | s.p.Config.Version.Minor) }},
	{"_wpgmptr", 8, func(s *state) uint64 { return s.args.wprogram }},
}

// variableRows exports the variables.
//
// https://learn.microsoft.com/cpp/c-runtime-library/global-variables
var variableRows = exportVariables()

func exportVariables() win.Rows {
	var rows win.Rows
	for _, d := range definitions {
		rows = append(rows, win.Data(d.name, d.size, func(p *guest.Process, addr uint64) {
			stateOf(p).define(d, addr)
		}))
	}
	return rows
}

// define says where a variable lies and gives it its value.
func (s *state) define(d definition, addr uint64) {
	s.variables[d.name] = addr
	switch d.name {
	case "_iob":
		s.placeStandard(addr)
	case "_tzname":
		s.put(addr, 8, s.constant("UTC"))
		s.put(addr+8, 8, s.constant("UTC"))
	}
	if d.value != nil {
		s.put(addr, min(d.size, 8), d.value(s))
	}
}

// variable is the address of a variable, which is made if no DLL exports it.
func (s *state) variable(name string) uint64 {
	if at, ok := s.variables[name]; ok {
		return at
	}
	for _, d := range definitions {
		if d.name == name {
			s.define(d, s.store(make([]byte, d.size)))
		}
	}
	return s.variables[name]
}

// addressRow is a function that tells the address of a variable.
func addressRow(function, variable string) win.Row {
	return win.Func0(function, func(c *win.Call) (win.Ptr, win.Error) {
		return win.Ptr(of(c).variable(variable)), 0
	})
}
