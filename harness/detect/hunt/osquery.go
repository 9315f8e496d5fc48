package hunt

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"strings"
)

// osqueryFunctions are those that osquery adds to SQLite.
//
// https://osquery.readthedocs.io/en/stable/introduction/sql/
func osqueryFunctions() []Function {
	var p patterns
	match := func(args []driver.Value) (driver.Value, error) {
		s, ok := strs(args[:2])
		if !ok {
			return nil, nil
		}
		re, err := p.get(s[1])
		if err != nil {
			return nil, err
		}
		m := re.FindStringSubmatch(s[0])
		n := integer(args[2])
		if m == nil || n < 0 || n >= int64(len(m)) {
			return nil, nil
		}
		return m[n], nil
	}
	digest := func(sum func([]byte) []byte) func(args []driver.Value) (driver.Value, error) {
		return func(args []driver.Value) (driver.Value, error) {
			s, ok := str(args[0])
			if !ok {
				return nil, nil
			}
			return hex.EncodeToString(sum([]byte(s))), nil
		}
	}
	of := func(f func(s []string) driver.Value) func(args []driver.Value) (driver.Value, error) {
		return func(a []driver.Value) (driver.Value, error) {
			s, ok := strs(a)
			if !ok {
				return nil, nil
			}
			return f(s), nil
		}
	}
	return []Function{
		{Name: "regex_match", Product: "osquery", Usage: "regex_match(text, pattern, group)", Meaning: "What a group matched; 0 for the whole.", args: 3, call: match},
		{Name: "regex_split", Product: "osquery", Usage: "regex_split(text, pattern, n)", Meaning: "The n-th part between matches, from 0.", args: 3,
			call: func(args []driver.Value) (driver.Value, error) {
				s, ok := strs(args[:2])
				if !ok {
					return nil, nil
				}
				re, err := p.get(s[1])
				if err != nil {
					return nil, err
				}
				return part(re.Split(s[0], -1), integer(args[2])), nil
			}},
		{Name: "split", Product: "osquery", Usage: "split(text, characters, n)", Meaning: "The n-th part between any of the characters, from 0. With two arguments, Presto's: the list of parts between the texts.", args: -1,
			call: func(args []driver.Value) (driver.Value, error) {
				if len(args) < 2 {
					return nil, nil
				}
				s, ok := strs(args[:2])
				if !ok {
					return nil, nil
				}
				if len(args) == 2 {
					return jsonList(strings.Split(s[0], s[1])), nil
				}
				return part(strings.FieldsFunc(s[0], func(r rune) bool { return strings.ContainsRune(s[1], r) }), integer(args[2])), nil
			}},
		{Name: "inet_aton", Product: "osquery", Usage: "inet_aton(address)", Meaning: "An IPv4 address as a number.", args: 1, call: of(func(s []string) driver.Value {
			a, err := netip.ParseAddr(s[0])
			if err != nil || !a.Is4() {
				return nil
			}
			b := a.As4()
			return int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3])
		})},
		{Name: "in_cidr_block", Product: "osquery", Usage: "in_cidr_block(range, address)", Meaning: "1 if the address is in the range.", args: 2, call: of(func(s []string) driver.Value {
			p, err := netip.ParsePrefix(s[0])
			a, err2 := netip.ParseAddr(s[1])
			if err != nil || err2 != nil {
				return nil
			}
			return truth(p.Contains(a))
		})},
		{Name: "to_base64", Product: "osquery", Usage: "to_base64(text)", Meaning: "In Base64.", args: 1, call: of(func(s []string) driver.Value { return base64.StdEncoding.EncodeToString([]byte(s[0])) })},
		{Name: "from_base64", Product: "osquery", Usage: "from_base64(text)", Meaning: "What Base64 stands for; NULL if it is none.", args: 1, call: of(func(s []string) driver.Value {
			b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s[0]))
			if err != nil {
				if b, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(s[0]), "=")); err != nil {
					return nil
				}
			}
			return string(b)
		})},
		{Name: "md5", Product: "osquery", Usage: "md5(text)", Meaning: "Its MD5.", args: 1, call: digest(func(b []byte) []byte { d := md5.Sum(b); return d[:] })},
		{Name: "sha1", Product: "osquery", Usage: "sha1(text)", Meaning: "Its SHA-1.", args: 1, call: digest(func(b []byte) []byte { d := sha1.Sum(b); return d[:] })},
		{Name: "sha256", Product: "osquery", Usage: "sha256(text)", Meaning: "Its SHA-256.", args: 1, call: digest(func(b []byte) []byte { d := sha256.Sum256(b); return d[:] })},
		{Name: "regexp", Product: "osquery", Usage: "text REGEXP pattern", Meaning: "1 if the pattern is found.", args: 2, call: func(args []driver.Value) (driver.Value, error) {
			s, ok := strs(args)
			if !ok {
				return nil, nil
			}
			re, err := p.get(s[0])
			if err != nil {
				return nil, err
			}
			return truth(re.MatchString(s[1])), nil
		}},
	}
}

// part is one of some parts; NULL if there is none of that number.
func part(parts []string, n int64) driver.Value {
	if n < 0 || n >= int64(len(parts)) {
		return nil
	}
	return parts[n]
}
