package worker

// KillIdle kills the workers that wait, and leaves it to the pool to find out.
func (p *Pool) KillIdle() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.idle {
		_ = w.cmd.Process.Kill()
	}
	return len(p.idle)
}
