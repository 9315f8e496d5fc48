package ws2_32

import (
	"encoding/binary"
	"net/netip"
	"strings"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/names"
)

// answerDNS answers a query of the guest's own making, RFC 1035, from the
// names of the configuration; nil if it is none.
func answerDNS(c *win.Call, query []byte) []byte {
	const (
		header           = 12
		response         = 0x8180 // an answer, recursion desired and available
		noSuchName       = 3
		typeA, typeAAAA  = 1, 28
		classInternet    = 1
		timeToLive       = 300
		pointer          = 0xC000 | header // to the name in the question
		mostLabels, most = 128, 512
	)
	if len(query) < header || len(query) > most || query[2]&0x80 != 0 || binary.BigEndian.Uint16(query[4:]) != 1 {
		return nil
	}
	var labels []string
	at := header
	for {
		if at >= len(query) || len(labels) > mostLabels {
			return nil
		}
		n := int(query[at])
		at++
		if n == 0 {
			break
		}
		if n > 63 || at+n > len(query) {
			return nil
		}
		labels = append(labels, string(query[at:at+n]))
		at += n
	}
	if at+4 > len(query) {
		return nil
	}
	kind := binary.BigEndian.Uint16(query[at:])
	at += 4
	addresses := names.Resolve(c, strings.Join(labels, "."))
	answer := append([]byte(nil), query[:at]...)
	status := uint16(response)
	if len(addresses) == 0 {
		status |= noSuchName
	}
	binary.BigEndian.PutUint16(answer[2:], status)
	copy(answer[6:header], make([]byte, 6)) // no other sections
	count := uint16(0)
	for _, text := range addresses {
		a, err := netip.ParseAddr(text)
		if err != nil || (kind != typeA || !a.Is4()) && (kind != typeAAAA || !a.Is6()) {
			continue
		}
		count++
		answer = binary.BigEndian.AppendUint16(answer, pointer)
		answer = binary.BigEndian.AppendUint16(answer, kind)
		answer = binary.BigEndian.AppendUint16(answer, classInternet)
		answer = binary.BigEndian.AppendUint32(answer, timeToLive)
		answer = binary.BigEndian.AppendUint16(answer, uint16(len(a.AsSlice())))
		answer = append(answer, a.AsSlice()...)
	}
	binary.BigEndian.PutUint16(answer[6:], count)
	return answer
}
