package ioc

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// ordinary is the end of the message of what half the world talks to.
const ordinary = "it would match ordinary traffic"

func (d doubt) benign() bool { return strings.HasSuffix(d.message, ordinary) }

// benignDomains are hosts that ordinary programs talk to; alone they tell
// nothing, with a path they may.
var benignDomains = map[string]bool{"github.com": true, "raw.githubusercontent.com": true, "githubusercontent.com": true, "gist.github.com": true, "api.github.com": true,
	"github.io": true, "gitlab.com": true, "bitbucket.org": true, "google.com": true, "www.google.com": true, "googleapis.com": true, "drive.google.com": true, "docs.google.com": true,
	"dropbox.com": true, "www.dropbox.com": true, "onedrive.live.com": true, "1drv.ms": true, "microsoft.com": true, "www.microsoft.com": true, "windows.com": true,
	"windowsupdate.com": true, "live.com": true, "office.com": true, "sharepoint.com": true, "msftconnecttest.com": true, "azureedge.net": true, "windows.net": true,
	"amazonaws.com": true, "cloudfront.net": true, "cloudflare.com": true, "workers.dev": true, "akamai.net": true, "akamaiedge.net": true, "fastly.net": true,
	"discord.com": true, "cdn.discordapp.com": true, "discordapp.com": true, "telegram.org": true, "api.telegram.org": true, "t.me": true, "slack.com": true, "pastebin.com": true,
	"facebook.com": true, "twitter.com": true, "x.com": true, "youtube.com": true, "wikipedia.org": true, "apple.com": true, "mozilla.org": true, "digicert.com": true,
	"ipinfo.io": true, "ip-api.com": true, "api.ipify.org": true, "ifconfig.me": true, "bit.ly": true, "archive.org": true, "3cx.com": true}

// benignAddresses are resolvers that anybody may ask.
var benignAddresses = map[string]bool{"8.8.8.8": true, "8.8.4.4": true, "1.1.1.1": true, "1.0.0.1": true, "9.9.9.9": true, "208.67.222.222": true,
	"208.67.220.220": true, "2001:4860:4860::8888": true, "2606:4700:4700::1111": true}

// benignFiles are programs and libraries of every Windows.
var benignFiles = map[string]bool{"svchost.exe": true, "explorer.exe": true, "cmd.exe": true, "powershell.exe": true, "rundll32.exe": true, "regsvr32.exe": true,
	"mshta.exe": true, "wscript.exe": true, "cscript.exe": true, "msiexec.exe": true, "services.exe": true, "lsass.exe": true, "winlogon.exe": true,
	"kernel32.dll": true, "ntdll.dll": true, "user32.dll": true, "advapi32.dll": true, "wininet.dll": true, "ws2_32.dll": true, "shell32.dll": true, "conhost.exe": true}

// reserved are top-level domains that the DNS does not have and that lists and
// tests do (RFC 2606, RFC 6761, RFC 7686, RFC 9476).
var reserved = map[string]bool{"test": true, "example": true, "invalid": true, "localhost": true, "local": true, "onion": true, "internal": true, "alt": true,
	"lan": true, "home": true, "corp": true, "arpa": true, "bit": true}

// domainDoubts is what may be wrong with a domain; written is how the list has
// it, and ascii how it is compared.
func domainDoubts(written, ascii string) []doubt {
	var doubts []doubt
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	public, known := suffix(ascii)
	switch {
	case reserved[last]:
	case !known:
		d := doubt{message: fmt.Sprintf("%q is no top-level domain", last)}
		if near := nearSuffix(last); near != "" {
			d.hint = fmt.Sprintf("did you mean .%s?", near)
		}
		doubts = append(doubts, d)
	case public == ascii:
		doubts = append(doubts, doubt{ascii + " is what anybody may register names below: " + ordinary, "name the host"})
	case benignDomains[ascii]:
		doubts = append(doubts, doubt{ascii + " is a host that ordinary programs talk to: " + ordinary, "name the path"})
	}
	if d, ok := mixed(written); ok {
		doubts = append(doubts, d)
	}
	return doubts
}

// nearSuffix is the top-level domain that one slip of the hand makes of a word:
// one of the common ones rather than any other.
func nearSuffix(word string) string {
	var near []string
	try := func(s string) {
		if s == "" || strings.Contains(s, ".") {
			return
		}
		if _, known := suffix("a." + s); known {
			near = append(near, s)
		}
	}
	const letters = "abcdefghijklmnopqrstuvwxyz"
	for i := 0; i <= len(word) && len(word) <= 20; i++ {
		for _, c := range letters {
			try(word[:i] + string(c) + word[i:])
			if i < len(word) {
				try(word[:i] + string(c) + word[i+1:])
			}
		}
		if i < len(word) {
			try(word[:i] + word[i+1:])
		}
		if i+1 < len(word) {
			try(word[:i] + word[i+1:i+2] + word[i:i+1] + word[i+2:])
		}
	}
	for _, common := range []string{"com", "net", "org", "info", "io", "ru", "cn", "de", "xyz", "top", "wiki"} {
		if slices.Contains(near, common) {
			return common
		}
	}
	slices.Sort(near)
	if len(near) > 0 {
		return near[0]
	}
	return ""
}

// mixed finds Latin letters beside those of another alphabet that look like
// them.
func mixed(domain string) (doubt, bool) {
	var latin bool
	var other rune
	for _, r := range domain {
		switch {
		case r < 0x80 && unicode.IsLetter(r):
			latin = true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee):
			if other == 0 {
				other = r
			}
		}
	}
	if !latin || other == 0 {
		return doubt{}, false
	}
	return doubt{fmt.Sprintf("%q (U+%04X) stands among Latin letters and may only look like one", other, other), "type the name anew"}, true
}
