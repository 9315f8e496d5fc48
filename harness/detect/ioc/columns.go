package ioc

import "strings"

// columns says what stands where in the rows of a list; -1 for a column that
// the list does not have.
type columns struct {
	head  bool // the list names its columns
	value int  // the indicator
	kind  int  // its type
	note  int
	match int    // "exact" or not
	typed []Kind // columns of one type each, where the list has these
}

// roles are the names of columns, as word writes them.
var roles = map[string]string{
	"indicator": "value", "indicators": "value", "indicatorvalue": "value", "ioc": "value", "iocs": "value", "iocvalue": "value", "value": "value", "value1": "value",
	"observable": "value", "observablevalue": "value", "artifact": "value", "artefact": "value", "data": "data", "iocdata": "data", "attributevalue": "value", "content": "value",
	"type": "kind", "indicatortype": "kind", "ioctype": "kind", "observabletype": "kind", "attributetype": "kind", "datatype": "kind", "kind": "kind",
	"note": "note", "notes": "note", "comment": "note", "comments": "note", "description": "note", "desc": "note", "context": "note", "info": "note", "details": "note",
	"iocdescription": "note", "malwareprintable": "note", "remark": "note", "remarks": "note",
	"match": "match", "matching": "match", "matchtype": "match",
}

// other names of columns that lists have and that mean nothing here. They make
// a head known for one.
var other = map[string]bool{"date": true, "dateadded": true, "firstseen": true, "firstseenutc": true, "lastseen": true, "lastseenutc": true, "source": true, "tags": true, "id": true,
	"uuid": true, "eventid": true, "iocid": true, "category": true, "toids": true, "threat": true, "threattype": true, "confidence": true, "confidencelevel": true, "reporter": true,
	"reference": true, "urlstatus": true, "urlhauslink": true, "malware": true, "malwarealias": true, "fkmalware": true, "campaign": true, "severity": true, "title": true,
	"size": true, "author": true, "lastonline": true, "anonymous": true, "createdon": true, "created": true, "stage": true, "platform": true, "objectrelation": true, "attributetag": true}

// readHead takes cells for the names of columns; nil if they are none.
func readHead(cells []string) *columns {
	c := &columns{head: true, value: -1, kind: -1, note: -1, match: -1, typed: make([]Kind, len(cells))}
	data, values := -1, 0
	known := 0
	for i, cell := range cells {
		w := word(cell)
		t, typed := types[w]
		switch role := roles[w]; {
		case role == "value":
			known++
			values++
			if c.value < 0 {
				c.value = i
			}
		case role == "data":
			known++
			data = i
		case role == "kind":
			known++
			if c.kind < 0 {
				c.kind = i
			}
		case role == "note":
			known++
			if c.note < 0 {
				c.note = i
			}
		case role == "match":
			known++
			c.match = i
		case typed:
			known++
			if t.reason == "" && t.kind != Unknown {
				c.typed[i] = t.kind
			} else if t.reason == "" && c.value < 0 && w != "link" {
				c.value = i // "hash", "c2"
			}
		case other[w]:
			known++
		case cell == "":
		case strings.ContainsAny(cell, ".:/\\") || len(cell) > 40:
			return nil // an indicator, or prose
		}
	}
	if data >= 0 {
		// "Indicator,Data,Note": where there is data, the indicator is its type.
		if c.value >= 0 && c.kind < 0 {
			c.kind = c.value
		}
		c.value = data
	}
	if c.value >= 0 && c.kind >= 0 {
		// A row has one indicator; a column "file" beside it tells of something else.
		c.typed = make([]Kind, len(cells))
	}
	anyTyped := false
	for _, k := range c.typed {
		anyTyped = anyTyped || k != Unknown
	}
	if !anyTyped {
		c.typed = nil
	}
	if known == 0 || c.value < 0 && !anyTyped {
		return nil
	}
	// A type alone in a row is a row: "domain,example.com".
	if c.kind < 0 && c.note < 0 && known == 1 && len(cells) > 1 && c.value < 0 {
		return nil
	}
	return c
}

func (c *columns) same(d *columns) bool {
	return c.value == d.value && c.kind == d.kind && c.note == d.note && len(c.typed) == len(d.typed)
}

// knownHeads counts the cells of a line that are names of columns.
func knownHeads(line string, separate rune) int {
	n := 0
	for _, cell := range splitHead(line, separate) {
		w := word(cell)
		if _, ok := types[w]; ok || roles[w] != "" || other[w] {
			n++
		}
	}
	return n
}

func splitHead(line string, separate rune) []string {
	line = strings.TrimLeft(line, "#;/ \t")
	if separate == 0 || len(line) > 2000 {
		return []string{line}
	}
	cells := strings.Split(line, string(separate))
	for i := range cells {
		cells[i] = strings.Trim(cells[i], ` "`)
	}
	return cells
}

// guessColumns tells the columns of a row of a list without a head from what is
// in them: the type is what is the name of one, the indicator the first that
// looks like one, and the note the last that is left.
func guessColumns(cells []string) *columns {
	c := &columns{value: -1, kind: -1, note: -1, match: -1}
	for i, cell := range cells {
		if w := word(cell); c.kind < 0 && len(cells) > 1 && (aside[w] || known(w)) {
			c.kind = i
		}
	}
	for i, cell := range cells {
		if i != c.kind && cell != "" && guess(Refang(cell)) != Unknown {
			c.value = i
			break
		}
	}
	for i, cell := range cells { // what no one would take for an indicator, such as the name of a mutex
		if c.value < 0 && i != c.kind && cell != "" {
			c.value = i
		}
	}
	for i := len(cells) - 1; i >= 0 && c.note < 0; i-- {
		if i != c.kind && i != c.value && cells[i] != "" {
			c.note = i
		}
	}
	return c
}

func known(w string) bool { _, ok := types[w]; return ok }
