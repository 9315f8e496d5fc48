package wtsapi32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/wintest"
	"sidetrace/emulator/win/wtsapi32"
)

// TestHostile calls every function with arguments of a hostile guest. What the
// functions do is compared with Wine by the programs of emulator/testdata.
func TestHostile(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 20, wtsapi32.Table())
}
