package html

import (
	"cmp"
	"fmt"
	"slices"

	"sidetrace/reports"
)

// Measures of the picture, in pixels.
const (
	boxWidth    = 226
	boxHeight   = 54
	boxGap      = 34 // between boxes of a row
	labelHeight = 17
	arrowRoom   = 34 // between rows, beside the labels of arrows
	margin      = 70 // labels beside the outermost arrows reach beyond the boxes
	top         = 14
	leastWidth  = 820 // the page shrinks a picture to its own width, and not below this
	titleRunes  = 27  // that fit in a box
	subRunes    = 36
)

// picture is a chain laid out, for the template to draw: rows from top to
// bottom, each node below those that lead to it, the labels of arrows above the
// node they lead to.
type picture struct {
	Tip           string // id of the arrow's tip in the page
	Width, Height int
	Boxes         []box
	Left          int // how many were left out
	Arrows        []arrow
}

type box struct {
	node
	X, Y, Width, Height int
	Middle              int // x of the text
	TitleY, SubY        int
	ShortTitle          string
	ShortSub            string
}

type arrow struct {
	edge
	Path           string
	LabelX, LabelY int
	Anchor         string // of the label: "start", "middle", "end"
	From, To       string // titles, for the picture in words
}

// draw lays the chain of scenario n out. The result depends on nothing but the chain.
func draw(c *chain, n int) *picture {
	p := &picture{Tip: fmt.Sprintf("tip-%d", n), Left: len(c.left)}
	boxes := make([]box, len(c.nodes))
	incoming := make([][]int, len(c.nodes)) // edges by their target
	for i, e := range c.edges {
		incoming[e.to] = append(incoming[e.to], i)
	}
	var rows [][]int
	for i, n := range c.nodes {
		boxes[i] = box{node: n, Width: boxWidth, Height: boxHeight, ShortTitle: shorten(n.Title, titleRunes), ShortSub: shorten(n.Sub, subRunes)}
		for len(rows) <= n.rank {
			rows = append(rows, nil)
		}
		rows[n.rank] = append(rows[n.rank], i)
	}
	widest := 0
	for _, row := range rows {
		widest = max(widest, len(row)*(boxWidth+boxGap)-boxGap)
	}
	p.Width = max(widest+2*margin, leastWidth)
	y := top
	for _, row := range rows {
		if len(row) == 0 {
			continue
		}
		labels := 0
		for _, i := range row {
			labels = max(labels, len(incoming[i]))
		}
		if labels > 0 {
			y += arrowRoom + max(labels-1, 1)*labelHeight
		}
		placeRow(row, boxes, c.edges, incoming, p.Width)
		for _, i := range row {
			b := &boxes[i]
			b.Y, b.Middle, b.TitleY, b.SubY = y, b.X+boxWidth/2, y+23, y+41
		}
		y += boxHeight
	}
	p.Height = y + top
	for to, list := range incoming {
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(boxes[c.edges[a].from].X, boxes[c.edges[b].from].X) })
		for k, i := range list {
			p.Arrows = append(p.Arrows, join(c.edges[i], boxes[c.edges[i].from], boxes[to], k, len(list), boxes))
		}
	}
	slices.SortStableFunc(p.Arrows, func(a, b arrow) int { return cmp.Compare(a.Seq-1, b.Seq-1) }) // what is missing, without a number, last
	p.Boxes = boxes
	return p
}

// placeRow puts the boxes of a row as near below what leads to them as the
// width allows.
func placeRow(row []int, boxes []box, edges []edge, incoming [][]int, width int) {
	want := map[int]int{}
	for _, i := range row {
		sum, n := 0, 0
		for _, e := range incoming[i] {
			if from := edges[e].from; boxes[from].rank < boxes[i].rank {
				sum += boxes[from].X
				n++
			}
		}
		want[i] = (width - boxWidth) / 2
		if n > 0 {
			want[i] = sum / n
		}
	}
	slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(want[a], want[b]) })
	sum, next := 0, margin
	for k, i := range row {
		sum += want[i] - k*(boxWidth+boxGap)
		boxes[i].X = k * (boxWidth + boxGap)
	}
	// As one group around the mean of what is wanted, within the margins.
	last := width - margin - len(row)*(boxWidth+boxGap) + boxGap
	next = min(max(sum/len(row), margin), max(last, margin))
	for _, i := range row {
		boxes[i].X += next
	}
}

// join draws the arrow that is number k of n at its target. Its label stands
// beside it, on the side it does not come from.
func join(e edge, from, to box, k, n int, boxes []box) arrow {
	x := to.X + to.Width*(k+1)/(n+1)
	y := to.Y - 2
	a := arrow{edge: e, LabelX: x, LabelY: to.Y - 12, Anchor: "middle", From: from.Title, To: to.Title}
	switch {
	case n > 2: // one above the other
		a.LabelY -= labelHeight * (n - 1 - k)
	case n == 2 && k == 0, n == 1 && from.Middle >= x:
		a.LabelX, a.Anchor = x-8, "end"
	default:
		a.LabelX, a.Anchor = x+8, "start"
	}
	if from.rank >= to.rank { // upwards or beside: around the right
		side := max(from.X+from.Width, to.X+to.Width) + 24
		a.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", from.X+from.Width, from.Y+from.Height/2, side, from.Y, side, to.Y-30, x, y)
		return a
	}
	// From row to row, through the gaps of those between.
	atX, atY := from.Middle, from.Y+from.Height
	path := fmt.Sprintf("M%d %d", atX, atY)
	curve := func(x, y int) {
		half := (y - atY) / 2
		path += fmt.Sprintf("C%d %d %d %d %d %d", atX, atY+half, x, y-half, x, y)
		atX, atY = x, y
	}
	for rank := from.rank + 1; rank < to.rank; rank++ {
		if gap, row := gapNear((atX+x)/2, rank, boxes); row > 0 {
			curve(gap, row)
			path += fmt.Sprintf("V%d", row+boxHeight)
			atY = row + boxHeight
		}
	}
	curve(x, y)
	a.Path = path
	return a
}

// gapNear is where a line passes a row of boxes, as near to x as may be, and
// the row's y; 0 for a row without boxes.
func gapNear(x, rank int, boxes []box) (gap, y int) {
	best := -1
	for _, b := range boxes {
		if b.rank != rank {
			continue
		}
		y = b.Y
		for _, side := range []int{b.X - boxGap/2, b.X + boxWidth + boxGap/2} {
			if d := max(side-x, x-side); best < 0 || d < best {
				best, gap = d, side
			}
		}
	}
	// A row that does not reach x does not stand in the way.
	for _, b := range boxes {
		if b.rank == rank && x > b.X-boxGap/2 && x < b.X+boxWidth+boxGap/2 {
			return gap, y
		}
	}
	return x, y
}

// shorten makes text fit a box.
func shorten(text string, most int) string {
	text = reports.Printable(text)
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
