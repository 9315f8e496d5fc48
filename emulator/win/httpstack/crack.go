package httpstack

import (
	"errors"
	"fmt"
	"strings"

	"sidetrace/emulator/win"
)

// URL_COMPONENTS as 64-bit code lays it out; both DLLs have the same.
//
// https://learn.microsoft.com/windows/win32/api/wininet/ns-wininet-url_componentsw
const (
	componentsSize  = 104
	fieldScheme     = 8 // pointer, then its length; so are the others
	fieldSchemeKind = 20
	fieldHost       = 24
	fieldPort       = 36
	fieldUser       = 40
	fieldPassword   = 56
	fieldPath       = 72
	fieldExtra      = 88

	icuDecode = 0x1000_0000
	icuEscape = 0x8000_0000
)

// SchemeKind gives a scheme the number a DLL has for it; false means that the
// DLL refuses it.
type SchemeKind func(scheme string) (kind uint32, ok bool)

// Crack answers InternetCrackUrl and WinHttpCrackUrl: text lies at base, and
// the structure to fill in at components. A part that has a buffer is copied
// there; one that has none but a length is pointed to.
func Crack(c *win.Call, text string, base win.Ptr, flags uint32, components win.Ptr, kind SchemeKind) win.Error {
	if components == 0 || text == "" || c.ReadUint(components, 4) != componentsSize {
		return win.ErrInvalidParameter
	}
	u, err := ParseURL(text)
	switch {
	case errors.Is(err, ErrNoScheme):
		return ErrUnrecognizedScheme
	case err != nil:
		return ErrInvalidURL
	}
	number, ok := kind(strings.ToLower(u.Scheme))
	if !ok {
		return ErrUnrecognizedScheme
	}
	if flags&icuDecode != 0 && strings.Contains(text, "%") || flags&icuEscape != 0 && object(u.Path+u.Extra) != u.Path+u.Extra {
		c.Gap(fmt.Sprintf("flags %#x", flags))
	}
	path := u.Path
	if c.ReadUint(components+fieldExtra, 8) == 0 && c.ReadUint(components+fieldExtra+8, 4) == 0 {
		path += u.Extra // where it is not asked for by itself
	}
	for _, f := range []struct {
		at     win.Ptr
		part   string
		offset int
	}{
		{fieldScheme, u.Scheme, u.Offset.Scheme}, {fieldHost, u.Host, u.Offset.Host}, {fieldUser, u.User, u.Offset.User},
		{fieldPassword, u.Password, u.Offset.Password}, {fieldPath, path, u.Offset.Path}, {fieldExtra, u.Extra, u.Offset.Extra},
	} {
		if err := part(c, components+f.at, f.part, base+win.Ptr(characters(c, text[:f.offset])*c.CharSize())); err != 0 {
			return err
		}
	}
	c.WriteUint(components+fieldSchemeKind, 4, uint64(number))
	c.WriteUint(components+fieldPort, 2, uint64(u.Port))
	return 0
}

// part fills in one pointer and its length.
func part(c *win.Call, field win.Ptr, text string, place win.Ptr) win.Error {
	buffer, space := win.Ptr(c.ReadUint(field, 8)), c.ReadUint(field+8, 4)
	n := characters(c, text)
	switch {
	case buffer == 0 && space == 0:
		return 0
	case buffer == 0:
		c.WriteUint(field, 8, uint64(place))
	case space <= n:
		c.WriteUint(field+8, 4, n+1)
		return win.ErrInsufficientBuffer
	default:
		c.Write(buffer, c.Encode(text))
	}
	c.WriteUint(field+8, 4, n)
	return 0
}

// characters counts what the guest counts.
func characters(c *win.Call, text string) uint64 {
	return uint64(len(c.Encode(text)))/c.CharSize() - 1
}
