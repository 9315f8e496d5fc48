package ioc

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// doubt is something about an indicator that its author may not know.
type doubt struct {
	message, hint string
}

// indicator is one that was understood.
type indicator struct {
	kind   Kind
	exact  bool   // a domain without those below it
	below  bool   // only what is below a domain (*.example.com)
	value  string // as it is compared
	doubts []doubt
}

// domains maps names as browsers do, and lets the underscores of services pass.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))

var (
	scheme    = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://`)
	drive     = regexp.MustCompile(`^[A-Za-z]:[\\/]`)
	variable  = regexp.MustCompile(`^%[A-Za-z_()0-9]+%`)
	registry  = regexp.MustCompile(`(?i)^(?:HKLM|HKCU|HKU|HKCR|HKCC|HKEY_[A-Z_]+|\\REGISTRY\\(?:MACHINE|USER))(?:\\|:\\|$)`)
	pipe      = regexp.MustCompile(`(?i)^(?:\\\\\.\\pipe\\|\\\\\.\\\\pipe\\\\|\\pipe\\|\\Device\\NamedPipe\\)`)
	nameSpace = regexp.MustCompile(`(?i)^(?:\\BaseNamedObjects\\|Global\\|Local\\)`)
)

// extensions are those of files, where a name such as a.dll could be a domain.
// Names whose last part is both are domains, for ".zip" is a domain since 2014.
var extensions = map[string]bool{"exe": true, "dll": true, "sys": true, "ocx": true, "cpl": true, "scr": true, "msi": true, "bat": true, "cmd": true,
	"ps1": true, "vbs": true, "js": true, "jse": true, "wsf": true, "hta": true, "lnk": true, "dat": true, "bin": true, "log": true, "ico": true,
	"tmp": true, "txt": true, "ini": true, "cfg": true, "xml": true, "json": true, "iso": true, "img": true, "dmg": true, "pkg": true, "rar": true,
	"7z": true, "gz": true, "doc": true, "docx": true, "xls": true, "xlsx": true, "pdf": true, "rtf": true, "jpg": true, "png": true, "gif": true,
	"dylib": true, "elf": true, "jar": true, "py": false, "db": true, "pcap": true, "evtx": true, "chm": true, "mui": true, "pri": true}

// classify finds out what a value is. Kind is what the list says it is, or
// Unknown. An error says why it is no indicator.
func classify(value string, kind Kind) (indicator, error) {
	value = strings.TrimSpace(value)
	if kind == Mutex || kind == Event || kind == UserAgent {
		return indicator{kind: kind, value: value}, nil
	}
	value = Refang(value)
	found := guess(value)
	switch {
	case kind == Unknown:
		if found == Unknown {
			return indicator{}, unknown(value)
		}
	case kind == found:
	case kind == URL && (found == Domain || found == IP || found == CIDR || found == Path && strings.Contains(value, "/")),
		kind == Domain && (found == URL || found == IP), kind == IP && (found == CIDR || found == Domain || found == URL),
		kind == CIDR && found == IP, kind == Path && found == Registry, kind == FileName && (found == Path || found == Registry):
		// What the list calls by a neighbouring name is what it looks like.
	case kind.hash() && found.hash() && !(kind == ImpHash && found == MD5):
		in, err := normalise(value, found)
		in.doubts = append(in.doubts, doubt{fmt.Sprintf("called %s, and has the %d digits of %s", kind, len(value), found), ""})
		return in, err
	default:
		found = kind
	}
	return normalise(value, found)
}

