package shell32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/shell32"
	"sidetrace/emulator/win/wintest"
)

// TestHostile calls every function with arguments of a hostile guest.
func TestHostile(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 5, append(kernel32.Tables(), shell32.Table())[2:]...)
}
