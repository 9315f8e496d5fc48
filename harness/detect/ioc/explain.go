package ioc

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/detect/near"
	"sidetrace/reports"
)

// Explain says what came nearest to an indicator. It is one term, named for the
// kind of the indicator.
func (e *Engine) Explain(_ context.Context, n int, s *detect.Subject) reports.Silence {
	r := &e.rules[n]
	o := e.observables(s)
	term := reports.Term{Name: r.kind.String()}
	if r.kind.hash() {
		return o.hash(r, term)
	}
	var same []*observable
	for _, x := range o.list {
		if x.kind == r.kind || r.kind == CIDR && x.kind == IP || r.kind == FileName && x.kind == Path {
			same = append(same, x)
		}
	}
	if len(same) == 0 {
		term.Misses = []string{"none was seen"}
		return reports.Silence{Reason: fmt.Sprintf("the run shows no %s at all", plain(r.kind)), Terms: []reports.Term{term}}
	}
	x, why := r.nearest(same)
	if x == nil && r.kind == Path {
		if x, why = r.sameName(same); x == nil {
			x, why = r.slip(same)
		}
	}
	if x == nil {
		term.Misses = []string{fmt.Sprintf("none of %s is near it", amount(len(same), plain(r.kind)))}
		reason := fmt.Sprintf("%s was not seen, nor anything like it among %s", shorten(r.value), amount(len(same), plain(r.kind)))
		if r.kind == Domain || r.kind == URL {
			reason += ": " + listed(same)
		}
		return reports.Silence{Reason: reason, Terms: []reports.Term{term}}
	}
	term.On, term.Seq = x.seen[0].on, x.seen[0].seq
	term.Misses = []string{why}
	seen := x.seen[0].text
	if r.kind == IP || r.kind == CIDR || r.kind == Domain {
		seen = x.value
	}
	return reports.Silence{Reason: fmt.Sprintf("%s was not seen; nearest is %s: %s", shorten(r.value), shorten(seen), why), Terms: []reports.Term{term}}
}

// hash explains a hash. That a published one is silent is the rule.
func (o *observables) hash(r *rule, term reports.Term) reports.Silence {
	n := 0
	for _, x := range o.list {
		if x.kind == r.kind {
			n++
		}
	}
	term.Misses = []string{fmt.Sprintf("%s of %s were compared", amount(n, "different value"), amount(o.files, "object"))}
	reason := fmt.Sprintf("no file or artifact has this %s; the replicas are built from their own sources, so that the hash of the real file never fires on them", r.kind)
	if n == 0 {
		reason = fmt.Sprintf("the run shows no %s at all", r.kind)
	}
	return reports.Silence{Reason: reason, Terms: []reports.Term{term}}
}

// nearest is the observable that differs least, and in what.
func (r *rule) nearest(same []*observable) (*observable, string) {
	want := r.value
	var best *observable
	var why string
	limit := near.Limit(want)
	for _, x := range same {
		switch r.kind {
		case IP, CIDR:
			if d := bits(want, x.value); d >= 16 && (best == nil || d > limit) {
				best, limit = x, d
				why = fmt.Sprintf("the first %d bits are the same", d)
			}
			continue
		case URL:
			if reason := urlDifference(parseURL(want), parseURL(x.value)); reason != "" {
				return x, reason
			}
		case Domain:
			if reason := r.domainDifference(x.value); reason != "" {
				return x, reason
			}
		case Mutex, Event:
			if strings.EqualFold(objectName(want), objectName(x.value)) {
				return x, "it differs in case, or in its name space, which Windows compares"
			}
		case FileName:
			if x.kind == Path {
				continue
			}
		}
		got := x.value
		switch r.kind {
		case Path:
			if strings.ContainsAny(want, "*?") {
				continue
			}
			got = tail(want, got)
		case Domain:
			got = lower(want, got)
		case Mutex, Event:
			want, got = objectName(want), objectName(got)
		}
		if d := near.Distance(want, got, limit); d <= limit {
			best, limit = x, d-1
			a, b := near.Difference(want, got)
			why = difference(d, a, b)
		}
		if limit < 0 {
			break
		}
	}
	return best, why
}

// difference says in what two texts differ.
func difference(n int, a, b string) string {
	switch {
	case a == "":
		return quote(b) + " is not in the list"
	case b == "":
		return "the list also has " + quote(a)
	}
	return fmt.Sprintf("the list has %s, the run %s (%s)", quote(a), quote(b), amount(n, "character"))
}

// domainDifference explains names that fail by the rules of matching alone.
func (r *rule) domainDifference(got string) string {
	switch {
	case r.exact && strings.HasSuffix(got, "."+r.value):
		return got + " is below it, and the list asks for exact matches"
	case r.below && got == r.value:
		return "*. asks for what is below the domain, and the domain itself was seen"
	case strings.HasSuffix(r.value, "."+got):
		return got + " is above it: the list names one host of the domain"
	}
	if a, _ := suffix(r.value); a != "" {
		if b, _ := suffix(got); b != "" && a != b && strings.TrimSuffix(r.value, a) == strings.TrimSuffix(lower(r.value, got), b) {
			return fmt.Sprintf("the list has %s, the run %s", quote("."+a), quote("."+b))
		}
	}
	return ""
}