// guess is what a value looks like.
func guess(value string) Kind {
	switch {
	case (len(value) == 32 || len(value) == 40 || len(value) == 64) && hexadecimal(value):
		return map[int]Kind{32: MD5, 40: SHA1, 64: SHA256}[len(value)]
	case strings.Contains(value, "://") && scheme.MatchString(value):
		return URL
	case !strings.ContainsAny(value, `\%:`):
	case registry.MatchString(value):
		return Registry
	case pipe.MatchString(value):
		return Pipe
	case nameSpace.MatchString(value):
		return Mutex
	case drive.MatchString(value), strings.Contains(value, `\`), variable.MatchString(value):
		return Path
	}
	if numeric(value) {
		if _, err := netip.ParseAddr(strings.Trim(value, "[]")); err == nil {
			return IP
		}
		if _, err := netip.ParseAddrPort(value); err == nil {
			return IP
		}
		if _, err := netip.ParsePrefix(value); err == nil {
			return CIDR
		}
	}
	host, path, slash := strings.Cut(value, "/")
	if slash && host == "" {
		return Path
	}
	host, _ = cutPort(host)
	if i := strings.LastIndexByte(host, '.'); i >= 0 && !strings.ContainsAny(host, " @") {
		last := strings.ToLower(host[i+1:])
		if !slash && extensions[last] {
			return FileName
		}
		if _, err := hostName(strings.TrimPrefix(strings.TrimPrefix(host, "*"), ".")); err == nil {
			if slash && path != "" || slash {
				return URL
			}
			return Domain
		}
		if i > 0 && !slash && extensions[last] {
			return FileName
		}
	}
	return Unknown
}

func hexadecimal(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// numeric says that a value may be an address or a range of them.
func numeric(s string) bool {
	return strings.Trim(s, "0123456789./") == "" || strings.Contains(s, ":")
}

// unknown says why a value is no indicator, as near as it can be told.
func unknown(value string) error {
	switch {
	case value == "":
		return fmt.Errorf("no indicator")
	case len(value) >= 24 && hexadecimal(value):
		return fmt.Errorf("a hash of %d hexadecimal digits; MD5 has 32, SHA-1 40, SHA-256 64", len(value))
	case strings.Contains(value, "@"):
		return fmt.Errorf("an e-mail address: %s", unseen)
	}
	return fmt.Errorf("cannot tell what %q is; name its type in a column \"type\" (mutex, event, filename, …)", shorten(value))
}

// normalise is a value of a kind as it is compared.
func normalise(value string, kind Kind) (indicator, error) {
	in := indicator{kind: kind}
	var err error
	switch kind {
	case Domain:
		err = in.domain(value)
	case URL:
		err = in.url(value)
	case IP, CIDR:
		err = in.address(value)
	case MD5, SHA1, SHA256, ImpHash:
		in.value = strings.ToLower(value)
		if bad := strings.IndexFunc(value, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }); bad >= 0 {
			return in, fmt.Errorf("%q is no hexadecimal digit of a hash", []rune(value[bad:])[0])
		}
		if len(value) != kind.digits() {
			return in, fmt.Errorf("a hash of %d hexadecimal digits; %s has %d", len(value), kind, kind.digits())
		}
		if slices.Contains([]string{"d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}, in.value) {
			in.doubt("the hash of an empty file: it would match ordinary ones", "")
		}
	case Path:
		in.value = filePath(value)
		if strings.HasSuffix(value, `\`) || strings.HasSuffix(value, "/") { // a folder: all that is in it
			in.value += `\*`
		}
		if strings.HasPrefix(in.value, "/") && !strings.Contains(value, `\`) {
			in.doubt("a path of another system than Windows", "")
		}
		if rest := in.value[strings.IndexByte(in.value[:min(len(in.value), 2)], ':')+1:]; strings.Trim(rest, `\*?`) == "" {
			return in, fmt.Errorf("%q would match every path", shorten(value))
		}
	case FileName:
		in.value = strings.ToLower(value[strings.LastIndexAny(value, `\/`)+1:])
		if strings.Trim(in.value, "*?.") == "" {
			return in, fmt.Errorf("%q would match every file", shorten(value))
		}
		if benignFiles[in.value] {
			in.doubt("a file of Windows itself: it would match ordinary machines", "give its path or its hash")
		}
	case Registry:
		in.value = registryPath(value)
		if strings.Count(in.value, `\`) < 2 {
			in.doubt("a key so near the root would match ordinary machines", "")
		}
	case Pipe:
		in.value = pipeName(value)
	default:
		in.value = value
	}
	if err == nil && in.value == "" {
		err = fmt.Errorf("no indicator")
	}
	return in, err
}

func (in *indicator) doubt(message, hint string) { in.doubts = append(in.doubts, doubt{message, hint}) }

// domain reads a name, with what says how much below it counts.
func (in *indicator) domain(value string) error {
	in.kind = Domain
	if strings.HasPrefix(value, "*.") {
		in.below, value = true, value[2:]
	}
	host, port := cutPort(strings.TrimPrefix(value, "."))
	if port != "" {
		in.doubt("the port is not compared", "")
	}
	ascii, err := hostName(host)
	if err != nil {
		return err
	}
	in.value = ascii
	for _, d := range domainDoubts(host, ascii) {
		in.doubt(d.message, d.hint)
	}
	return nil
}

// hostName is a name as the DNS has it.
func hostName(host string) (string, error) {
	ascii := strings.ToLower(strings.TrimSuffix(host, "."))
	if len(ascii) > 253 {
		return "", fmt.Errorf("%q is no domain: it has %d characters", shorten(host), len(ascii))
	}
	if strings.Contains(ascii, "xn--") || strings.IndexFunc(ascii, func(r rune) bool { return r >= 0x80 }) >= 0 {
		var err error
		if ascii, err = domains.ToASCII(ascii); err != nil {
			return "", fmt.Errorf("%q is no domain: %w", shorten(host), err)
		}
	}
	last, parts := "", 0
	for l := range strings.SplitSeq(ascii, ".") {
		if !label(l) {
			return "", fmt.Errorf("%q is no domain: it has the part %q", shorten(host), shorten(l))
		}
		last = l
		parts++
	}
	if parts < 2 {
		return "", fmt.Errorf("%q is no domain: it has no dot", shorten(host))
	}
	if strings.Trim(last, "0123456789") == "" {
		return "", fmt.Errorf("%q is neither a domain nor an IP address", shorten(host))
	}
	return ascii, nil
}

// label says that a part of a name is one of the DNS.
func label(s string) bool {
	const inner = "abcdefghijklmnopqrstuvwxyz0123456789_-"
	return s != "" && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' && strings.Trim(s, inner) == ""
}

// cutPort takes the port from a host.
func cutPort(host string) (name, port string) {
	if i := strings.LastIndexByte(host, ':'); i > 0 && i < len(host)-1 && strings.Trim(host[i+1:], "0123456789") == "" && !strings.Contains(host[:i], ":") {
		return host[:i], host[i+1:]
	}
	return host, ""
}

// url reads an address. One of a host alone is a domain.
func (in *indicator) url(value string) error {
	u := parseURL(value)
	if u.scheme != "" && !slices.Contains([]string{"http", "https", "ftp", "ws", "wss", "tcp", "udp"}, u.scheme) {
		return fmt.Errorf("a URL of the scheme %q: %s", shorten(u.scheme), unseen)
	}
	if addr, err := netip.ParseAddr(strings.Trim(u.host, "[]")); err == nil {
		if u.path == "" || u.path == "/" {
			return in.address(u.host)
		}
		u.host = addr.String()
	} else {
		if u.path == "" {
			return in.domain(u.host)
		}
		ascii, err := hostName(strings.TrimPrefix(u.host, "*."))
		if err != nil {
			return err
		}
		for _, d := range domainDoubts(u.host, ascii) {
			if !d.benign() { // a path on a well-known host is what tells it apart
				in.doubt(d.message, d.hint)
			}
		}
		u.host = ascii
	}
	in.kind, in.value = URL, u.String()
	return nil
}

// address reads an IP address, with or without a port, or a range of them.
func (in *indicator) address(value string) error {
	value = strings.TrimSpace(value)
	if p, err := netip.ParsePrefix(value); err == nil {
		in.kind = CIDR
		if p.Masked() != p {
			in.doubt(fmt.Sprintf("%s has bits set beyond its length; it stands for %s", value, p.Masked()), "")
		}
		p = p.Masked()
		if p.IsSingleIP() {
			in.kind, in.value = IP, p.Addr().Unmap().String()
			in.addressDoubts(p.Addr().Unmap())
			return nil
		}
		if p.Addr().Is4() && p.Bits() < 16 || p.Addr().Is6() && p.Bits() < 32 {
			in.doubt(fmt.Sprintf("a range of %d bits would match ordinary traffic", p.Bits()), "")
		} else {
			in.addressDoubts(p.Addr())
		}
		in.value = p.String()
		return nil
	}
	addr, err := netip.ParseAddr(strings.Trim(value, "[]"))
	if err != nil {
		ap, err2 := netip.ParseAddrPort(value)
		if err2 != nil {
			return fmt.Errorf("%q is no IP address", shorten(value))
		}
		in.doubt("the port is not compared", "")
		addr = ap.Addr()
	}
	in.kind, in.value = IP, addr.Unmap().WithZone("").String()
	in.addressDoubts(addr.Unmap())
	return nil
}

func (in *indicator) addressDoubts(a netip.Addr) {
	switch {
	case a.IsLoopback(), a.IsUnspecified():
		in.doubt(a.String()+" is the machine itself: it would match ordinary traffic", "")
	case a.IsPrivate(), a.IsLinkLocalUnicast():
		in.doubt(a.String()+" is a private address: it would match ordinary traffic", "")
	case a.IsMulticast(), a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		in.doubt(a.String()+" is an address of groups: it would match ordinary traffic", "")
	case benignAddresses[a.String()]:
		in.doubt(a.String()+" is a public resolver: it would match ordinary traffic", "")
	}
}

// suffix is the public suffix of a domain, and whether the registry of top-level
// domains has it.
func suffix(domain string) (string, bool) {
	s, icann := publicsuffix.PublicSuffix(domain)
	return s, icann || strings.Contains(s, ".")
}
