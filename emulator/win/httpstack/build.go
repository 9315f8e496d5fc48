package httpstack

import (
	"strconv"
	"strings"

	"sidetrace/emulator/win"
)

// Components are the parts of a URL as URL_COMPONENTS has them.
type Components struct {
	Scheme, Host, User, Password, Path, Extra string
	Kind                                      uint32 // of scheme, as the DLL numbers them
	Port                                      int
}

// Parts reads URL_COMPONENTS.
func Parts(c *win.Call, components win.Ptr) (p Components, err win.Error) {
	if components == 0 || c.ReadUint(components, 4) != componentsSize {
		return p, win.ErrInvalidParameter
	}
	for _, f := range []struct {
		at win.Ptr
		to *string
	}{
		{fieldScheme, &p.Scheme}, {fieldHost, &p.Host}, {fieldUser, &p.User},
		{fieldPassword, &p.Password}, {fieldPath, &p.Path}, {fieldExtra, &p.Extra},
	} {
		text, length := win.TText(c.ReadUint(components+f.at, 8)), win.DWORD(c.ReadUint(components+f.at+8, 4))
		if length == 0 {
			length = ^win.DWORD(0)
		}
		*f.to = Text(c, text, length)
	}
	p.Kind = uint32(c.ReadUint(components+fieldSchemeKind, 4))
	p.Port = int(c.ReadUint(components+fieldPort, 2))
	return p, 0
}

// URL is the parts together; the scheme's own port is left out.
func (p *Components) URL() string {
	var b strings.Builder
	b.WriteString(p.Scheme + "://")
	if p.User != "" {
		b.WriteString(p.User)
		if p.Password != "" {
			b.WriteString(":" + p.Password)
		}
		b.WriteString("@")
	}
	b.WriteString(p.Host)
	if p.Port != 0 && p.Port != defaultPort(p.Scheme) {
		b.WriteString(":" + strconv.Itoa(p.Port))
	}
	b.WriteString(p.Path + p.Extra)
	return b.String()
}

// StoreURL stores a URL; the length told is without the terminator if there is
// room, and with it if there is not.
func StoreURL(c *win.Call, url string, to win.Ptr, length win.Out[uint32]) (win.Bool, win.Error) {
	encoded := c.Encode(url)
	n := uint32(uint64(len(encoded)) / c.CharSize())
	if space := length.Get(c); to == 0 || space < n {
		length.Set(c, n)
		return false, win.ErrInsufficientBuffer
	}
	c.Write(to, encoded)
	length.Set(c, n-1)
	return true, 0
}
