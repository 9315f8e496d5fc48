package telemetry

import (
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"sidetrace/emulator/trace"
)

// dns makes event 22.
func (b *builder) dns(at *trace.Behaviour, f trace.DNSQuery) {
	const nameError = 9003 // DNS_ERROR_RCODE_NAME_ERROR
	v := b.self()
	v["QueryName"], v["QueryStatus"], v["QueryResults"] = Text(f.Name), Int(0), text(results(f.Results))
	if !f.Answered {
		v["QueryStatus"] = Int(nameError)
	}
	b.sysmon(at, 22, v)
}

// results lists addresses as the resolver gives them: those of IPv4 mapped
// into IPv6.
func results(addresses []string) string {
	var out strings.Builder
	for _, a := range addresses {
		if ip, err := netip.ParseAddr(a); err == nil && ip.Is4() {
			out.WriteString("::ffff:")
		}
		out.WriteString(a + ";")
	}
	return out.String()
}

// connect makes event 3 of a connection that came about; datagrams need no
// answer.
func (b *builder) connect(at *trace.Behaviour, f trace.NetConnect) {
	if f.Protocol != "tcp" && f.Protocol != "udp" || f.Protocol == "tcp" && !f.Answered || f.Address == "" {
		return
	}
	destination, err := netip.ParseAddr(f.Address)
	if err != nil {
		return
	}
	v := b.self()
	v["Protocol"], v["Initiated"] = Text(f.Protocol), Text("true")
	v["SourceIsIpv6"], v["DestinationIsIpv6"] = Text(fmt.Sprint(destination.Is6())), Text(fmt.Sprint(destination.Is6()))
	v["SourceIp"], v["SourceHostname"], v["SourcePort"] = b.source(destination), Text(b.host.Computer), Int(int64(b.port()))
	v["DestinationIp"], v["DestinationPort"] = Text(f.Address), Int(int64(f.Port))
	v["DestinationPortName"] = text(services[f.Port])
	if _, err := netip.ParseAddr(f.Host); err != nil {
		v["DestinationHostname"] = text(f.Host)
	}
	b.sysmon(at, 3, v)
}

// source is the machine's own address on the way to another.
func (b *builder) source(to netip.Addr) Value {
	switch {
	case to.IsLoopback():
		return Text(to.String())
	case to.Is6():
		return Text(none) // the machine has no such address
	}
	return Text(b.host.Address)
}

// port is the next of the ports that Windows gives to connections.
func (b *builder) port() int {
	const first, count = 49152, 16384
	b.ports++
	return first + (b.ports-1)%count
}

// services are the names of ports in Windows' own list of services.
var services = map[int]string{
	21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 53: "domain", 80: "http", 88: "kerberos", 110: "pop3", 123: "ntp", 135: "epmap",
	139: "netbios-ssn", 143: "imap", 389: "ldap", 443: "https", 445: "microsoft-ds", 636: "ldaps", 1433: "ms-sql-s", 3306: "mysql", 3389: "ms-wbt-server",
}

// proxy makes the record of a proxy that sees inside TLS, with the fields of
// Sigma's category "proxy".
func (b *builder) proxy(at *trace.Behaviour, f trace.HTTPRequest) {
	v := []Field{
		{"src_ip", Text(b.host.Address)},
		{"c-uri", Text(f.URL)},
	}
	if u, err := url.Parse(f.URL); err == nil {
		v = append(v,
			Field{"c-uri-stem", text(u.EscapedPath())},
			Field{"c-uri-query", text(u.RawQuery)},
			Field{"c-uri-extension", text(strings.TrimPrefix(path.Ext(u.Path), "."))},
		)
	}
	v = append(v,
		Field{"c-useragent", text(f.UserAgent)},
		Field{"cs-method", Text(f.Method)},
		Field{"cs-host", Text(f.Host)},
		Field{"r-dns", Text(f.Host)},
		Field{"cs-cookie", text(f.Cookie)},
		Field{"cs-referrer", text(header(f.Headers, "Referer"))},
		Field{"cs-bytes", Int(int64(f.BodySize))},
		Field{"sc-status", Int(int64(f.Status))},
	)
	b.emit(Event{
		Seq: at.Seq, Time: b.time(at.Time), Source: Logsource{Category: "proxy"}, Computer: b.host.Computer, Fields: v,
	})
}

// header finds a header among those sent.
func header(headers, name string) string {
	for line := range strings.SplitSeq(headers, "\r\n") {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
