package main

import (
	"context"
	"errors"
	"runtime/debug"

	"sidetrace/emulator"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/loaders"
)

// withMachine calls f with a function that runs a machine and returns its
// record. The system DLLs are built once, for all machines f runs.
func withMachine(f func(run func(context.Context, guest.Config) (*trace.Run, error)) error) error {
	// Collecting while they are built is a fifth of a short run, and there is
	// little to collect.
	percent := debug.SetGCPercent(400)
	system, err := emulator.NewSystem()
	debug.SetGCPercent(percent)
	if err != nil {
		return internal(err, "sidetrace doctor examines the library")
	}
	defer system.Close()
	return f(func(ctx context.Context, config guest.Config) (*trace.Run, error) {
		m, err := emulator.New(system, config)
		if err != nil {
			return nil, err
		}
		defer m.Close()
		return m.Run(ctx), nil
	})
}

// sampleError passes on what a loader says of a sample it refuses.
func sampleError(err error) error {
	var broken *loaders.Error
	var unsupported *loaders.UnsupportedError
	switch {
	case errors.As(err, &broken):
		return usage(err, broken.Hint)
	case errors.As(err, &unsupported):
		return usage(err, unsupported.Hint)
	case errors.Is(err, guest.ErrNoDLL):
		return usage(err, "")
	}
	return internal(err, "")
}
