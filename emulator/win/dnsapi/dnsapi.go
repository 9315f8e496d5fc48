// Package dnsapi has the handlers of dnsapi.dll: names are looked up in the
// machine's configuration, which has addresses.
package dnsapi

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/names"
)

// Table returns dnsapi.dll.
func Table() win.Table { return win.DLL("dnsapi.dll", queryRows, nameRows) }

const queryNote = "addresses and the names of addresses; no other records"

var queryRows = win.Rows{
	win.Stub("DnsFlushResolverCache", win.Bool(true), ""),
	win.Func2("DnsFree", dnsFree, "pData FreeType"),
	win.Partial(win.Func6("DnsQuery_A", dnsQueryA, "pszName wType Options pExtra ppQueryResults pReserved"), queryNote),
	win.Partial(win.Func6("DnsQuery_UTF8", dnsQueryUTF8, "pszName wType Options pExtra ppQueryResults pReserved"), queryNote),
	win.Partial(win.Func6("DnsQuery_W", dnsQueryW, "pszName wType Options pExtra ppQueryResults pReserved"), queryNote),
	win.Partial(win.Func3("DnsQueryEx", dnsQueryEx, "pQueryRequest pQueryResults pCancelHandle"), queryNote+"; it is done at once"),
	win.Func2("DnsRecordListFree", dnsFree, "pData FreeType"),
}

// Types of records, and what comes of a query.
//
// https://learn.microsoft.com/windows/win32/dns/dns-constants
const (
	typeA     = 1
	typeCNAME = 5
	typePTR   = 12
	typeAAAA  = 28
	typeAny   = 255

	errNameError win.LSTATUS = 9003 // DNS_ERROR_RCODE_NAME_ERROR
	errNoRecords win.LSTATUS = 9501 // DNS_INFO_NO_RECORDS
)

// charset is how a query's text is written: DNS_CHARSET.
type charset int

const (
	unicode charset = 1
	utf8    charset = 2
	ansi    charset = 3
)

func (s charset) encode(text string) []byte {
	switch s {
	case unicode:
		return guest.UTF16(text)
	case utf8:
		return append([]byte(text), 0)
	}
	return guest.ANSI(text)
}

// record is one DNS_RECORD to be.
type record struct {
	kind uint16
	data []byte
	name string // instead of data
}

func dnsQueryA(c *win.Call, pszName win.AStr, wType win.WORD, Options win.Hex, pExtra win.Ptr, ppQueryResults win.Out[uint64], pReserved win.Ptr) (win.LSTATUS, win.Error) {
	return query(c, pszName.Str, wType, ppQueryResults, ansi), 0
}

func dnsQueryUTF8(c *win.Call, pszName win.AStr, wType win.WORD, Options win.Hex, pExtra win.Ptr, ppQueryResults win.Out[uint64], pReserved win.Ptr) (win.LSTATUS, win.Error) {
	return query(c, pszName.Str, wType, ppQueryResults, utf8), 0
}

// dnsQueryW looks a name up. Options have no effect: there is neither a cache
// nor a wire.
//
// https://learn.microsoft.com/windows/win32/api/windns/nf-windns-dnsquery_w
func dnsQueryW(c *win.Call, pszName win.WStr, wType win.WORD, Options win.Hex, pExtra win.Ptr, ppQueryResults win.Out[uint64], pReserved win.Ptr) (win.LSTATUS, win.Error) {
	return query(c, pszName.Str, wType, ppQueryResults, unicode), 0
}

