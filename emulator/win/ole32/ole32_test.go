package ole32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/ole32"
	"sidetrace/emulator/win/wintest"
)

// TestHostile calls every function with arguments of a hostile guest.
func TestHostile(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 10, ole32.Tables()[:1]...)
}
