package guest

import "slices"

// What of a key a watch is told about: REG_NOTIFY_CHANGE_*.
const (
	ChangedName  = 0x1 // a subkey was made or removed
	ChangedValue = 0x4
)

// Watch sets an event at the next change of a key. What a handle watches for
// is settled by its first watch.
type Watch struct {
	Handle  Handle // by which the key is watched; closing it is a change too
	Subtree bool
	Filter  uint32
	Event   *Event
}

// Watch watches for one change.
func (k *Key) Watch(w Watch) {
	for i := range k.watches {
		if k.watches[i].Handle == w.Handle {
			k.watches[i].Event = w.Event
			return
		}
	}
	k.watches = append(k.watches, w)
}

// Changed tells those who watch the key, or one above with its subtree.
func (k *Key) Changed(what uint32) {
	for at := k; at != nil; at = at.parent {
		for i := range at.watches {
			if w := &at.watches[i]; w.Event != nil && w.Filter&what != 0 && (at == k || w.Subtree) {
				w.Event.Set, w.Event = true, nil
			}
		}
	}
}

// Unwatch ends the watches of a handle that is closed.
func (k *Key) Unwatch(h Handle) {
	k.watches = slices.DeleteFunc(k.watches, func(w Watch) bool {
		if w.Handle == h && w.Event != nil {
			w.Event.Set = true
		}
		return w.Handle == h
	})
}

// Watches is how many watch the key.
func (k *Key) Watches() int { return len(k.watches) }
