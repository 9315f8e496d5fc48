package secur32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/secur32"
	"sidetrace/emulator/win/wintest"
)

// TestHostile calls every function with arguments of a hostile guest.
func TestHostile(t *testing.T) { wintest.Monkey(t, guest.Config{}, 20, secur32.Table()) }
