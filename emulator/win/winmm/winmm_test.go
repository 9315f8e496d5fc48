package winmm_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/winmm"
	"sidetrace/emulator/win/wintest"
)

// TestHostile calls every function with arguments of a hostile guest. What the
// functions do is compared with Wine by the programs of emulator/testdata.
func TestHostile(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 20, winmm.Table())
}
