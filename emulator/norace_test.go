//go:build !race

package emulator

// raceDetector: see race_test.go.
const raceDetector = false
