package guest

// Script makes the program's first thread run fn in place of the program,
// once everything is loaded. Tests of handlers call them from there. It must
// be set before [Process.Run].
func (p *Process) Script(fn func(t *Thread)) { p.script = fn }
