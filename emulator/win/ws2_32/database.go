package ws2_32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var databaseRows = win.Rows{
	win.Func1("getprotobyname", getProtoByName, "name"),
	win.Func1("getprotobynumber", getProtoByNumber, "number"),
	win.Partial(win.Func2("getservbyname", getServByName, "name proto"), "the most usual services"),
	win.Partial(win.Func2("getservbyport", getServByPort, "port proto"), "the most usual services"),
}

// scratch is where the old functions leave their results: each thread has a
// place for each kind, which the next call of that kind overwrites.
type scratch struct{ host, service, protocol, address win.Ptr }

func (st *stack) own(c *win.Call) *scratch {
	s := st.scratch[c.T.ID]
	if s == nil {
		s = &scratch{}
		st.scratch[c.T.ID] = s
	}
	return s
}

// text is the place of inet_ntoa.
func (s *scratch) text(c *win.Call) win.Ptr {
	const size = 16
	if s.address == 0 {
		s.address = win.Ptr(c.Heap.Alloc(size))
	}
	return s.address
}

const structSize = 1024 // of a place: a structure and what it points to

func (s *scratch) place(c *win.Call, at *win.Ptr) win.Ptr {
	if *at == 0 {
		*at = win.Ptr(c.Heap.Alloc(structSize))
	}
	return *at
}

// store writes the block; a name that is too long for it is no name.
func store(c *win.Call, b *win.Block) win.Ptr {
	if b.Base == 0 || len(b.Data) > structSize {
		return 0
	}
	c.Write(b.Base, b.Data)
	return b.Base
}

type protocolEntry struct {
	name   string
	number int
}

var protocols = []protocolEntry{
	{"ip", 0}, {"icmp", 1}, {"ggp", 3}, {"tcp", 6}, {"egp", 8}, {"pup", 12}, {"udp", 17}, {"hmp", 20}, {"xns-idp", 22},
	{"rdp", 27}, {"ipv6", 41}, {"ipv6-route", 43}, {"ipv6-frag", 44}, {"esp", 50}, {"ah", 51}, {"ipv6-icmp", 58},
	{"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"rvd", 66},
}

// getProtoByName finds a protocol by its name.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-getprotobyname
func getProtoByName(c *win.Call, name win.AStr) (win.Ptr, win.Error) {
	return protocol(c, func(p protocolEntry) bool { return !name.Null() && strings.EqualFold(p.name, name.Text) })
}

func getProtoByNumber(c *win.Call, number win.Int) (win.Ptr, win.Error) {
	return protocol(c, func(p protocolEntry) bool { return p.number == int(number) })
}

func protocol(c *win.Call, is func(protocolEntry) bool) (win.Ptr, win.Error) {
	if err := started(c); err != 0 {
		return 0, err
	}
	for _, p := range protocols {
		if is(p) {
			own := state(c).own(c)
			b := win.NewBlock(own.place(c, &own.protocol), 24)
			b.Put(0, 8, b.Add(guest.ANSI(p.name)))
			b.Put(8, 8, b.List(b.Add(guest.ANSI(strings.ToUpper(p.name)))))
			b.Put(16, 2, uint64(p.number))
			return store(c, b), 0
		}
	}
	return 0, errNoData
}

type serviceEntry struct {
	name     string
	port     uint16
	protocol string // "" for TCP and UDP
}

var services = []serviceEntry{
	{"echo", 7, ""}, {"discard", 9, ""}, {"daytime", 13, ""}, {"ftp-data", 20, "tcp"}, {"ftp", 21, "tcp"}, {"ssh", 22, "tcp"},
	{"telnet", 23, "tcp"}, {"smtp", 25, "tcp"}, {"time", 37, ""}, {"domain", 53, ""}, {"tftp", 69, "udp"}, {"finger", 79, "tcp"},
	{"http", 80, "tcp"}, {"kerberos", 88, ""}, {"pop3", 110, "tcp"}, {"nntp", 119, "tcp"}, {"ntp", 123, "udp"}, {"epmap", 135, ""},
	{"netbios-ns", 137, ""}, {"netbios-dgm", 138, "udp"}, {"netbios-ssn", 139, "tcp"}, {"imap", 143, "tcp"}, {"snmp", 161, "udp"},
	{"irc", 194, "tcp"}, {"ldap", 389, "tcp"}, {"https", 443, ""}, {"microsoft-ds", 445, ""}, {"syslog", 514, "udp"},
	{"ldaps", 636, "tcp"}, {"ftps", 990, "tcp"}, {"telnets", 992, "tcp"}, {"imaps", 993, "tcp"}, {"pop3s", 995, "tcp"},
	{"ms-sql-s", 1433, ""}, {"ms-wbt-server", 3389, "tcp"},
}

// getServByName finds a service by its name.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-getservbyname
func getServByName(c *win.Call, name, proto win.AStr) (win.Ptr, win.Error) {
	return service(c, proto, func(s serviceEntry) bool { return !name.Null() && strings.EqualFold(s.name, name.Text) })
}

func getServByPort(c *win.Call, port win.Int, proto win.AStr) (win.Ptr, win.Error) {
	wanted := uint16(port)<<8 | uint16(port)>>8
	return service(c, proto, func(s serviceEntry) bool { return s.port == wanted })
}

func service(c *win.Call, proto win.AStr, is func(serviceEntry) bool) (win.Ptr, win.Error) {
	if err := started(c); err != 0 {
		return 0, err
	}
	for _, s := range services {
		over := s.protocol
		if over == "" {
			over = "tcp"
			if !proto.Null() && strings.EqualFold(proto.Text, "udp") {
				over = "udp"
			}
		}
		if !is(s) || !proto.Null() && !strings.EqualFold(over, proto.Text) {
			continue
		}
		own := state(c).own(c)
		b := win.NewBlock(own.place(c, &own.service), 32)
		b.Put(0, 8, b.Add(guest.ANSI(s.name)))
		b.Put(8, 8, b.List())
		b.Put(16, 8, b.Add(guest.ANSI(over)))
		b.Put(24, 2, uint64(s.port<<8|s.port>>8))
		return store(c, b), 0
	}
	return 0, errNoData
}
