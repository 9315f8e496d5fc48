// Package replicas makes benign replicas of published DLL side-loading chains:
// sets of files that look to detection rules, and behave in the emulator, as
// the real ones did, and that can do nothing anywhere else.
//
//	set, err := replicas.Build("3cx", replicas.Params{Cipher: replicas.XOR})
//
// The set "ordinary" is programs that do nothing of the kind, for false positives.
//
// The PEs are compiled from replicas/src ahead of time and embedded; Build only
// fills in the parameters, in milliseconds and without a compiler. The same
// parameters give the same bytes.
//
// What is not here, by design: Build takes no payload and no host program from
// the caller. The payload is a few dozen instructions of ours that can call
// sidetrace-guard.dll and nothing else, and the unpack step refuses any other
// code (replicas/src/pin). docs/replicas.md tells the whole story.
package replicas
