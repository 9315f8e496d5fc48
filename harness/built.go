package harness

import (
	"fmt"
	"sync"

	"sidetrace/scenarios"
)

// builtReplicas keeps the sets a runner has built. Building one takes as long
// as running it, and a scenario and its twins mostly want the same.
type builtReplicas struct {
	mu   sync.Mutex
	sets map[string]map[string][]byte // by name and settings
}

// maxBuilt bounds the sets that are kept; a corpus of variants has one each.
const maxBuilt = 64

// get builds a set, or returns the one that was built before. Its files must
// not be modified. Failures are not kept.
func (b *builtReplicas) get(build BuildReplicas, name string, parameters []scenarios.Parameter) (map[string][]byte, error) {
	key := name
	for _, p := range parameters {
		key += fmt.Sprintf("\x00%q=%q", p.Key, p.Value)
	}
	b.mu.Lock()
	set, ok := b.sets[key]
	b.mu.Unlock()
	if ok {
		return set, nil
	}
	set, err := build(name, parameters)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sets == nil || len(b.sets) == maxBuilt {
		b.sets = map[string]map[string][]byte{}
	}
	b.sets[key] = set
	return set, nil
}
