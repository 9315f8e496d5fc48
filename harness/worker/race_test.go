//go:build race

package worker_test

// outOfMemory is how a worker ends that gets no memory: the race detector's
// allocator is the first to notice, and says no more than this.
const outOfMemory = "exit status 66"
