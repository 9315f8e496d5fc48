// Package names looks up host names for the DLLs that can: in the machine's
// configuration, and nowhere else.
package names

import (
	"net/netip"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Resolve gives the addresses of a host and records that it was asked for. A
// name of which the configuration says nothing is a gap, since another answer
// might have led elsewhere; one below "invalid", which no machine has an
// answer for (RFC 6761), is not.
func Resolve(c *win.Call, host string) []string {
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}
	}
	addresses := c.Network.Resolve(host)
	c.Emit(trace.DNSQuery{Name: host, Answered: len(addresses) > 0, Results: addresses})
	if len(addresses) == 0 && !c.Network.Known(host) && !strings.HasSuffix(strings.ToLower(host), ".invalid") {
		c.Recorder.Gap(trace.Gap{Kind: trace.GapURL, Name: "name " + host, Caller: c.Place(c.Caller), Detail: "the host has no address"})
	}
	return addresses
}
