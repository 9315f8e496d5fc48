package guest

// Condition is something threads wait for that is no object of its own: data
// at a socket, a free place in a buffer.
type Condition struct {
	What string // for the report of a deadlock
	Met  func() bool
}

func (c *Condition) Type() string       { return c.What }
func (c *Condition) ready(*Thread) bool { return c.Met() }
func (*Condition) acquire(*Thread)      {}