// urlDifference explains URLs of one host, or of one path.
func urlDifference(want, got address) string {
	switch {
	case want.host == got.host && want.path == got.path && want.query == got.query:
		return fmt.Sprintf("the list has the scheme %s, the run %s", want.scheme, got.scheme)
	case want.host == got.host && want.path == got.path:
		return fmt.Sprintf("the list has the query %s, the run %s", quote(want.query), quote(got.query))
	case want.host == got.host && strings.EqualFold(want.path, got.path):
		return "the path differs in case, which servers compare"
	case want.host == got.host && strings.HasPrefix(got.path, want.path):
		return "it goes on; a URL that ends in / or * also matches what goes on"
	case want.host == got.host:
		limit := max(near.Limit(want.path), 3)
		if d := near.Distance(want.path, got.path, limit); d <= limit {
			a, b := near.Difference(want.path, got.path)
			return difference(d, a, b)
		}
		return fmt.Sprintf("the host is the same, the path is %s", quote(got.path))
	case want.path == got.path && len(want.path) > 3:
		return fmt.Sprintf("the path is the same, the host is %s", shorten(got.host))
	}
	return ""
}

// slip finds a path that a pattern with wildcards does not fit for a few
// characters of one component.
func (r *rule) slip(same []*observable) (*observable, string) {
	want := strings.Split(r.value, `\`)
	for _, x := range same {
		got := strings.Split(x.value, `\`)
		if len(got) < len(want) {
			continue
		}
		got = got[len(got)-len(want):]
		wrong, n := 0, 0
		for i := range want {
			if !glob(want[i], got[i]) {
				wrong = i
				n++
			}
		}
		limit := near.Limit(want[wrong])
		if d := near.Distance(want[wrong], got[wrong], limit); n == 1 && d <= limit {
			return x, difference(d, want[wrong], got[wrong])
		}
	}
	return nil, ""
}

// sameName finds a file of the same name in another place, and the folder in
// which the places differ.
func (r *rule) sameName(same []*observable) (*observable, string) {
	want := strings.Split(r.value, `\`)
	name := want[len(want)-1]
	if name == "" || strings.Trim(name, "*?") == "" {
		return nil, ""
	}
	var best *observable
	var why string
	equal := 0
	for _, x := range same {
		got := strings.Split(x.value, `\`)
		if !glob(name, got[len(got)-1]) {
			continue
		}
		n := 0
		for n < len(want) && n < len(got) && glob(want[len(want)-1-n], got[len(got)-1-n]) {
			n++
		}
		if n > equal {
			best, equal = x, n
			switch {
			case n == len(want):
				why = "it is in " + quote(strings.Join(got[:len(got)-n], `\`))
			case n == len(got):
				why = "the list also has " + quote(strings.Join(want[:len(want)-n], `\`))
			default:
				why = fmt.Sprintf("the list has the folder %s, the run %s", quote(want[len(want)-1-n]), quote(got[len(got)-1-n]))
			}
		}
	}
	return best, why
}

// tail is the end of a path that a pattern without a drive is compared with:
// as many components as the pattern has.
func tail(pattern, path string) string {
	n := strings.Count(strings.TrimPrefix(pattern, `\`), `\`) + 1
	parts := strings.Split(path, `\`)
	if len(pattern) > 1 && pattern[1] == ':' || len(parts) <= n {
		return path
	}
	rest := strings.Join(parts[len(parts)-n:], `\`)
	if strings.HasPrefix(pattern, `\`) {
		rest = `\` + rest
	}
	return rest
}

// lower is the end of a host name that a domain is compared with: as many
// labels as the domain has.
func lower(domain, host string) string {
	n := strings.Count(domain, ".") + 1
	labels := strings.Split(host, ".")
	return strings.Join(labels[max(len(labels)-n, 0):], ".")
}

// bits is how many leading bits two addresses, or an address and a range, share.
func bits(a, b string) int {
	a, _, _ = strings.Cut(a, "/")
	x, err := netip.ParseAddr(a)
	y, err2 := netip.ParseAddr(b)
	if err != nil || err2 != nil || x.BitLen() != y.BitLen() {
		return 0
	}
	p, q := x.AsSlice(), y.AsSlice()
	for n := range x.BitLen() {
		if (p[n/8]^q[n/8])>>(7-n%8)&1 != 0 {
			return n
		}
	}
	return x.BitLen()
}

// plain is a kind as people speak of it.
func plain(k Kind) string {
	switch k {
	case IP, CIDR:
		return "IP address"
	case URL:
		return "URL"
	case FileName:
		return "file name"
	case Registry:
		return "registry key"
	case UserAgent:
		return "user agent"
	}
	return k.String()
}

func amount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "ss") {
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// listed names the first few of what was seen.
func listed(same []*observable) string {
	var names []string
	for _, x := range same {
		names = append(names, shorten(x.value))
	}
	slices.Sort(names)
	if len(names) > 3 {
		names = append(names[:3], "…")
	}
	return strings.Join(names, ", ")
}

// quote is text of a list or a run within a message. Paths are full of
// backslashes, which are easier to read as they are.
func quote(s string) string { return `"` + shorten(s) + `"` }

func shortenTo(s string, n int) string { return near.Shorten(s, n) }

// Limits says why an indicator cannot fire: that it is the hash of a file the
// replica is not, or that the subject shows nothing of its kind.
func (e *Engine) Limits(n int, s *detect.Subject) []detect.Limit {
	var limits []detect.Limit
	r := &e.rules[n]
	if r.kind.hash() {
		limits = append(limits, detect.HashOnly)
	}
	for _, x := range e.observables(s).list {
		if x.kind == r.kind || r.kind == CIDR && x.kind == IP {
			return limits
		}
	}
	return append(limits, detect.NoTelemetry)
}
