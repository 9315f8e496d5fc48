package yara

/*
#cgo pkg-config: yara
#cgo CFLAGS: -Wall -Wextra
#include <stdlib.h>
#include "bridge.h"
#cgo noescape st_scan_run
#cgo nocallback st_scan_run
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// Version is the release of libyara this program was built with.
func Version() string { return strings.ReplaceAll(strings.Trim(C.YR_VERSION, `"`), `"`, "") }

// start initialises libyara, which wants that once for the process and keeps
// its state in globals of its own; it is never finalised, as only the end of the
// process is sure to come after the last scan. A match's bytes are not copied:
// they are in the object, by offset and length, and a million matches of one
// string, as many as libyara keeps, would be half a gigabyte.
var start = sync.OnceValue(func() error {
	if code := C.yr_initialize(); code != C.ERROR_SUCCESS {
		return libraryError(code)
	}
	if code := C.yr_set_configuration_uint32(C.YR_CONFIG_MAX_MATCH_DATA, 0); code != C.ERROR_SUCCESS {
		return libraryError(code)
	}
	return nil
})

// errTimeout is a scan that took longer than it may.
var errTimeout = errors.New("the scan took too long")

// libraryError names an error of libyara.
func libraryError(code C.int) error {
	switch code {
	case C.ERROR_SCAN_TIMEOUT:
		return errTimeout
	case C.ERROR_INSUFFICIENT_MEMORY:
		return errors.New("libyara: out of memory")
	case C.ERROR_EXEC_STACK_OVERFLOW:
		return errors.New("libyara: a condition is too deep")
	case C.ERROR_TOO_MANY_RE_FIBERS:
		return errors.New("libyara: a regular expression is too complex for this object")
	case C.ERROR_INVALID_EXTERNAL_VARIABLE_TYPE:
		return errors.New("libyara: an external variable has another type")
	}
	return fmt.Errorf("libyara: error %d", int(code))
}

// message is what the compiler says.
type message struct {
	warning bool
	source  int // number; -1 where the compiler does not say
	line    int
	rule    string // "" for none
	text    string
}

// compiler turns sources into rules. After an error it is good for its messages
// alone.
type compiler struct{ c *C.st_compiler }

func newCompiler(vars []variable) (*compiler, error) {
	if err := start(); err != nil {
		return nil, err
	}
	c := &compiler{c: C.st_compiler_new()}
	if c.c == nil {
		return nil, libraryError(C.ERROR_INSUFFICIENT_MEMORY)
	}
	for _, v := range vars {
		if err := c.define(v); err != nil {
			c.close()
			return nil, fmt.Errorf("external variable %q: %w", v.name, err)
		}
	}
	return c, nil
}

func (c *compiler) close() { C.st_compiler_free(c.c) }

// define makes an external variable known, with its type and first value.
func (c *compiler) define(v variable) error {
	name := C.CString(v.name)
	defer C.free(unsafe.Pointer(name))
	var code C.int
	switch value := v.value.(type) {
	case bool:
		code = C.st_compiler_boolean(c.c, name, C.bool(value))
	case int64:
		code = C.st_compiler_integer(c.c, name, C.int64_t(value))
	case float64:
		code = C.st_compiler_float(c.c, name, C.double(value))
	case string:
		text := C.CString(value)
		defer C.free(unsafe.Pointer(text))
		code = C.st_compiler_string(c.c, name, text)
	}
	if code != C.ERROR_SUCCESS {
		return libraryError(code)
	}
	return nil
}

// source makes a text known, which others include by its number.
func (c *compiler) source(number int, text []byte) error {
	p := (*C.char)(unsafe.Pointer(unsafe.SliceData(text)))
	if code := C.st_compiler_source(c.c, C.int(number), p, C.size_t(len(text))); code != C.ERROR_SUCCESS {
		return libraryError(code)
	}
	return nil
}

// add compiles a source known by its number and says whether it has no error.
func (c *compiler) add(number int) bool {
	return C.st_compiler_add(c.c, C.int(number)) == 0
}

// messages lists errors and warnings in the order in which they arose.
func (c *compiler) messages() []message {
	var count C.size_t
	first := C.st_compiler_messages(c.c, &count)
	var list []message
	for _, m := range unsafe.Slice(first, int(count)) {
		list = append(list, message{bool(m.warning), int(m.file), int(m.line), C.GoString(m.rule), C.GoString(m.text)})
	}
	return list
}

// compiled is a set of rules, ready to be scanned with by many at once.
type compiled struct {
	rules *C.YR_RULES
	count int
}

// finish makes rules of what was added.
func (c *compiler) finish() (*compiled, error) {
	r := new(compiled)
	if code := C.st_compiler_rules(c.c, &r.rules); code != C.ERROR_SUCCESS {
		return nil, libraryError(code)
	}
	r.count = int(r.rules.num_rules)
	runtime.AddCleanup(r, func(rules *C.YR_RULES) { C.yr_rules_destroy(rules) }, r.rules)
	return r, nil
}

// meta is one line of a rule's meta section.
type meta struct {
	name string
	text string // of a number too
}

// ruleInfo is a rule as it was compiled.
type ruleInfo struct {
	name            string
	source          int // number of the source that was added
	private, global bool
	tags            []string
	metas           []meta
}

// rule tells of the rule of an index.
func (r *compiled) rule(index int) ruleInfo {
	var c C.st_rule
	C.st_rules_get(r.rules, C.uint32_t(index), &c)
	info := ruleInfo{name: C.GoString(c.name), source: int(c.source), private: bool(c.private), global: bool(c.global)}
	for tag := c.tags; tag != nil && *tag != 0; {
		text := C.GoString(tag)
		info.tags = append(info.tags, text)
		tag = (*C.char)(unsafe.Add(unsafe.Pointer(tag), len(text)+1))
	}
	for i := 0; c.metas != nil; i++ {
		var m C.st_meta
		C.st_meta_get(c.metas, C.size_t(i), &m)
		text := strconv.FormatInt(int64(m.number), 10)
		if m.text != nil {
			text = C.GoString(m.text)
		}
		info.metas = append(info.metas, meta{C.GoString(m.name), text})
		if m.last {
			break
		}
	}
	runtime.KeepAlive(r)
	return info
}

// hit is a rule that fired.
type hit struct {
	rule    int
	strings []found
}

// found is a string that was found, with the first of its matches.
type found struct {
	name    string
	matches []match
	total   int
}

type match struct{ offset, length int64 }

// notice is a string that libyara gave up to look for.
type notice struct {
	rule int
	name string
	slow bool // else it was found too often
}

// limits bound a scan.
type limits struct {
	timeout time.Duration
	keep    int // matches of a string
	room    int // matches in all
	logs    int // messages of the console module
}

// outcome is what a scan found.
type outcome struct {
	hits    []hit
	notices []notice
	logs    []string
}

// scan runs rules over an object. The end of ctx is a time-out.
func (r *compiled) scan(ctx context.Context, data []byte, process bool, vars []variable, lim limits) (outcome, error) {
	var out outcome
	if ctx.Err() != nil {
		return out, errTimeout
	}
	var s *C.st_scan
	if code := C.st_scan_open(r.rules, C.size_t(lim.keep), C.size_t(lim.room), &s); code != C.ERROR_SUCCESS {
		return out, libraryError(code)
	}
	s.log_limit = C.size_t(lim.logs)
	defer runtime.KeepAlive(r)
	defer C.st_scan_close(s)
	for _, v := range vars {
		if text, ok := v.value.(string); ok {
			if err := defineForScan(s, v.name, text); err != nil {
				return out, fmt.Errorf("external variable %q: %w", v.name, err)
			}
		}
	}

	// The scan may not be closed while another thread cancels it.
	cancelled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		C.st_scan_cancel(s)
		close(cancelled)
	})
	p := (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(data)))
	code := C.st_scan_run(s, p, C.size_t(len(data)), C.bool(process), C.uint64_t(max(lim.timeout, 1)))
	if !stop() {
		<-cancelled
	}
	out.notices = notices(s)
	for _, text := range unsafe.Slice(s.logs, int(s.log_count)) {
		out.logs = append(out.logs, C.GoString(text))
	}
	switch {
	case bool(s.failed):
		return out, libraryError(C.ERROR_INSUFFICIENT_MEMORY)
	case code != C.ERROR_SUCCESS:
		return out, libraryError(code)
	}
	out.hits = hits(s)
	return out, nil
}

func defineForScan(s *C.st_scan, name, value string) error {
	n, v := C.CString(name), C.CString(value)
	defer C.free(unsafe.Pointer(n))
	defer C.free(unsafe.Pointer(v))
	if code := C.st_scan_string(s, n, v); code != C.ERROR_SUCCESS {
		return libraryError(code)
	}
	return nil
}

// hits copies what fired out of a scan.
func hits(s *C.st_scan) []hit {
	matches := unsafe.Slice(s.matches, int(s.match_count))
	strs := unsafe.Slice(s.strings, int(s.string_count))
	var list []hit
	for _, f := range unsafe.Slice(s.fires, int(s.fire_count)) {
		h := hit{rule: int(f.rule)}
		for _, str := range strs[f.first:][:f.count] {
			one := found{name: C.GoString(str.name), total: int(str.total)}
			for _, m := range matches[str.first:][:str.kept] {
				one.matches = append(one.matches, match{int64(m.offset), int64(m.length)})
			}
			h.strings = append(h.strings, one)
		}
		list = append(list, h)
	}
	return list
}

func notices(s *C.st_scan) []notice {
	var list []notice
	for _, n := range unsafe.Slice(s.notices, int(s.notice_count)) {
		list = append(list, notice{int(n.rule), C.GoString(n.name), bool(n.slow)})
	}
	return list
}
