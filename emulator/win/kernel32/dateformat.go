package kernel32

import (
	"strings"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var dateFormatRows = win.Rows{
	win.Partial(win.Func6("GetDateFormat{A,W}", getDateFormat, "Locale dwFlags lpDate lpFormat lpDateStr cchDate"), englishOnly),
	win.Partial(win.Func7("GetDateFormatEx", getDateFormatEx, "lpLocaleName dwFlags lpDate lpFormat lpDateStr cchDate lpCalendar"), englishOnly),
	win.Partial(win.Func6("GetNumberFormat{A,W}", getNumberFormat, "Locale dwFlags lpValue lpFormat lpNumberStr cchNumber"), englishOnly),
	win.Partial(win.Func6("GetNumberFormatEx", getNumberFormatEx, "lpLocaleName dwFlags lpValue lpFormat lpNumberStr cchNumber"), englishOnly),
	win.Partial(win.Func6("GetTimeFormat{A,W}", getTimeFormat, "Locale dwFlags lpTime lpFormat lpTimeStr cchTime"), englishOnly),
	win.Partial(win.Func6("GetTimeFormatEx", getTimeFormatEx, "lpLocaleName dwFlags lpTime lpFormat lpTimeStr cchTime"), englishOnly),
}

const englishOnly = "English (United States), whatever locale is asked for"

// storeText stores text for functions whose result counts the terminator, and
// which tell the size that is needed for a size of 0.
func storeText(c *win.Call, at win.Ptr, size win.Int, text string) (win.Int, win.Error) {
	b := c.Encode(text)
	n := win.Int(uint64(len(b)) / c.CharSize())
	switch {
	case size < 0 || size > 0 && at == 0:
		return 0, win.ErrInvalidParameter
	case size == 0:
		return n, 0
	case size < n:
		return 0, win.ErrInsufficientBuffer
	}
	c.Write(at, b)
	return n, 0
}

// momentOf reads a SYSTEMTIME's date, or its time alone, which need not be on
// a real day; without one it is now.
func momentOf(c *win.Call, at win.Ptr, timeOnly bool) (time.Time, bool) {
	if at == 0 {
		return c.Clock.Now(), true
	}
	b := append([]byte(nil), c.Bytes(at, 16)...)
	if c.Faulted() {
		return time.Time{}, true
	}
	if timeOnly {
		copy(b, systemTime(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))[:8])
	} else {
		clear(b[8:])
	}
	return timeOf(b)
}

// picture formats a time as a picture says: runs of letters are fields, text
// in quotes stands for itself.
func picture(t time.Time, format, letters string) string {
	var out strings.Builder
	for i := 0; i < len(format); {
		ch := format[i]
		if ch == '\'' {
			i++
			for i < len(format) {
				if format[i] == '\'' {
					if i++; i >= len(format) || format[i] != '\'' {
						break
					}
				}
				out.WriteByte(format[i])
				i++
			}
			continue
		}
		n := 1
		for i+n < len(format) && format[i+n] == ch {
			n++
		}
		if strings.IndexByte(letters, ch) < 0 {
			out.WriteString(format[i : i+n])
		} else {
			out.WriteString(field(t, ch, n))
		}
		i += n
	}
	return out.String()
}

func field(t time.Time, letter byte, n int) string {
	number := func(v int) string {
		s := decimal(uint64(v))
		if n > 1 && len(s) < 2 {
			s = "0" + s
		}
		return s
	}
	switch letter {
	case 'd':
		switch {
		case n >= 4:
			return t.Weekday().String()
		case n == 3:
			return t.Weekday().String()[:3]
		}
		return number(t.Day())
	case 'M':
		switch {
		case n >= 4:
			return t.Month().String()
		case n == 3:
			return t.Month().String()[:3]
		}
		return number(int(t.Month()))
	case 'y':
		if n > 2 {
			return decimal(uint64(t.Year()))
		}
		return number(t.Year() % 100)
	case 'g':
		return "A.D."
	case 'h':
		return number((t.Hour()+11)%12 + 1)
	case 'H':
		return number(t.Hour())
	case 'm':
		return number(t.Minute())
	case 's':
		return number(t.Second())
	case 't':
		half := "AM"
		if t.Hour() >= 12 {
			half = "PM"
		}
		return half[:min(n, 2)]
	}
	return ""
}

// getDateFormat formats a date.
//
// https://learn.microsoft.com/windows/win32/api/datetimeapi/nf-datetimeapi-getdateformatw
func getDateFormat(c *win.Call, Locale win.DWORD, dwFlags win.Hex, lpDate win.Ptr, lpFormat win.TStr, lpDateStr win.Ptr, cchDate win.Int) (win.Int, win.Error) {
	return dateFormat(c, dwFlags, lpDate, lpFormat.Str, lpDateStr, cchDate)
}

func getDateFormatEx(c *win.Call, lpLocaleName win.WStr, dwFlags win.Hex, lpDate win.Ptr, lpFormat win.WStr, lpDateStr win.Ptr, cchDate win.Int, lpCalendar win.Ptr) (win.Int, win.Error) {
	if lpCalendar != 0 {
		return 0, win.ErrInvalidParameter
	}
	return dateFormat(c, dwFlags, lpDate, lpFormat.Str, lpDateStr, cchDate)
}

