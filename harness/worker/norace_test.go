//go:build !race

package worker_test

// outOfMemory is how a worker ends that gets no memory.
const outOfMemory = "out of memory"
