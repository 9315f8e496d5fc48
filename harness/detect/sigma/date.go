package sigma

import "time"

// date is a point in time as it is written.
type date struct {
	year, month, day int
	timed            bool // it has an hour and a minute
	hour, minute     int
}

// parseDate reads "2006-01-02", "2006-01-02 15:04…" and "2006-01-02T15:04…".
func parseDate(s string) (d date, ok bool) {
	if len(s) < 10 || s[4] != '-' && s[4] != '/' || s[7] != s[4] {
		return d, false
	}
	var good [3]bool
	d.year, good[0] = digits(s[:4])
	d.month, good[1] = digits(s[5:7])
	d.day, good[2] = digits(s[8:10])
	if good != [3]bool{true, true, true} || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 {
		return d, false
	}
	if len(s) == 10 {
		return d, true
	}
	if len(s) < 16 || s[10] != ' ' && s[10] != 'T' && s[10] != 't' || s[13] != ':' {
		return d, false
	}
	d.timed = true
	d.hour, good[0] = digits(s[11:13])
	d.minute, good[1] = digits(s[14:16])
	return d, good[0] && good[1] && d.hour < 24 && d.minute < 60
}

// week is the week of the year of ISO 8601.
func (d date) week() int {
	_, w := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC).ISOWeek()
	return w
}

// digits reads decimal digits and nothing else.
func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, true
}
