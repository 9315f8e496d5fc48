package harness

import (
	"context"

	"sidetrace/emulator"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Emulator runs machines on the emulator.
func Emulator(system *emulator.System) Machine {
	return func(ctx context.Context, config guest.Config) (*trace.Run, error) {
		m, err := emulator.New(system, config)
		if err != nil {
			return nil, err
		}
		defer m.Close()
		return m.Run(ctx), nil
	}
}
