package bcrypt_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/bcrypt"
	"sidetrace/emulator/win/wintest"
)

func TestHostileArguments(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 20, bcrypt.Table(), bcrypt.NCrypt())
}
