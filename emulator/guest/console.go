package guest

import "sidetrace/emulator/trace"

// Console is one of the program's standard streams.
type Console struct {
	Stream string // "stdin", "stdout", "stderr"
}

func (*Console) Type() string { return "File" }

// openConsole gives the process its standard handles.
func (p *Process) openConsole() {
	p.Stdin = p.Handles.Add(&Console{"stdin"})
	p.Stdout = p.Handles.Add(&Console{"stdout"})
	p.Stderr = p.Handles.Add(&Console{"stderr"})
}

// Print records what the guest writes to a standard stream.
func (p *Process) Print(c *Console, text []byte) {
	if n := p.Recorder.Console(text); n > 0 {
		p.Emit(trace.ConsoleWrite{Stream: c.Stream, Text: string(AppendANSI(nil, text[:n]))})
	}
}
