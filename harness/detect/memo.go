package detect

import (
	"runtime"
	"sync"
	"weak"
)

// Memo keeps what an engine makes of a subject (its hashes, its tables) for as
// long as the subject is in use, so that Detect and the Explain of every silent
// rule make it once. It may be used at the same time; the zero Memo is empty.
type Memo[T any] struct {
	mu   sync.Mutex
	made map[weak.Pointer[Subject]]*entry[T]
}

type entry[T any] struct {
	once  sync.Once
	value T
}

// Get returns what build made of the subject when it was first asked for.
// When nothing refers to the subject any more, what was made is released, which
// may be nil. It must not hold the subject itself.
func (m *Memo[T]) Get(s *Subject, build func() T, release func(T)) T {
	key := weak.Make(s)
	m.mu.Lock()
	e := m.made[key]
	if e == nil {
		if m.made == nil {
			m.made = map[weak.Pointer[Subject]]*entry[T]{}
		}
		e = &entry[T]{}
		m.made[key] = e
		runtime.AddCleanup(s, func(key weak.Pointer[Subject]) {
			m.mu.Lock()
			delete(m.made, key)
			m.mu.Unlock()
			if release != nil {
				release(e.value)
			}
		}, key)
	}
	m.mu.Unlock()
	e.once.Do(func() { e.value = build() })
	return e.value
}
