// Package corpus loads other people's DLLs: whole folders of them, one machine
// for each, to see whether they load, relocate and come to the end of their
// DllMain. It reads no file itself.
package corpus

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"sidetrace/emulator"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Outcome is what became of one DLL.
type Outcome struct {
	Result string   // one of the words below
	Detail string   // a status, an exception, the place where the budget ended
	Gaps   []string // names of what was called and is not modelled, in order
}

// What may become of a DLL. The last two are for who runs it in a process of
// its own.
const (
	True     = "TRUE"     // DllMain returned TRUE
	None     = "none"     // it has no DllMain, and was loaded
	False    = "FALSE"    // DllMain returned FALSE
	Fault    = "fault"    // an exception nobody handled
	Budget   = "budget"   // too many blocks
	Load     = "load"     // it could not be loaded
	Refused  = "refused"  // no PE for x86-64
	Other    = "other"    // the process ended in another way
	Crash    = "crash"    // the emulator itself failed
	TimedOut = "time-out" // it took too long
)

// Ended reports whether the DLL came to the end of its DllMain.
func (o *Outcome) Ended() bool { return o.Result == True || o.Result == False || o.Result == None }

// blocks is more than any initialisation needs.
const blocks = 100_000_000

// Run loads a DLL and calls its DllMain. The folder of system DLLs may be nil;
// beside holds files that lie in the DLL's own folder.
func Run(ctx context.Context, system *emulator.System, name string, dll []byte, beside map[string][]byte, sysroot fs.FS) Outcome {
	const folder = `C:\Corpus\`
	config := guest.Config{
		Image: folder + name, Files: map[string][]byte{}, Unresolved: guest.UnresolvedGap, Sysroot: sysroot,
		Limits: guest.Limits{Blocks: blocks}, Trace: trace.Limits{},
	}
	for f, data := range beside {
		config.Files[folder+f] = data
	}
	config.Files[config.Image] = dll
	m, err := emulator.New(system, config)
	if err != nil {
		return Outcome{Result: Refused, Detail: err.Error()}
	}
	defer m.Close()
	return judge(m.Run(ctx), config.Image)
}

func judge(run *trace.Run, image string) Outcome {
	var o Outcome
	for _, g := range run.Gaps {
		o.Gaps = append(o.Gaps, g.Name)
	}
	ended, result, entered := false, false, false
	for _, b := range run.Behaviours {
		switch f := b.Fields.(type) {
		case trace.DllMainEnter:
			entered = entered || strings.EqualFold(f.Path, image)
		case trace.DllMainReturn:
			if strings.EqualFold(f.Path, image) && f.Reason == "process_attach" && !ended {
				ended, result = true, f.Result
			}
		}
	}
	o.Detail = run.Stop.Detail
	switch {
	case ended && result:
		o.Result = True
	case ended && run.Stop.Reason == trace.StopLoad && run.Stop.ExitCode != guest.StatusDLLInitFailed:
		o.Result = Fault // an exception in DllMain is the load's error
	case !entered && run.Stop.Reason == trace.StopExit:
		o.Result = None
	case ended:
		o.Result = False
	case run.Stop.Reason == trace.StopLoad:
		o.Result = Load
	case run.Stop.Reason == trace.StopException:
		o.Result = Fault
	case run.Stop.Reason == trace.StopBlocks || run.Stop.Reason == trace.StopWall:
		o.Result = Budget
	case run.Stop.Reason == trace.StopInternal:
		o.Result = Crash
	default:
		o.Result = Other
	}
	return o
}

// Sources are the folders whose DLLs are tried, all of Debian packages that
// deps.sh corpus installs.
func Sources() []string {
	return slices.Clone(sources)
}

var sources = []string{
	Wine,
	"/usr/x86_64-w64-mingw32/lib",
	"/usr/x86_64-w64-mingw32/bin",
	"/usr/lib/gcc/x86_64-w64-mingw32/*-win32",
	"/usr/lib/gcc/x86_64-w64-mingw32/*-win32/adalib",
	"/usr/lib/gcc/x86_64-w64-mingw32/*-posix",
	"/usr/lib/gcc/x86_64-w64-mingw32/*-posix/adalib",
	"/usr/share/nsis/Plugins/amd64-unicode",
}

// Wine is the folder of Wine's system DLLs, Tables that of its tables of languages.
const (
	Wine   = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows"
	Tables = "/usr/share/wine/nls"
)
