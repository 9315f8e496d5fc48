package bcrypt

import "sidetrace/emulator/win"

var randomRows = win.Rows{
	win.Func4("BCryptGenRandom", genRandom, "hAlgorithm pbBuffer cbBuffer dwFlags"),
}

// genRandom fills a buffer from the machine's seeded generator, whichever
// generator is asked for.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptgenrandom
func genRandom(c *win.Call, hAlgorithm win.Handle, pbBuffer win.Ptr, cbBuffer win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	const systemPreferred = 2 // BCRYPT_USE_SYSTEM_PREFERRED_RNG
	if hAlgorithm == 0 && dwFlags&systemPreferred == 0 {
		return win.StatusInvalidHandle, 0
	}
	if hAlgorithm != 0 {
		p, ok := algorithmOf(c, hAlgorithm)
		if !ok || p.name != "RNG" || dwFlags&systemPreferred != 0 {
			return win.StatusInvalidHandle, 0
		}
	}
	if pbBuffer == 0 {
		return win.StatusInvalidParameter, 0
	}
	c.Random.Fill(c.Buffer(pbBuffer, uint64(cbBuffer)))
	return win.StatusSuccess, 0
}
