// Package advapi32 has the handlers of advapi32.dll: the registry, the older
// CryptoAPI with the base provider's ciphers and hashes, the user and the token
// the program runs with, and event tracing, which nobody listens to.
//
// Access rights are not modelled: whoever opens a key may do anything with it.
package advapi32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// Table returns advapi32.dll.
func Table() win.Table {
	return win.DLL("advapi32.dll",
		keyRows, eventLogRows, policyRows, treeRows, serviceRows, accountRows, enumRows, valueRows, getValueRows, userRows, tokenRows, sidRows,
		securityRows, impersonateRows, systemRows, ntdll.EventRows,
		providerRows, hashRows, cryptKeyRows, keyParamRows, cipherRows, pairRows, protectRows,
	)
}
