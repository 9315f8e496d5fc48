package trace

// Moment names when the memory of a process is kept. A [ProcessImage] tells of
// each region that was.
type Moment string

const (
	MomentDLLMain  Moment = "dllmain"  // a DLL of the guest has returned from its entry point, called for DLL_PROCESS_ATTACH
	MomentUnpacked Moment = "unpacked" // bytes the guest itself put there are about to run for the first time
	MomentEnd      Moment = "end"      // the run is over, however it ends
)

// Moments lists them.
func Moments() []Moment { return []Moment{MomentDLLMain, MomentUnpacked, MomentEnd} }
