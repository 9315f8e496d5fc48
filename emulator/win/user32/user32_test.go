package user32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/user32"
	"sidetrace/emulator/win/wintest"
)

// TestHostile calls every function with arguments of a hostile guest. What the
// functions do is compared with Wine by the programs of emulator/testdata.
func TestHostile(t *testing.T) {
	wintest.Monkey(t, guest.Config{Limits: guest.Limits{Virtual: 1 << 40}}, 4, user32.Table())
}