// dnsQueryEx looks a name up. The callback is not needed, since the result is
// there at once.
//
// https://learn.microsoft.com/windows/win32/api/windns/nf-windns-dnsqueryex
func dnsQueryEx(c *win.Call, pQueryRequest, pQueryResults, pCancelHandle win.Ptr) (win.LSTATUS, win.Error) {
	const name, kind, status, records = 8, 16, 4, 16
	if pQueryRequest == 0 || pQueryResults == 0 {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	at := win.Ptr(c.ReadUint(pQueryRequest+name, 8))
	if at == 0 {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	text := win.Str{Addr: at, Text: c.WString(at)}
	if c.Faulted() {
		return 0, 0
	}
	r := query(c, text, win.WORD(c.ReadUint(pQueryRequest+kind, 2)), win.Out[uint64]{Addr: pQueryResults + records}, unicode)
	c.WriteUint(pQueryResults+status, 4, uint64(r))
	return r, 0
}

func query(c *win.Call, name win.Str, kind win.WORD, to win.Out[uint64], text charset) win.LSTATUS {
	if name.Null() || name.Text == "" || to.Null() {
		return win.LSTATUS(win.ErrInvalidParameter)
	}
	to.Set(c, 0)
	records, err := answers(c, strings.TrimSuffix(name.Text, "."), uint16(kind))
	if err != 0 {
		return err
	}
	next := win.Ptr(0)
	for _, r := range slices.Backward(records) {
		at := r.lay(c, name.Text, text, next)
		if at == 0 {
			return win.LSTATUS(win.ErrNotEnoughMemory)
		}
		next = at
	}
	to.Set(c, uint64(next))
	return 0
}

// answers are the records of a name.
func answers(c *win.Call, name string, kind uint16) ([]record, win.LSTATUS) {
	if kind == typePTR {
		return pointers(c, name)
	}
	addresses := names.Resolve(c, name)
	if len(addresses) == 0 {
		return nil, errNameError
	}
	if kind != typeA && kind != typeAAAA && kind != typeAny && kind != typeCNAME {
		c.Gap("records of a type that the configuration does not have")
		return nil, errNoRecords
	}
	var records []record
	for _, text := range addresses {
		a, err := netip.ParseAddr(text)
		switch {
		case err != nil:
		case a.Is4() && (kind == typeA || kind == typeAny):
			records = append(records, record{kind: typeA, data: a.AsSlice()})
		case a.Is6() && (kind == typeAAAA || kind == typeAny):
			records = append(records, record{kind: typeAAAA, data: a.AsSlice()})
		}
	}
	if len(records) == 0 {
		return nil, errNoRecords
	}
	return records, 0
}

// pointers are the names of an address, asked for as in
// "7.113.0.203.in-addr.arpa".
func pointers(c *win.Call, name string) ([]record, win.LSTATUS) {
	reversed, ok := strings.CutSuffix(strings.ToLower(name), ".in-addr.arpa")
	parts := strings.Split(reversed, ".")
	slices.Reverse(parts)
	var hosts []string
	if ok {
		hosts = c.Network.HostsAt(strings.Join(parts, "."))
	}
	c.Emit(trace.DNSQuery{Name: name, Answered: len(hosts) > 0, Results: hosts})
	var records []record
	for _, h := range hosts {
		records = append(records, record{kind: typePTR, name: h})
	}
	if len(records) == 0 {
		return nil, errNameError
	}
	return records, 0
}

// DNS_RECORD as 64-bit code lays it out.
const (
	recordSize   = 32
	recordName   = 8
	recordType   = 16
	recordLength = 18
	recordFlags  = 20
	recordTTL    = 24
	timeToLive   = 300
)

// lay makes a record one allocation of the guest's heap.
func (r *record) lay(c *win.Call, owner string, text charset, next win.Ptr) win.Ptr {
	const slack = 64
	name, target := text.encode(owner), text.encode(r.name)
	base := win.Ptr(c.Heap.Alloc(uint64(recordSize + len(r.data) + len(name) + len(target) + slack)))
	if base == 0 {
		return 0
	}
	b := win.NewBlock(base, recordSize)
	length := len(r.data)
	if r.name != "" {
		length = 8
	}
	b.Data = append(b.Data, make([]byte, max(length, 16))...)
	copy(b.Data[recordSize:], r.data)
	if r.name != "" {
		b.Put(recordSize, 8, b.Add(target))
	}
	const answer = 1 // DnsSectionAnswer
	b.Put(0, 8, uint64(next))
	b.Put(recordName, 8, b.Add(name))
	b.Put(recordType, 2, uint64(r.kind))
	b.Put(recordLength, 2, uint64(length))
	b.Put(recordFlags, 4, answer|uint64(text)<<3)
	b.Put(recordTTL, 4, timeToLive)
	c.Write(base, b.Data)
	return base
}

// dnsFree gives back what a query returned.
//
// https://learn.microsoft.com/windows/win32/api/windns/nf-windns-dnsfree
func dnsFree(c *win.Call, pData win.Ptr, FreeType win.DWORD) (win.Void, win.Error) {
	const flat, most = 0, 4096
	for range most {
		if pData == 0 {
			break
		}
		next := win.Ptr(0)
		if FreeType != flat {
			b := c.Bytes(pData, 8)
			if b == nil {
				break
			}
			next = win.Ptr(binary.LittleEndian.Uint64(b))
		}
		c.Heap.Free(uint64(pData))
		pData = next
	}
	return win.Void{}, 0
}
