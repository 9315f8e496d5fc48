package dnsapi

import (
	"strings"

	"sidetrace/emulator/win"
)

var nameRows = win.Rows{
	win.Func2("DnsNameCompare_A", dnsNameCompareA, "pName1 pName2"),
	win.Func2("DnsNameCompare_W", dnsNameCompareW, "pName1 pName2"),
	win.Func2("DnsValidateName_A", dnsValidateNameA, "pszName Format"),
	win.Func2("DnsValidateName_UTF8", dnsValidateNameA, "pszName Format"),
	win.Func2("DnsValidateName_W", dnsValidateNameW, "pszName Format"),
}

// dnsNameCompareW compares names as servers do: without case, and a dot at the
// end does not count.
//
// https://learn.microsoft.com/windows/win32/api/windns/nf-windns-dnsnamecompare_w
func dnsNameCompareW(c *win.Call, pName1, pName2 win.WStr) (win.Bool, win.Error) {
	return same(pName1.Str, pName2.Str), 0
}

func dnsNameCompareA(c *win.Call, pName1, pName2 win.AStr) (win.Bool, win.Error) {
	return same(pName1.Str, pName2.Str), 0
}

func same(a, b win.Str) win.Bool {
	if a.Null() || b.Null() {
		return win.Bool(a.Null() && b.Null())
	}
	return win.Bool(strings.EqualFold(strings.TrimSuffix(a.Text, "."), strings.TrimSuffix(b.Text, ".")))
}

func dnsValidateNameA(c *win.Call, pszName win.AStr, Format win.DWORD) (win.LSTATUS, win.Error) {
	return validate(pszName.Str, Format), 0
}

func dnsValidateNameW(c *win.Call, pszName win.WStr, Format win.DWORD) (win.LSTATUS, win.Error) {
	return validate(pszName.Str, Format), 0
}

// validate says what is wrong with a name.
//
// https://learn.microsoft.com/windows/win32/api/windns/nf-windns-dnsvalidatename_w
func validate(name win.Str, format win.DWORD) win.LSTATUS {
	const (
		domainLabel, hostFull, hostLabel, wildcard, srv = 1, 2, 3, 4, 5
		nonRFC, numeric, invalidChar                    = 9556, 9561, 9560
		maxName, maxLabel                               = 255, 63
	)
	text := strings.TrimSuffix(name.Text, ".")
	if text == "" || len(text) > maxName || format > srv {
		return win.LSTATUS(win.ErrInvalidName)
	}
	if (format == domainLabel || format == hostLabel || format == wildcard || format == srv) && strings.Contains(text, ".") {
		return win.LSTATUS(win.ErrInvalidName)
	}
	odd := false
	for i, label := range strings.Split(text, ".") {
		if label == "" || len(label) > maxLabel {
			return win.LSTATUS(win.ErrInvalidName)
		}
		if format == wildcard && label == "*" || format == srv && i == 0 && label[0] == '_' {
			continue
		}
		for _, r := range label {
			switch {
			case strings.ContainsRune(" {|}~[\\]^':;<=>?@!\"#$%^`()+/,*&", r):
				return invalidChar
			case r == '_' || r > 0x7F:
				odd = true
			}
		}
	}
	if (format == hostLabel || format == hostFull) && strings.Trim(text, "0123456789") == "" {
		return numeric
	}
	if odd {
		return nonRFC
	}
	return 0
}
