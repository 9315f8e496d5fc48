package sigma

import (
	"cmp"
	"math"
	"slices"
	"time"

	"sidetrace/harness/telemetry"
)

// maxChains bounds the firings of one correlation, which those of correlations
// could otherwise multiply.
const maxChains = 10 * maxFindings

// chain is one firing of a correlation, or of a rule it refers to.
type chain struct {
	events []int32           // indexes, in their order
	refs   []int             // by event: index of the rule of detection that found it
	groups map[string]string // values of group-by
	value  float64           // that was compared
}

func (c *chain) last() int32 { return c.events[len(c.events)-1] }

// link is a chain of one of the rules that a correlation refers to, with what the
// correlation looks at.
type link struct {
	*chain
	ref   int // which of the rules
	at    time.Time
	value string
	num   number
	has   bool // it has a value, or a number
}

// correlate finds the chains of all correlations, by rule.
func (e *Engine) correlate(r *run) [][]*chain {
	chains := make([][]*chain, len(e.rules))
	for _, i := range e.order {
		chains[i] = e.rules[i].correlation.chains(e.links(i, chains, r), r.events)
	}
	return chains
}

// links lists what the rules of a correlation found, in the order of time.
func (e *Engine) links(i int, chains [][]*chain, r *run) []link {
	var links []link
	for ref, k := range e.rules[i].correlation.rules {
		if e.rules[k].rule != nil && chains[k] == nil {
			for _, hit := range r.hits[k] {
				chains[k] = append(chains[k], &chain{events: []int32{hit}, refs: []int{k}})
			}
		}
		for _, c := range chains[k] {
			links = append(links, link{chain: c, ref: ref, at: r.events[c.last()].Time})
		}
	}
	// An event goes on with a chain before it begins one anew.
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Or(int(a.last())-int(b.last()), b.ref-a.ref) })
	return links
}

// field finds a field of what a rule found: one of its groups, or a field of its
// last event.
func (cr *correlation) field(l *link, name string, events []telemetry.Event) (telemetry.Value, bool) {
	e := &events[l.last()]
	key := cr.key(name, l.ref)
	if v, ok := l.groups[key]; ok {
		return telemetry.Text(v), true
	}
	if v, ok := e.Get(key); ok {
		return v, v.Kind != telemetry.Null
	}
	if v, ok := header(e, key); ok {
		if v.Kind == telemetry.Integer {
			v = telemetry.Int(v.Int)
		}
		return v, true
	}
	return telemetry.Value{}, false
}

// grouped is what rules found with the same values of group-by.
type grouped struct {
	values map[string]string
	links  []link
}

// group divides what the rules found, in the order in which groups begin.
func (cr *correlation) group(links []link, events []telemetry.Event) []*grouped {
	var out []*grouped
	index := map[string]*grouped{}
next:
	for i := range links {
		l := &links[i]
		key, texts := "", make([]string, len(cr.groupBy))
		for k, name := range cr.groupBy {
			v, ok := cr.field(l, name, events)
			if !ok {
				continue next
			}
			texts[k] = v.Text
			key += fold(v.Text) + "\x00"
		}
		for k, name := range cr.fields {
			v, ok := cr.field(l, name, events)
			l.has = ok && (k == 0 || l.has)
			l.value += fold(v.Text) + "\x00"
			if cr.numeric() {
				l.num, l.has = parseNumber(v.Text)
			}
		}
		g := index[key]
		if g == nil {
			g = &grouped{values: map[string]string{}}
			for k, name := range cr.groupBy {
				g.values[name] = texts[k]
			}
			index[key] = g
			out = append(out, g)
		}
		g.links = append(g.links, *l)
	}
	return out
}

// numeric says that the values of the field are calculated with.
func (cr *correlation) numeric() bool {
	return cr.kind == valueSum || cr.kind == valueAvg || cr.percentile >= 0
}

// chains correlates what the rules found, in the order of time.
func (cr *correlation) chains(links []link, events []telemetry.Event) []*chain {
	var out []*chain
	for _, g := range cr.group(links, events) {
		from := len(out)
		switch {
		case cr.kind == temporalOrdered:
			out = append(out, cr.ordered(g.links)...)
		case cr.grows():
			out = append(out, cr.sliding(g.links)...)
		default:
			out = append(out, cr.whole(g.links)...)
		}
		for _, c := range out[from:] {
			c.groups = g.values
		}
	}
	slices.SortStableFunc(out, func(a, b *chain) int { return int(a.last()) - int(b.last()) })
	return out[:min(len(out), maxChains)]
}

// window is links whose value is kept up to date as they come and go.
type window struct {
	cr     *correlation
	links  []link
	values map[string]int
	refs   map[int]int
	sum    float64
}

