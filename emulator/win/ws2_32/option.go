package ws2_32

import (
	"encoding/binary"
	"fmt"
	"time"

	"sidetrace/emulator/win"
)

var optionRows = win.Rows{
	win.Partial(win.Func5("getsockopt", getSockOpt, "s level optname optval optlen"), "the options of sockets and TCP that programs use; most are only kept"),
	win.Partial(win.Func5("setsockopt", setSockOpt, "s level optname optval optlen"), "time-outs and SO_REUSEADDR have an effect; the others are only kept"),
}

// option is an option of a level.
type option struct{ level, name int }

// Levels and options that are more than kept.
const (
	levelSocket = 0xFFFF
	levelIP     = 0
	levelIP6    = 41
	levelTCP    = 6
	levelUDP    = 17

	acceptConn    = 0x0002
	reuseAddress  = 0x0004
	exclusiveAddr = ^0x0004
	linger        = 0x0080
	dontLinger    = ^0x0080
	sendTimeout   = 0x1005
	receiveTime   = 0x1006
	errorOption   = 0x1007
	typeOption    = 0x1008
	maxMessage    = 0x2003
	protocolInfo  = 0x2005
	connectTime   = 0x700C
	updateAccept  = 0x700B
	updateConnect = 0x7010
)

// defaults are the options that can be kept, with their values at first.
var defaults = map[option]uint32{
	{levelSocket, 0x0001}: 0, {levelSocket, reuseAddress}: 0, {levelSocket, 0x0008}: 0, {levelSocket, 0x0010}: 0, // DEBUG, REUSEADDR, KEEPALIVE, DONTROUTE
	{levelSocket, 0x0020}: 0, {levelSocket, 0x0100}: 0, {levelSocket, exclusiveAddr}: 0, // BROADCAST, OOBINLINE, EXCLUSIVEADDRUSE
	{levelSocket, 0x1001}: window, {levelSocket, 0x1002}: window, // SNDBUF, RCVBUF
	{levelSocket, 0x3002}: 0, {levelSocket, 0x3005}: 0, // CONDITIONAL_ACCEPT, RANDOMIZE_PORT
	{levelTCP, 1}: 0, {levelTCP, 3}: 7200, {levelTCP, 16}: 10, {levelTCP, 17}: 1, {levelTCP, 5}: 0, // NODELAY, KEEPALIVE, KEEPCNT, KEEPINTVL, MAXRT
	{levelIP, 3}: 0, {levelIP, 4}: 128, {levelIP, 10}: 1, {levelIP, 11}: 1, {levelIP, 9}: 0, {levelIP, 14}: 0, {levelIP, 2}: 0, {levelIP, 19}: 0,
	{levelIP6, 4}: 128, {levelIP6, 27}: 1, {levelIP6, 10}: 1, {levelIP6, 11}: 1,
}

// flag reads an option as a truth.
func (s *socket) flag(c *win.Call, o option) bool {
	v := s.options[o]
	return len(v) > 0 && v[0] != 0
}

// getSockOpt reads an option.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-getsockopt
func getSockOpt(c *win.Call, s win.Handle, level, optname win.Int, optval win.Ptr, optlen win.Out[uint32]) (win.SockInt, win.Error) {
	o, err := find(c, s)
	switch {
	case err != 0:
		return result(err)
	case optval == 0 || optlen.Null():
		return result(errFault)
	}
	value, err := o.option(c, option{int(level), int(optname)})
	if err != 0 {
		return result(err)
	}
	space := int(optlen.Get(c))
	if space < len(value) && (len(value) > 4 || space == 0) {
		return result(errFault)
	}
	value = value[:min(len(value), space)]
	c.Write(optval, value)
	optlen.Set(c, uint32(len(value)))
	return 0, 0
}

