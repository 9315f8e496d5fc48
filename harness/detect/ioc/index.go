package ioc

import (
	"net/netip"
	"strings"
)

// index finds the indicators that something observed falls under. Each look-up
// is a few look-ups in maps, however long the lists are.
type index struct {
	exact  [kinds]map[string]int32 // first indicator of a value; a domain's is of the name itself
	next   []int32                 // the next of the same value, by indicator; -1 for none
	globs  [kinds]map[string][]int32
	loose  [kinds][]int32 // patterns that have no literal end to be found by
	prefix []network
}

// mostParts is how many components of a name, and longestPrefix how many bytes
// of a URL, are looked up: what a run shows may be hostile.
const (
	mostParts     = 128
	longestPrefix = 2048
)

type network struct {
	prefix netip.Prefix
	rule   int32
}

// add puts in an indicator.
func (x *index) add(rule int32, in *indicator) {
	x.next = append(x.next, -1)
	switch in.kind {
	case CIDR:
		if p, err := netip.ParsePrefix(in.value); err == nil {
			x.prefix = append(x.prefix, network{p, rule})
		}
		return
	case Path, FileName, Registry:
		if strings.ContainsAny(in.value, "*?") {
			last := in.value[strings.LastIndexByte(in.value, '\\')+1:]
			if in.kind == Registry || strings.ContainsAny(last, "*?") {
				x.loose[in.kind] = append(x.loose[in.kind], rule)
				return
			}
			if x.globs[in.kind] == nil {
				x.globs[in.kind] = map[string][]int32{}
			}
			x.globs[in.kind][last] = append(x.globs[in.kind][last], rule)
			return
		}
	case URL:
		u := parseURL(in.value)
		if place := u.place(); strings.Contains(strings.TrimSuffix(place, "*"), "*") {
			x.loose[URL] = append(x.loose[URL], rule)
			return
		}
	}
	key := x.key(in)
	if x.exact[in.kind] == nil {
		x.exact[in.kind] = map[string]int32{}
	}
	if first, ok := x.exact[in.kind][key]; ok {
		for x.next[first] >= 0 {
			first = x.next[first]
		}
		x.next[first] = rule
	} else {
		x.exact[in.kind][key] = rule
	}
}

// key is what an indicator is found by.
func (x *index) key(in *indicator) string {
	switch in.kind {
	case URL:
		u := parseURL(in.value)
		return strings.TrimSuffix(u.place(), "*")
	case Mutex, Event:
		return objectName(in.value)
	case Path:
		return strings.TrimPrefix(in.value, `\`)
	}
	return in.value
}

// find calls yield with the indicators that an observable may fall under; they
// are to be confirmed by [matches].
func (x *index) find(o *observable, yield func(rule int32)) {
	look := func(kind Kind, key string) {
		if rule, ok := x.exact[kind][key]; ok {
			for ; rule >= 0; rule = x.next[rule] {
				yield(rule)
			}
		}
	}
	switch o.kind {
	case Domain:
		for name, n := o.value, 0; n < mostParts; n++ {
			look(Domain, name)
			_, rest, ok := strings.Cut(name, ".")
			if !ok {
				break
			}
			name = rest
		}
	case URL:
		u := parseURL(o.value)
		look(URL, u.place())
		if u.query != "" {
			look(URL, u.host+u.path)
		}
		if len(x.exact[URL]) > 0 {
			place := u.place()
			for i := len(u.host) + 1; i < min(len(place), longestPrefix); i++ {
				look(URL, place[:i])
			}
		}
	case IP:
		look(IP, o.value)
		if a, err := netip.ParseAddr(o.value); err == nil {
			for _, n := range x.prefix {
				if n.prefix.Contains(a) {
					yield(n.rule)
				}
			}
		}
	case Path:
		for rest, n := o.value, 0; n < mostParts; n++ {
			look(Path, rest)
			_, after, ok := strings.Cut(rest, `\`)
			if !ok {
				break
			}
			rest = after
		}
		for _, rule := range x.globs[Path][o.value[strings.LastIndexByte(o.value, '\\')+1:]] {
			yield(rule)
		}
	case FileName:
		look(FileName, o.value)
	case Registry:
		for key, n := o.value, 0; n < mostParts; n++ {
			look(Registry, key)
			i := strings.LastIndexByte(key, '\\')
			if i < 0 {
				break
			}
			key = key[:i]
		}
	case Mutex, Event:
		look(o.kind, objectName(o.value))
	default:
		look(o.kind, o.value)
	}
	for _, rule := range x.loose[o.kind] {
		yield(rule)
	}
}

// matches says that an observable falls under an indicator. The rules are:
//
//   - a domain matches itself and what is below it, one of an exact list only
//     itself, *.domain only what is below;
//   - a URL matches the same scheme, host, port and path, and its query only if
//     it has one; without a scheme any; one that ends in / or * also what goes on;
//   - a path that begins with a drive is the whole path, any other the end of one,
//     by whole components; * and ? stand for any characters and any one;
//   - a key of the registry matches itself and what is below it, HKCU the hive of
//     any user;
//   - mutexes and events match without their name space (Global\), in the same
//     case; unless the list has the name space, then with it;
//   - hashes, addresses, names of files and pipes match as they are, in any case.
func matches(in *indicator, o *observable) bool {
	if in.kind != o.kind && !(in.kind == CIDR && o.kind == IP) {
		return false
	}
	switch in.kind {
	case Domain:
		switch {
		case in.exact:
			return o.value == in.value
		case in.below:
			return strings.HasSuffix(o.value, "."+in.value)
		}
		return o.value == in.value || strings.HasSuffix(o.value, "."+in.value)
	case URL:
		return matchesURL(parseURL(in.value), parseURL(o.value))
	case CIDR:
		p, err := netip.ParsePrefix(in.value)
		a, err2 := netip.ParseAddr(o.value)
		return err == nil && err2 == nil && p.Contains(a)
	case Path:
		return matchesPath(in.value, o.value)
	case FileName:
		return glob(in.value, o.value)
	case Registry:
		if strings.ContainsAny(in.value, "*?") {
			return glob(in.value, o.value) || glob(in.value+`\*`, o.value)
		}
		return o.value == in.value || strings.HasPrefix(o.value, in.value+`\`)
	case Mutex, Event:
		if nameSpace.MatchString(in.value) {
			return in.value == o.value
		}
		return in.value == objectName(o.value)
	}
	return in.value == o.value
}

func matchesURL(want, got address) bool {
	if want.scheme != "" && got.scheme != "" && want.scheme != got.scheme {
		return false
	}
	place := want.place()
	if strings.Contains(place, "*") {
		return glob(place, got.place()) || want.query == "" && glob(place, got.host+got.path)
	}
	if want.host != got.host {
		return false
	}
	switch {
	case want.query != "":
		return want.place() == got.place()
	case strings.HasSuffix(want.path, "/"):
		return strings.HasPrefix(got.path, want.path)
	}
	return want.path == got.path
}

func matchesPath(want, got string) bool {
	anchored := len(want) > 1 && want[1] == ':' || strings.HasPrefix(want, "*") || strings.HasPrefix(want, `\\`) || strings.HasPrefix(want, "/")
	if !strings.ContainsAny(want, "*?") {
		if anchored {
			return got == want
		}
		want = strings.TrimPrefix(want, `\`)
		return got == want || strings.HasSuffix(got, `\`+want)
	}
	if anchored {
		return glob(want, got)
	}
	return glob(strings.TrimPrefix(want, `\`), got) || glob(`*\`+strings.TrimPrefix(want, `\`), got)
}