func dateFormat(c *win.Call, flags win.Hex, date win.Ptr, format win.Str, at win.Ptr, size win.Int) (win.Int, win.Error) {
	text := format.Text
	if format.Null() {
		list, err := dates(flags)
		if err != 0 {
			return 0, err
		}
		text = list[0]
	} else if flags&^0xC0000000 != 0 {
		return 0, win.ErrInvalidFlags
	}
	t, ok := momentOf(c, date, false)
	if !ok {
		return 0, win.ErrInvalidParameter
	}
	return storeText(c, at, size, picture(t, text, "dMyg"))
}

// getTimeFormat formats a time of day.
//
// https://learn.microsoft.com/windows/win32/api/datetimeapi/nf-datetimeapi-gettimeformatw
func getTimeFormat(c *win.Call, Locale win.DWORD, dwFlags win.Hex, lpTime win.Ptr, lpFormat win.TStr, lpTimeStr win.Ptr, cchTime win.Int) (win.Int, win.Error) {
	return timeFormat(c, dwFlags, lpTime, lpFormat.Str, lpTimeStr, cchTime)
}

func getTimeFormatEx(c *win.Call, lpLocaleName win.WStr, dwFlags win.Hex, lpTime win.Ptr, lpFormat win.WStr, lpTimeStr win.Ptr, cchTime win.Int) (win.Int, win.Error) {
	return timeFormat(c, dwFlags, lpTime, lpFormat.Str, lpTimeStr, cchTime)
}

func timeFormat(c *win.Call, flags win.Hex, at win.Ptr, format win.Str, out win.Ptr, size win.Int) (win.Int, win.Error) {
	const noMinutes, noSeconds, noMarker, hours24 = 1, 2, 4, 8
	if flags&^0xC000000F != 0 {
		return 0, win.ErrInvalidFlags
	}
	text := format.Text
	if format.Null() {
		text = longTimes[0]
	}
	if flags&hours24 != 0 {
		text = strings.ReplaceAll(text, "h", "H")
	}
	if flags&(noMinutes|noSeconds) != 0 {
		text = strings.ReplaceAll(strings.ReplaceAll(text, ":ss", ""), "ss", "")
	}
	if flags&noMinutes != 0 {
		text = strings.ReplaceAll(strings.ReplaceAll(text, ":mm", ""), "mm", "")
	}
	if flags&noMarker != 0 {
		text = strings.TrimRight(strings.ReplaceAll(text, "t", ""), " ")
	}
	t, ok := momentOf(c, at, true)
	if !ok {
		return 0, win.ErrInvalidParameter
	}
	return storeText(c, out, size, picture(t, text, "hHmst"))
}

// getNumberFormat puts separators into a number given as text.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getnumberformatw
func getNumberFormat(c *win.Call, Locale win.DWORD, dwFlags win.Hex, lpValue win.TStr, lpFormat, lpNumberStr win.Ptr, cchNumber win.Int) (win.Int, win.Error) {
	return numberFormat(c, lpValue.Str, lpFormat, lpNumberStr, cchNumber)
}

func getNumberFormatEx(c *win.Call, lpLocaleName win.WStr, dwFlags win.Hex, lpValue win.WStr, lpFormat, lpNumberStr win.Ptr, cchNumber win.Int) (win.Int, win.Error) {
	return numberFormat(c, lpValue.Str, lpFormat, lpNumberStr, cchNumber)
}

func numberFormat(c *win.Call, value win.Str, format, out win.Ptr, size win.Int) (win.Int, win.Error) {
	text := value.Text
	digits := 2
	leading, group, negative := true, 3, uint32(1)
	point, comma := ".", ","
	if format != 0 { // NUMBERFMT
		b := c.Bytes(format, 40)
		if b == nil {
			return 0, 0
		}
		digits, leading, group = int(le.Uint32(b)), le.Uint32(b[4:]) != 0, int(le.Uint32(b[8:]))
		point, comma = c.TString(win.Ptr(le.Uint64(b[16:]))), c.TString(win.Ptr(le.Uint64(b[24:])))
		negative = le.Uint32(b[32:])
	}
	minus := strings.HasPrefix(text, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if value.Null() || strings.Trim(whole+fraction, "0123456789") != "" || digits < 0 || digits > 9 || negative > 4 || len(text) > guest.MaxString {
		return 0, win.ErrInvalidParameter
	}
	whole, fraction = rounded(strings.TrimLeft(whole, "0"), fraction, digits)
	if whole == "" && leading {
		whole = "0"
	}
	s := grouped(whole, group, comma)
	if digits > 0 {
		s += point + fraction
	}
	if minus {
		s = [...]string{"(" + s + ")", "-" + s, "- " + s, s + "-", s + " -"}[negative]
	}
	return storeText(c, out, size, s)
}

// rounded cuts a fraction to a number of digits, half up.
func rounded(whole, fraction string, digits int) (string, string) {
	for len(fraction) <= digits {
		fraction += "0"
	}
	up := fraction[digits] >= '5'
	b := []byte(whole + fraction[:digits])
	for i := len(b) - 1; up && i >= 0; i-- {
		if b[i]++; b[i] > '9' {
			b[i] = '0'
		} else {
			up = false
		}
	}
	all := string(b)
	if up {
		all = "1" + all
	}
	return all[:len(all)-digits], all[len(all)-digits:]
}

func grouped(whole string, size int, comma string) string {
	if size <= 0 || size > 9 {
		return whole
	}
	s := ""
	for len(whole) > size {
		s = comma + whole[len(whole)-size:] + s
		whole = whole[:len(whole)-size]
	}
	return whole + s
}