func (w *window) add(l link) {
	w.links = append(w.links, l)
	w.refs[l.ref]++
	if l.has {
		w.values[l.value]++
		w.sum += l.num.float
	}
}

func (w *window) shift() {
	l := w.links[0]
	w.links = w.links[1:]
	if w.refs[l.ref]--; w.refs[l.ref] == 0 {
		delete(w.refs, l.ref)
	}
	if l.has {
		if w.values[l.value]--; w.values[l.value] == 0 {
			delete(w.values, l.value)
		}
		w.sum -= l.num.float
	}
}

func (w *window) value() float64 {
	switch w.cr.kind {
	case valueCount:
		return float64(len(w.values))
	case valueSum:
		return w.sum
	case temporal:
		return float64(len(w.refs))
	default:
		return float64(len(w.links))
	}
}

func (cr *correlation) window() *window {
	return &window{cr: cr, values: map[string]int{}, refs: map[int]int{}}
}

// sliding fires as soon as the condition holds within the timespan, and begins
// anew.
func (cr *correlation) sliding(links []link) (out []*chain) {
	w := cr.window()
	for _, l := range links {
		w.add(l)
		for l.at.Sub(w.links[0].at) > cr.timespan {
			w.shift()
		}
		if v := w.value(); cr.holds(v) {
			out = append(out, join(w.links, v))
			w = cr.window()
		}
	}
	return out
}

// whole lays windows one after the other, each from the first event behind the
// one before, and judges each when it is over.
func (cr *correlation) whole(links []link) (out []*chain) {
	for len(links) > 0 {
		w := cr.window()
		for _, l := range links {
			if l.at.Sub(links[0].at) > cr.timespan {
				break
			}
			w.add(l)
		}
		links = links[len(w.links):]
		out = append(out, cr.judge(w)...)
	}
	return out
}

// judge fires for a window that is over.
func (cr *correlation) judge(w *window) (out []*chain) {
	numbers := slices.DeleteFunc(slices.Clone(w.links), func(l link) bool { return !l.has })
	v := w.value()
	switch {
	case cr.kind == valueAvg:
		v = w.sum / float64(len(numbers))
	case cr.kind == valuePercentile && cr.percentile < 0:
		same := map[string][]link{}
		for _, l := range numbers {
			same[l.value] = append(same[l.value], l)
		}
		for _, l := range numbers {
			links := same[l.value]
			delete(same, l.value)
			share := 100 * float64(len(links)) / float64(len(numbers))
			if len(links) > 0 && cr.holds(share) {
				out = append(out, join(links, share))
			}
		}
		return out
	case cr.kind == valuePercentile:
		v = percentile(numbers, cr.percentile)
	}
	if math.IsNaN(v) || !cr.holds(v) {
		return nil
	}
	return []*chain{join(w.links, v)}
}

// percentile interpolates between the two closest ranks.
func percentile(links []link, p int) float64 {
	if len(links) == 0 {
		return math.NaN()
	}
	xs := make([]float64, len(links))
	for i, l := range links {
		xs[i] = l.num.float
	}
	slices.Sort(xs)
	rank := float64(p) / 100 * float64(len(xs)-1)
	low := int(rank)
	high := min(low+1, len(xs)-1)
	return xs[low] + (rank-float64(low))*(xs[high]-xs[low])
}

// ordered fires when one event of each rule follows the other within the
// timespan. Of several beginnings the latest counts, for it leaves most time.
func (cr *correlation) ordered(links []link) (out []*chain) {
	best := make([][]link, len(cr.rules)) // by number of rules less one: the chain so far
	for _, l := range links {
		var done []link
		for k, have := range best {
			if len(have) > 0 && l.at.Sub(have[0].at) > cr.timespan {
				best[k] = nil
			}
		}
		switch {
		case l.ref == 0:
			best[0] = []link{l}
		case len(best[l.ref-1]) > 0 && best[l.ref-1][l.ref-1].last() < l.last():
			best[l.ref] = append(slices.Clone(best[l.ref-1]), l)
		default:
			continue
		}
		if done = best[len(best)-1]; len(done) > 0 {
			out = append(out, join(done, float64(len(done))))
			clear(best)
		}
	}
	return out
}

// join makes one chain of the events of several.
func join(links []link, v float64) *chain {
	c := &chain{value: v}
	type event struct {
		index int32
		ref   int
	}
	var all []event
	for _, l := range links {
		for i, e := range l.events {
			all = append(all, event{e, l.refs[i]})
		}
	}
	slices.SortStableFunc(all, func(a, b event) int { return int(a.index) - int(b.index) })
	for _, e := range slices.Compact(all) {
		c.events = append(c.events, e.index)
		c.refs = append(c.refs, e.ref)
	}
	return c
}
