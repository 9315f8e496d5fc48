package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"sidetrace/emulator/guest"
	"sidetrace/scenarios"
)

// limits is how far a traced program may go. What is zero is the machine's.
type limits struct {
	blocks  uint64
	virtual timeValue
	memory  sizeValue
	wall    timeValue
}

func (l *limits) flags(f *pflag.FlagSet) {
	l.virtual.most, l.wall.most = scenarios.MaxVirtual, scenarios.MaxWall
	f.Uint64Var(&l.blocks, "blocks", 0, "stop after this `number` of basic blocks; default 500 million")
	f.Var(&l.virtual, "virtual", "stop at this virtual time, such as 1h30m or 30d; default 366d")
	f.Var(&l.memory, "memory", "memory the program may commit, such as 512MiB; default 1GiB")
	f.Var(&l.wall, "wall", "stop after this real time, such as 20s; default none")
}

// apply sets them. The context ends with the real time.
func (l *limits) apply(ctx context.Context, c *guest.Config) (context.Context, context.CancelFunc) {
	if l.blocks > 0 {
		c.Limits.Blocks = l.blocks
	}
	if l.virtual.d > 0 {
		c.Limits.Virtual = l.virtual.d
	}
	if l.memory > 0 {
		c.Limits.Memory = uint64(l.memory)
	}
	if l.wall.d > 0 {
		return context.WithTimeoutCause(ctx, l.wall.d, errOutOfTime)
	}
	return context.WithCancel(ctx)
}

// errOutOfTime is why a run ended at its --wall.
var errOutOfTime = errors.New("the real time of --wall has passed")

// timeValue is a flag with a time, as scenarios write it.
type timeValue struct{ d, most time.Duration }

func (v *timeValue) Set(text string) (err error) {
	if v.d, err = scenarios.ParseDuration(text); err == nil && (v.d <= 0 || v.d > v.most) {
		err = fmt.Errorf("more than 0 and at most %s", v.most)
	}
	return err
}

func (v *timeValue) String() string {
	if v.d == 0 {
		return ""
	}
	return v.d.String()
}

func (*timeValue) Type() string { return "time" }

// sizeValue is a flag with a number of bytes, as scenarios write it.
type sizeValue uint64

func (v *sizeValue) Set(text string) error {
	n, err := scenarios.ParseSize(text)
	if err == nil && (n < scenarios.MinMemory || n > scenarios.MaxMemory) {
		err = fmt.Errorf("from %d MiB to %d MiB", scenarios.MinMemory>>20, scenarios.MaxMemory>>20)
	}
	*v = sizeValue(n)
	return err
}

func (v *sizeValue) String() string {
	if *v == 0 {
		return ""
	}
	return fmt.Sprint(uint64(*v))
}

func (*sizeValue) Type() string { return "size" }