func number(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

func (s *socket) option(c *win.Call, o option) ([]byte, win.Error) {
	if o.level == levelSocket {
		switch o.name {
		case acceptConn:
			return number(truth(s.listening)), 0
		case errorOption:
			e := s.failed
			s.failed = 0
			return number(uint32(e)), 0
		case typeOption:
			return number(uint32(s.kind)), 0
		case sendTimeout:
			return number(uint32(s.sendTime / time.Millisecond)), 0
		case receiveTime:
			return number(uint32(s.receiveTime / time.Millisecond)), 0
		case linger:
			if v := s.options[o]; v != nil {
				return v, 0
			}
			return make([]byte, 4), 0
		case dontLinger:
			return number(truth(!s.flag(c, option{levelSocket, linger}))), 0
		case maxMessage:
			if s.kind != typeDatagram {
				return nil, errNoOption
			}
			return number(65507), 0
		case connectTime:
			if !s.connected {
				return number(0xFFFFFFFF), 0
			}
			return number(0), 0
		}
	}
	if v := s.options[o]; v != nil {
		return v, 0
	}
	if v, ok := defaults[o]; ok && (o.level != levelTCP || s.kind == typeStream) {
		if o.level == levelTCP && o.name == 1 {
			return []byte{byte(v)}, 0 // a BOOLEAN, of which one byte is stored
		}
		return number(v), 0
	}
	if o.level == levelSocket || o.level == levelIP || o.level == levelIP6 || o.level == levelTCP {
		c.Gap(fmt.Sprintf("option %#x of level %#x", uint32(o.name), o.level))
		return nil, errNoOption
	}
	return nil, errInvalid
}

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// setSockOpt changes an option.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-setsockopt
func setSockOpt(c *win.Call, s win.Handle, level, optname win.Int, optval win.Ptr, optlen win.Int) (win.SockInt, win.Error) {
	const most = 256
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	key := option{int(level), int(optname)}
	if key.level == levelSocket && key.name == updateConnect {
		return 0, 0 // the socket of ConnectEx is one like any other
	}
	if optval == 0 || optlen < 1 || optlen > most {
		return result(errFault)
	}
	value := append([]byte(nil), c.Bytes(optval, uint64(optlen))...)
	if c.Faulted() {
		return 0, 0
	}
	first := uint32(value[0])
	if len(value) >= 4 {
		first = binary.LittleEndian.Uint32(value)
	}
	if key.level == levelSocket {
		switch key.name {
		case sendTimeout, receiveTime:
			if len(value) < 4 {
				return result(errFault)
			}
			limit := &o.sendTime
			if key.name == receiveTime {
				limit = &o.receiveTime
			}
			*limit = time.Duration(first) * time.Millisecond
			return 0, 0
		case linger:
			if len(value) < 4 {
				return result(errFault)
			}
			o.options[key] = value[:4]
			return 0, 0
		case dontLinger:
			o.options[option{levelSocket, linger}] = []byte{byte(truth(first == 0)), 0, 0, 0}
			return 0, 0
		case updateAccept:
			return 0, 0
		case acceptConn, errorOption, typeOption, maxMessage, protocolInfo:
			return result(errNoOption)
		case exclusiveAddr, reuseAddress:
			other := option{levelSocket, ^key.name}
			if first != 0 && o.flag(c, other) {
				return result(errInvalid)
			}
		}
	}
	if _, ok := defaults[key]; !ok {
		if membership(key) {
			return 0, 0
		}
		c.Gap(fmt.Sprintf("option %#x of level %#x", uint32(key.name), key.level))
		return result(errNoOption)
	}
	if len(value) >= 4 {
		value = number(first)
	} else {
		value = number(uint32(value[0]))
	}
	if key.level == levelTCP && key.name == 1 || key.level == levelSocket && boolean(key.name) {
		value = number(truth(first != 0))
	}
	o.options[key] = value
	return 0, 0
}

func boolean(name int) bool {
	return name == reuseAddress || name == exclusiveAddr || name == 0x0001 || name == 0x0008 || name == 0x0010 || name == 0x0020
}

// membership reports whether an option is about groups, to which nobody in the
// machine's network sends.
func membership(o option) bool {
	return o.level == levelIP && (o.name == 12 || o.name == 13) || o.level == levelIP6 && (o.name == 12 || o.name == 13)
}
