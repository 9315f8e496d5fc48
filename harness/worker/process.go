package worker

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"sidetrace/emulator/trace"
)

// process is one worker, as the pool sees it.
type process struct {
	cmd      *exec.Cmd
	tasks    *os.File // messages to it
	messages chan message
	recent   recent
	stderr   head
	ended    chan struct{} // closed when its messages are not wanted any more
	ready    bool          // it has answered its setup
	runs     uint64        // that it has said were started
}

type message struct {
	kind kind
	body []byte
}

// start starts a worker and sends it its setup. Whoever calls it must stay on
// one thread as long as the worker is to live.
func start(cmd *exec.Cmd, told Setup) (*process, error) {
	var files [4]*os.File
	closeAll := func(files ...*os.File) {
		for _, f := range files {
			if f != nil {
				f.Close()
			}
		}
	}
	var err error
	if files[0], files[1], err = os.Pipe(); err != nil {
		return nil, err
	}
	if files[2], files[3], err = os.Pipe(); err != nil {
		closeAll(files[:]...)
		return nil, err
	}
	p := &process{cmd: cmd, tasks: files[1], messages: make(chan message), ended: make(chan struct{})}
	if p.recent, err = newRecent(); err != nil {
		closeAll(files[:]...)
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{files[0], files[3], p.recent.file} // from descriptor 3 on
	cmd.Stderr = &p.stderr
	cmd.WaitDelay = time.Second
	// Its own group, so that a terminal's Ctrl-C is the pool's alone to act on.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	err = cmd.Start()
	closeAll(files[0], files[3])
	if err != nil {
		closeAll(files[1], files[2], p.recent.file)
		return nil, err
	}
	go p.read(files[2])
	_ = send(p.tasks, setup, told) // fails if it has died, which is found out when it does not answer
	return p, nil
}

// read hands messages over until there are no more.
func (p *process) read(results *os.File) {
	defer results.Close()
	defer close(p.messages)
	r := bufio.NewReaderSize(results, 64<<10)
	for {
		k, body, err := receive(r)
		if err != nil {
			return
		}
		select {
		case p.messages <- message{k, body}:
		case <-p.ended:
			return
		}
	}
}

// last is the last behaviours of its present run, unless that is one of those
// begun before. It must not have been ended.
func (p *process) last(before uint64) []trace.Behaviour {
	if p.runs == before {
		return nil
	}
	return p.recent.last(p.runs)
}

// end makes sure that the worker has ended, and says of what if it did so by
// itself. It may be called once.
func (p *process) end() string {
	close(p.ended)
	_ = p.cmd.Process.Kill() // it may be dead
	_ = p.cmd.Wait()         // says what ProcessState says
	p.tasks.Close()
	p.recent.file.Close()
	return cause(p.cmd.ProcessState, p.stderr.bytes())
}

// cause is what a process died of: what it said last, or else its signal or
// code.
func cause(state *os.ProcessState, stderr []byte) string {
	for line := range strings.Lines(string(stderr)) {
		line = strings.TrimRight(line, "\n")
		for _, start := range []string{"fatal error: ", "SIG", "panic: ", "runtime: out of memory"} {
			if strings.HasPrefix(line, start) {
				return strings.TrimPrefix(strings.TrimPrefix(line, "fatal error: "), "runtime: ")
			}
		}
	}
	if state == nil {
		return "unknown"
	}
	return state.String()
}

// head keeps the beginning of what is written to it: a dying Go program says
// first what of.
type head struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const maxHead = 8 << 10

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buf.Write(p[:min(len(p), maxHead-h.buf.Len())])
	return len(p), nil
}

func (h *head) bytes() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return bytes.Clone(h.buf.Bytes())
}
