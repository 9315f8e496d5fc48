//go:build race

package emulator

// raceDetector says that the race detector watches, which keeps memory of every
// goroutine there ever was.
const raceDetector = true
